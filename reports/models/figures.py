"""Dossiers, satisfaction, indicators and practices: figures that stand beside the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from districts.models import Unit

from .sources import Scope, Sourced

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Period(models.Model):
    """From one day to another, both included."""

    starts_on = models.DateField(_("từ ngày"))
    ends_on = models.DateField(_("đến ngày"))

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")),
                name="%(app_label)s_%(class)s_period",
                violation_error_message=_("Ngày kết thúc kỳ phải bằng hoặc sau ngày bắt đầu."),
            )
        ]


class DossierField(models.Model):
    """A field of procedures (lĩnh vực): đất đai, hộ tịch …"""

    slug = models.SlugField(_("mã"), max_length=60, unique=True)
    name = models.CharField(_("tên"), max_length=160)

    class Meta:
        verbose_name = _("lĩnh vực thủ tục")
        verbose_name_plural = _("lĩnh vực thủ tục")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


def _count(label: StrPromise) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(label, null=True, blank=True)


def _percent(label: StrPromise) -> models.DecimalField:
    return models.DecimalField(label, max_digits=7, decimal_places=3, null=True, blank=True)


class DossierCount(Sourced, Period):
    """The counts of form II.06/VPCP/KSTT as a source printed them, totals included.

    Nothing is derived on save: what is not printed stays empty, and what contradicts itself stays so.
    """

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="dossier_counts", verbose_name=_("đơn vị giải quyết")
    )
    scope = models.CharField(_("phạm vi"), max_length=9, choices=Scope.choices)
    field = models.ForeignKey(
        DossierField, models.PROTECT, null=True, blank=True, related_name="counts", verbose_name=_("lĩnh vực")
    )
    received = _count(_("tiếp nhận"))
    received_online = _count(_("tiếp nhận trực tuyến"))
    received_direct = _count(_("tiếp nhận trực tiếp, bưu chính"))
    carried_over = _count(_("từ kỳ trước"))
    resolved = _count(_("đã giải quyết"))
    resolved_early = _count(_("trước hạn"))
    resolved_on_time = _count(_("đúng hạn"))
    resolved_late = _count(_("quá hạn"))
    # Where a source gives "đúng và trước hạn" in one figure.
    on_time_or_early = _count(_("trước và đúng hạn"))
    pending = _count(_("đang giải quyết"))
    pending_on_time = _count(_("đang giải quyết, trong hạn"))
    pending_late = _count(_("đang giải quyết, quá hạn"))
    # Where a source says "trễ hạn" without saying of what.
    late_unspecified = _count(_("trễ hạn (nguồn không nói rõ)"))
    awaiting_supplement = _count(_("chờ bổ sung"))
    suspended = _count(_("tạm dừng xử lý"))
    returned = _count(_("trả lại, không đủ điều kiện"))
    withdrawn = _count(_("rút hồ sơ"))
    digitised_on_receipt = _count(_("số hóa khi tiếp nhận"))
    digitised_results = _count(_("số hóa trên hồ sơ đã giải quyết"))
    printed_on_time_rate = _percent(_("tỷ lệ trước và đúng hạn theo nguồn (%)"))
    printed_digitised_rate = _percent(_("tỷ lệ số hóa theo nguồn (%)"))

    class Meta:
        verbose_name = _("số liệu hồ sơ")
        verbose_name_plural = _("số liệu hồ sơ")
        ordering = ["unit", "scope", "starts_on"]
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["unit", "scope", "field", "starts_on", "ends_on", "source"],
                name="reports_dossiercount_once",
            ),
            models.UniqueConstraint(
                fields=["unit", "scope", "starts_on", "ends_on", "source"],
                condition=Q(field__isnull=True),
                name="reports_dossiercount_all_fields_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.get_scope_display()} · {self.starts_on:%d/%m/%Y}–{self.ends_on:%d/%m/%Y}"


class Satisfaction(Sourced, Period):
    """How people judged the service: turns at the counter or a survey, with what is known of the sample."""

    class Kind(models.TextChoices):
        RATING = "rating", _("đánh giá tại bộ phận một cửa")
        SIPAS = "sipas", _("khảo sát mức độ hài lòng (SIPAS)")
        SURVEY = "survey", _("điều tra xã hội học")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="satisfaction", verbose_name=_("đơn vị"))
    scope = models.CharField(_("phạm vi"), max_length=9, choices=Scope.choices)
    kind = models.CharField(_("loại"), max_length=6, choices=Kind.choices)
    satisfied = _count(_("hài lòng và rất hài lòng"))
    respondents = _count(_("lượt, người đánh giá"))
    percent = _percent(_("tỷ lệ theo nguồn (%)"))
    percent_change = _percent(_("tăng, giảm theo nguồn (điểm phần trăm)"))
    # {"5": 120, "4": 40, …}, lowest level "1"; 3 to 5 levels, as the source counts.
    level_counts = models.JSONField(_("số lượt từng mức"), default=dict, blank=True)
    is_random_sample = models.BooleanField(_("mẫu ngẫu nhiên"), default=False)

    class Meta:
        verbose_name = _("mức độ hài lòng")
        verbose_name_plural = _("mức độ hài lòng")
        ordering = ["unit", "scope", "starts_on"]
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["unit", "scope", "kind", "starts_on", "ends_on", "source"],
                name="reports_satisfaction_once",
            ),
            models.CheckConstraint(
                condition=Q(satisfied__isnull=True)
                | Q(respondents__isnull=True)
                | Q(satisfied__lte=F("respondents")),
                name="reports_satisfaction_part_of_whole",
                violation_error_message=_("Số hài lòng không thể lớn hơn số lượt đánh giá."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.get_kind_display()} · {self.ends_on:%Y}"


class Indicator(models.Model):
    """Something counted every year beside the index: catalogue entry."""

    class Direction(models.TextChoices):
        UP = "up", _("càng cao càng tốt")
        DOWN = "down", _("càng thấp càng tốt")
        NONE = "none", _("không xếp tốt, xấu")

    class Topic(models.TextChoices):
        DIRECTION = "direction", _("Chỉ đạo, điều hành")
        INSTITUTIONS = "institutions", _("Cải cách thể chế")
        PROCEDURES = "procedures", _("Thủ tục hành chính")
        ORGANISATION = "organisation", _("Tổ chức bộ máy")
        PERSONNEL = "personnel", _("Cán bộ, công chức")
        FINANCE = "finance", _("Tài chính công")
        DIGITAL = "digital", _("Chính quyền điện tử, chính quyền số")
        ECONOMY = "economy", _("Kinh tế - xã hội")

    slug = models.SlugField(_("mã"), max_length=80, unique=True)
    name = models.CharField(_("tên"), max_length=300)
    topic = models.CharField(_("nhóm"), max_length=12, choices=Topic.choices)
    unit_of_measure = models.CharField(_("đơn vị tính"), max_length=40, blank=True)
    direction = models.CharField(_("chiều"), max_length=4, choices=Direction.choices, default=Direction.NONE)
    order = models.PositiveSmallIntegerField(_("thứ tự"), default=0)

    class Meta:
        verbose_name = _("chỉ tiêu")
        verbose_name_plural = _("chỉ tiêu")
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.name


class Observation(Sourced):
    """An indicator's value for a unit: at a day, or over a period where `starts_on` is given."""

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="observations", verbose_name=_("chỉ tiêu")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="observations", verbose_name=_("đơn vị"))
    scope = models.CharField(_("phạm vi"), max_length=9, choices=Scope.choices)
    starts_on = models.DateField(_("từ ngày"), null=True, blank=True)
    ends_on = models.DateField(_("đến ngày"))
    value = models.DecimalField(_("giá trị"), max_digits=18, decimal_places=4, null=True, blank=True)
    numerator = models.DecimalField(_("tử số"), max_digits=18, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(_("mẫu số"), max_digits=18, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("số liệu chỉ tiêu")
        verbose_name_plural = _("số liệu chỉ tiêu")
        ordering = ["indicator", "unit", "ends_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "unit", "scope", "ends_on", "source"], name="reports_observation_once"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(numerator__isnull=False, denominator__isnull=False),
                name="reports_observation_has_figure",
                violation_error_message=_("Phải có giá trị, hoặc tử số và mẫu số."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="reports_observation_period",
                violation_error_message=_("Ngày kết thúc kỳ phải bằng hoặc sau ngày bắt đầu."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.unit} · {self.ends_on:%Y}"


class Initiative(Sourced, Period):
    """A model or innovation a unit put to work, with what it saved."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="initiatives", verbose_name=_("đơn vị"))
    name = models.CharField(_("tên"), max_length=300)
    description = models.TextField(_("nội dung"), blank=True)
    dossiers = _count(_("hồ sơ"))
    hours_saved = models.DecimalField(
        _("giờ tiết kiệm"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    dong_saved = models.DecimalField(
        _("đồng tiết kiệm"), max_digits=18, decimal_places=0, null=True, blank=True
    )

    class Meta:
        verbose_name = _("sáng kiến, mô hình")
        verbose_name_plural = _("sáng kiến, mô hình")
        ordering = ["unit", "-ends_on", "name"]
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(fields=["unit", "name", "source"], name="reports_initiative_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Activity(Sourced, Period):
    """Something done: training, inspection, award, reorganisation, plan; dated and sourced."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("kế hoạch, mục tiêu")
        DIRECTION = "direction", _("chỉ đạo, điều hành")
        TRAINING = "training", _("đào tạo, bồi dưỡng")
        INSPECTION = "inspection", _("kiểm tra")
        COMMUNICATION = "communication", _("tuyên truyền")
        AWARD = "award", _("khen thưởng")
        REORGANISATION = "reorganisation", _("tổ chức bộ máy")
        PERSONNEL = "personnel", _("nhân sự")
        SERVICE = "service", _("phục vụ người dân")
        DIGITAL = "digital", _("chuyển đổi số")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="activities", verbose_name=_("đơn vị"))
    kind = models.CharField(_("loại"), max_length=14, choices=Kind.choices)
    title = models.CharField(_("nội dung"), max_length=400)

    class Meta:
        verbose_name = _("hoạt động")
        verbose_name_plural = _("hoạt động")
        ordering = ["unit", "-ends_on", "kind"]
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(fields=["unit", "title", "source"], name="reports_activity_once"),
        ]

    def __str__(self) -> str:
        return self.title
