"""Assessment years, the scores given in them, and results that only an outside document printed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from districts.models import Organiser, Unit
from reports.terms import term

from .criteria import CriteriaSet, Criterion
from .sources import Sourced

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Group(models.Model):
    """What is ranked side by side within one organiser's year: sở, huyện, xã."""

    slug = models.SlugField(_("địa chỉ"), max_length=30, unique=True)
    name = models.CharField(_("tên"), max_length=120)
    levels = models.JSONField(_("các cấp"), default=list)
    order = models.PositiveSmallIntegerField(_("thứ tự"), default=0)

    class Meta:
        verbose_name = _("nhóm xếp hạng")
        verbose_name_plural = _("nhóm xếp hạng")
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return term(self.name)


class RankingRule(models.TextChoices):
    COMPETITION = "competition", _("đồng hạng thì bỏ hạng kế tiếp (1-2-2-4)")
    DENSE = "dense", _("đồng hạng không bỏ hạng kế tiếp (1-2-2-3)")


class AssessmentYear(models.Model):
    """One organiser's assessment of one group for one index year, with its declared rules."""

    class Stage(models.TextChoices):
        PREPARE = "prepare", _("chuẩn bị")
        SELF_SCORING = "self_scoring", _("tự chấm điểm")
        SUBMITTED = "submitted", _("đã khóa tự chấm điểm")
        ROUND1 = "round1", _("thẩm định lần 1")
        REPLY = "reply", _("giải trình")
        ROUND2 = "round2", _("thẩm định lần 2")
        COUNCIL = "council", _("hội đồng thẩm định")
        FINAL = "final", _("đã chốt kết quả")
        PUBLISHED = "published", _("đã công bố")

    class Basis(models.TextChoices):
        SCORED = "scored", _("chấm điểm theo tiêu chí thành phần")
        TOTALS = "totals", _("chỉ có kết quả tổng hợp")

    class RoundAt(models.TextChoices):
        LEAF = "leaf", _("từng tiêu chí thành phần")
        PART = "part", _("từng phần điểm")
        TOTAL = "total", _("tổng điểm")

    class RankOn(models.TextChoices):
        ROUNDED = "rounded", _("điểm đã làm tròn")
        UNROUNDED = "unrounded", _("điểm chưa làm tròn")

    organiser = models.ForeignKey(Organiser, models.PROTECT, related_name="years", verbose_name=_("cơ quan"))
    year = models.PositiveSmallIntegerField(_("năm đánh giá"))
    group = models.ForeignKey(Group, models.PROTECT, related_name="years", verbose_name=_("nhóm"))
    criteria_set = models.ForeignKey(
        CriteriaSet,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="years",
        verbose_name=_("bộ tiêu chí"),
    )
    stage = models.CharField(_("giai đoạn"), max_length=12, choices=Stage.choices, default=Stage.PREPARE)
    basis = models.CharField(_("cơ sở"), max_length=6, choices=Basis.choices, default=Basis.SCORED)
    # How many units were assessed, where a document says so and the roster itself is not known.
    printed_roster_size = models.PositiveSmallIntegerField(_("số đơn vị theo nguồn"), null=True, blank=True)
    ranking_rule = models.CharField(
        _("quy tắc đồng hạng"), max_length=11, choices=RankingRule.choices, default=RankingRule.COMPETITION
    )
    rank_on = models.CharField(
        _("xếp hạng theo"), max_length=9, choices=RankOn.choices, default=RankOn.ROUNDED
    )
    round_at = models.CharField(_("làm tròn ở"), max_length=5, choices=RoundAt.choices, default=RoundAt.TOTAL)
    digits = models.PositiveSmallIntegerField(_("số chữ số thập phân"), default=2)
    # Whether points out of a smaller maximum (something did not apply, no survey) are brought to full scale.
    is_rescaled = models.BooleanField(_("quy đổi về thang điểm đầy đủ"), default=True)
    # [{"name": "Xuất sắc", "from": "90"}, …] highest first; empty where no bands are known.
    grade_bands = models.JSONField(_("mức xếp loại"), default=list, blank=True)
    current_publication = models.ForeignKey(
        "Publication",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="current_of",
        verbose_name=_("bản công bố hiện hành"),
    )
    has_second_round = models.BooleanField(_("có thẩm định lần 2"), default=True)
    has_council = models.BooleanField(_("có hội đồng thẩm định"), default=True)
    note = models.TextField(_("ghi chú"), blank=True)

    class Meta:
        verbose_name = _("năm đánh giá")
        verbose_name_plural = _("năm đánh giá")
        ordering = ["organiser", "-year", "group"]
        constraints = [
            models.UniqueConstraint(
                fields=["organiser", "year", "group"], name="reports_assessmentyear_once"
            ),
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2100),
                name="reports_assessmentyear_plausible",
                violation_error_message=_("Năm đánh giá phải trong khoảng 2000–2100."),
            ),
            models.CheckConstraint(
                condition=Q(digits__lte=4),
                name="reports_assessmentyear_digits",
                violation_error_message=_("Chỉ làm tròn đến 0–4 chữ số thập phân."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organiser} {self.year} ({self.group})"

    def get_absolute_url(self) -> str:
        return reverse("reports:ranking", args=[self.organiser.slug, self.year, self.group.slug])


class ScoreSheet(models.Model):
    """A unit's place in the roster of a year: the set of sheets opened is N."""

    class Status(models.TextChoices):
        OPEN = "open", _("đang nhập")
        RETURNED = "returned", _("trả lại để sửa")
        SUBMITTED = "submitted", _("đã nộp")
        APPRAISED = "appraised", _("đã thẩm định")
        REPLIED = "replied", _("đã giải trình")
        CLOSED = "closed", _("đã chốt")
        NOT_REPORTED = "not_reported", _("không nộp báo cáo")

    assessment_year = models.ForeignKey(
        AssessmentYear, models.CASCADE, related_name="sheets", verbose_name=_("năm")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sheets", verbose_name=_("đơn vị"))
    status = models.CharField(_("tình trạng"), max_length=12, choices=Status.choices, default=Status.OPEN)
    submitted_at = models.DateTimeField(_("nộp lúc"), null=True, blank=True)
    # A publisher may let one sheet in again after its stage was locked, with a reason, until then.
    reopened_until = models.DateTimeField(_("mở lại đến"), null=True, blank=True)
    note = models.TextField(_("ghi chú"), blank=True)

    class Meta:
        verbose_name = _("phiếu chấm điểm")
        verbose_name_plural = _("phiếu chấm điểm")
        ordering = ["assessment_year", "unit__sort_key"]
        constraints = [
            models.UniqueConstraint(fields=["assessment_year", "unit"], name="reports_scoresheet_once")
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.assessment_year}"


class PointsState(models.TextChoices):
    """A value, or which of the four empty states; an empty state is never 0."""

    VALUE = "value", _("có điểm")
    NOT_ENTERED = "not_entered", _("chưa nhập")
    NOT_ASSESSED = "not_assessed", _("không đánh giá")
    NOT_APPLICABLE = "not_applicable", _("không áp dụng")
    NOT_PUBLISHED = "not_published", _("chưa công bố")


def _points(label: StrPromise) -> models.DecimalField:
    return models.DecimalField(label, max_digits=9, decimal_places=4, null=True, blank=True)


def _state(label: StrPromise) -> models.CharField:
    return models.CharField(
        label, max_length=14, choices=PointsState.choices, default=PointsState.NOT_ENTERED
    )


def points_match_state(model: str, *stages: str) -> list[models.BaseConstraint]:
    """A value has points of 0 or more, an empty state has none: in the database, for each stage."""
    return [
        models.CheckConstraint(
            condition=Q(**{f"{stage}state": PointsState.VALUE, f"{stage}points__gte": 0})
            | (~Q(**{f"{stage}state": PointsState.VALUE}) & Q(**{f"{stage}points__isnull": True})),
            name=f"reports_{model}_{stage}state",
            violation_error_message=_("Có điểm thì điểm phải từ 0 trở lên; không có điểm thì để trống."),
        )
        for stage in stages
    ]


class Score(models.Model):
    """A sheet's values for one leaf: self-scored, appraised and surveyed, each with its own state."""

    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="scores", verbose_name=_("phiếu"))
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, related_name="scores", verbose_name=_("tiêu chí")
    )
    # Goes up with every write: who writes on an older one is told what has changed meanwhile.
    version = models.PositiveIntegerField(default=1, editable=False)
    self_points = _points(_("tự chấm"))
    self_state = _state(_("tình trạng tự chấm"))
    # The unit's values of the rule's variables, exact decimal strings: {"numerator": "98", "denominator": "100"}.
    self_inputs = models.JSONField(_("biến số tự chấm"), default=dict, blank=True)
    # What the unit says of the component: why there is no evidence, what was difficult.
    self_note = models.TextField(_("thuyết minh"), blank=True)
    appraised_points = _points(_("thẩm định"))
    appraised_state = _state(_("tình trạng thẩm định"))
    appraised_reason = models.TextField(_("lý do thẩm định"), blank=True)
    reply = models.TextField(_("giải trình"), blank=True)
    survey_points = _points(_("điều tra xã hội học"))
    survey_state = _state(_("tình trạng điều tra"))

    class Meta:
        verbose_name = _("điểm")
        verbose_name_plural = _("điểm")
        ordering = ["sheet", "criterion__order"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="reports_score_once"),
            *points_match_state("score", "self_", "appraised_", "survey_"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} · {self.criterion.code}"

    def clean(self) -> None:
        super().clean()
        if self.criterion.criteria_set_id != self.sheet.assessment_year.criteria_set_id:
            raise ValidationError({"criterion": _("Tiêu chí không thuộc bộ tiêu chí của năm này.")})
        for stage in ("self_points", "appraised_points", "survey_points"):
            points: Decimal | None = getattr(self, stage)
            limit = self.criterion.max_points
            if points is not None and limit is not None and points > limit:
                raise ValidationError({stage: _("Vượt điểm tối đa %(max)s.") % {"max": limit}})


