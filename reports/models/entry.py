"""The year's work: deadlines, judgements, evidence, assignments, the council, and files that were read in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from districts.models import AppendOnly, Unit

from .criteria import Criterion
from .years import AssessmentYear, PointsState, Score, points_match_state

if TYPE_CHECKING:
    from django.core.files.storage import Storage


def private_storage() -> Storage:
    """Return where files lie that only the access check serves: outside the web root."""
    return storages["private"]


class Deadline(models.Model):
    """Until when a stage of a year is open; what comes after is late, and refused once the stage is over."""

    assessment_year = models.ForeignKey(
        AssessmentYear, models.CASCADE, related_name="deadlines", verbose_name=_("năm đánh giá")
    )
    stage = models.CharField(_("giai đoạn"), max_length=12, choices=AssessmentYear.Stage.choices)
    at = models.DateTimeField(_("hạn"))

    class Meta:
        verbose_name = _("thời hạn")
        verbose_name_plural = _("thời hạn")
        ordering = ["assessment_year", "at"]
        constraints = [
            models.UniqueConstraint(fields=["assessment_year", "stage"], name="reports_deadline_once")
        ]

    def __str__(self) -> str:
        return f"{self.assessment_year} · {self.get_stage_display()}"


class ImportBatch(models.Model):
    """A file somebody uploaded: who, when, which bytes, what was in it, and what became of it."""

    class Kind(models.TextChoices):
        SCORES = "scores", _("điểm theo tiêu chí thành phần")
        RESULTS = "results", _("kết quả tổng hợp của năm trước")
        CRITERIA = "criteria", _("bộ tiêu chí")
        SURVEY = "survey", _("phiếu điều tra xã hội học")
        DOSSIERS = "dossiers", _("số liệu hồ sơ theo biểu II.06")
        DOSSIER_LIST = "dossier_list", _("danh sách hồ sơ của hệ thống một cửa")
        SATISFACTION = "satisfaction", _("mức độ hài lòng")
        FIGURES = "figures", _("chỉ tiêu, sáng kiến, hoạt động")
        TASKS = "tasks", _("nhiệm vụ")

    class Outcome(models.TextChoices):
        CHECKED = "checked", _("đã kiểm tra, chờ ghi")
        REFUSED = "refused", _("có lỗi, không ghi")
        APPLIED = "applied", _("đã ghi")
        CANCELLED = "cancelled", _("đã bỏ")

    kind = models.CharField(_("loại"), max_length=12, choices=Kind.choices)
    assessment_year = models.ForeignKey(
        AssessmentYear, models.PROTECT, null=True, blank=True, related_name="import_batches"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="import_batches")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("lúc"), default=timezone.now)
    file = models.FileField(_("tệp"), storage=private_storage, upload_to="imports/%Y/%m/", blank=True)
    file_name = models.CharField(_("tên tệp"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(_("kích thước"))
    outcome = models.CharField(_("kết quả"), max_length=9, choices=Outcome.choices)
    rows = models.PositiveIntegerField(_("số dòng"), default=0)
    # {"new": 3, "changed": 2, "unchanged": 50, "errors": 0, "warnings": 1}
    counts = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("tệp đã nhập")
        verbose_name_plural = _("tệp đã nhập")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.file_name


class Judgement(AppendOnly):
    """One value given to a score at one stage; the score itself holds the current ones."""

    class Stage(models.TextChoices):
        SELF = "self", _("tự chấm")
        ROUND1 = "round1", _("thẩm định lần 1")
        REPLY = "reply", _("giải trình")
        ROUND2 = "round2", _("thẩm định lần 2")
        SURVEY = "survey", _("điều tra xã hội học")
        COUNCIL = "council", _("hội đồng thẩm định")

    score = models.ForeignKey(Score, models.PROTECT, related_name="judgements", verbose_name=_("điểm"))
    stage = models.CharField(_("giai đoạn"), max_length=7, choices=Stage.choices)
    state = models.CharField(_("tình trạng"), max_length=14, choices=PointsState.choices)
    points = models.DecimalField(_("điểm"), max_digits=9, decimal_places=4, null=True, blank=True)
    # The rule's variables as given, exact decimal strings: {"numerator": "98", "denominator": "100"}.
    inputs = models.JSONField(_("biến số"), default=dict, blank=True)
    reason = models.TextField(_("lý do"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, blank=True, related_name="judgements")
    at = models.DateTimeField(_("lúc"), default=timezone.now)

    class Meta:
        verbose_name = _("lần chấm")
        verbose_name_plural = _("lần chấm")
        ordering = ["score", "at", "pk"]
        constraints = points_match_state("judgement", "")

    def __str__(self) -> str:
        return f"{self.score} · {self.get_stage_display()}"


class Evidence(models.Model):
    """A document or link that proves a score: a file is served only through the access check."""

    score = models.ForeignKey(Score, models.PROTECT, related_name="evidence", verbose_name=_("điểm"))
    stage = models.CharField(_("giai đoạn"), max_length=7, choices=Judgement.Stage.choices)
    title = models.CharField(_("tên văn bản"), max_length=300)
    number = models.CharField(_("số, ký hiệu"), max_length=80, blank=True)
    dated_on = models.DateField(_("ngày"), null=True, blank=True)
    url = models.URLField(_("đường dẫn"), max_length=500, blank=True)
    file = models.FileField(_("tệp"), storage=private_storage, upload_to="evidence/%Y/%m/", blank=True)
    file_name = models.CharField(_("tên tệp"), max_length=200, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(_("kích thước"), null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("lúc"), default=timezone.now)
    removed_at = models.DateTimeField(_("gỡ lúc"), null=True, blank=True)

    class Meta:
        verbose_name = _("tài liệu kiểm chứng")
        verbose_name_plural = _("tài liệu kiểm chứng")
        ordering = ["score", "at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(url="") & ~Q(file="")) | (~Q(url="") & Q(file="")),
                name="reports_evidence_file_or_link",
                violation_error_message=_("Tài liệu là một tệp hoặc một đường dẫn."),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Assignment(models.Model):
    """Who fills in, approves or appraises a node of the criteria, for one unit or for all of a year."""

    class Task(models.TextChoices):
        ENTER = "enter", _("nhập")
        APPROVE = "approve", _("duyệt")
        APPRAISE = "appraise", _("thẩm định")

    assessment_year = models.ForeignKey(AssessmentYear, models.CASCADE, related_name="assignments")
    # Empty for an appraiser of all units.
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="assignments")
    criterion = models.ForeignKey(
        Criterion, models.CASCADE, related_name="assignments", verbose_name=_("tiêu chí")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="assignments"
    )
    agency = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="agency_assignments")
    task = models.CharField(_("việc"), max_length=8, choices=Task.choices)

    class Meta:
        verbose_name = _("phân công")
        verbose_name_plural = _("phân công")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True) ^ Q(agency__isnull=True),
                name="reports_assignment_user_or_agency",
                violation_error_message=_("Phân công cho một người hoặc một cơ quan."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion} · {self.get_task_display()}"


class CouncilMeeting(models.Model):
    """The appraisal council's decision on a year: valid with more than half of its members (QĐ 4762/QĐ-UBND, 2024)."""

    assessment_year = models.ForeignKey(AssessmentYear, models.CASCADE, related_name="council_meetings")
    held_on = models.DateField(_("ngày họp"))
    minutes_number = models.CharField(_("số biên bản"), max_length=60, blank=True)
    conclusion = models.TextField(_("kết luận"), blank=True)

    class Meta:
        verbose_name = _("phiên họp hội đồng")
        verbose_name_plural = _("phiên họp hội đồng")
        ordering = ["assessment_year", "held_on"]

    def __str__(self) -> str:
        return f"{self.assessment_year} · {self.held_on:%d/%m/%Y}"


class CouncilVote(models.Model):
    """How one member voted; who the member is stays inside the office."""

    class Mode(models.TextChoices):
        PRESENT = "present", _("có mặt")
        WRITING = "writing", _("bằng văn bản")
        ABSENT = "absent", _("vắng mặt")

    meeting = models.ForeignKey(CouncilMeeting, models.CASCADE, related_name="votes")
    member = models.CharField(_("thành viên (chức vụ)"), max_length=160)
    mode = models.CharField(_("hình thức"), max_length=7, choices=Mode.choices)
    agrees = models.BooleanField(_("tán thành"), null=True, blank=True)

    class Meta:
        verbose_name = _("phiếu của thành viên")
        verbose_name_plural = _("phiếu của thành viên")
        ordering = ["meeting", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "member"], name="reports_councilvote_once"),
            models.CheckConstraint(
                condition=~Q(mode="absent") | Q(agrees__isnull=True),
                name="reports_councilvote_absent",
                violation_error_message=_("Thành viên vắng mặt thì không có phiếu."),
            ),
        ]

    def __str__(self) -> str:
        return self.member