class OfficialResult(Sourced):
    """What an outside document printed of a unit's result: every figure may be absent."""

    assessment_year = models.ForeignKey(
        AssessmentYear, models.PROTECT, related_name="official_results", verbose_name=_("năm")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="official_results", verbose_name=_("đơn vị"))
    total = _points(_("tổng điểm"))
    total_max = _points(_("điểm tối đa"))
    total_change = _points(_("tăng, giảm điểm"))
    rank = models.PositiveSmallIntegerField(_("hạng"), null=True, blank=True)
    rank_of = models.PositiveSmallIntegerField(_("trên tổng số"), null=True, blank=True)
    rank_change = models.SmallIntegerField(_("tăng (+), giảm (−) bậc"), null=True, blank=True)
    appraised_points = _points(_("điểm thẩm định"))
    appraised_max = _points(_("tối đa thẩm định"))
    appraised_change = _points(_("tăng, giảm điểm thẩm định"))
    appraised_rank = models.PositiveSmallIntegerField(_("hạng thẩm định"), null=True, blank=True)
    survey_points = _points(_("điểm điều tra xã hội học"))
    survey_max = _points(_("tối đa điều tra xã hội học"))
    survey_change = _points(_("tăng, giảm điểm điều tra"))
    survey_rank = models.PositiveSmallIntegerField(_("hạng điều tra xã hội học"), null=True, blank=True)
    grade = models.CharField(_("xếp loại"), max_length=60, blank=True)
    position = models.CharField(_("vị trí nêu trong nguồn"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("kết quả theo nguồn")
        verbose_name_plural = _("kết quả theo nguồn")
        ordering = ["assessment_year", "unit__sort_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment_year", "unit", "source", "quality"], name="reports_officialresult_once"
            ),
            models.CheckConstraint(
                condition=Q(rank__isnull=True) | Q(rank__gte=1),
                name="reports_officialresult_rank",
                violation_error_message=_("Hạng phải từ 1 trở lên."),
            ),
            models.CheckConstraint(
                condition=Q(rank__isnull=True) | Q(rank_of__isnull=True) | Q(rank__lte=models.F("rank_of")),
                name="reports_officialresult_rank_of",
                violation_error_message=_("Hạng không thể lớn hơn số đơn vị được xếp hạng."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.assessment_year}"
