"""What was published: immutable, with the names and the rules of its day copied in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from districts.models import Unit
from reports.terms import term

from .criteria import CriteriaSet, Criterion
from .sources import Source
from .years import AssessmentYear, PointsState, points_match_state


class Immutable(models.Model):
    """A row that is written once; a correction is a new publication."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValidationError(_("Kết quả đã công bố không sửa được; hãy công bố bản đính chính."))
        super().save(*args, **kwargs)


class Publication(Immutable):
    """One version of the published result of an assessment year."""

    assessment_year = models.ForeignKey(
        AssessmentYear, models.PROTECT, related_name="publications", verbose_name=_("năm đánh giá")
    )
    version = models.PositiveSmallIntegerField(_("bản"), default=1)
    decision_number = models.CharField(_("số quyết định"), max_length=60, blank=True)
    decided_on = models.DateField(_("ngày quyết định"), null=True, blank=True)
    published_at = models.DateTimeField(_("công bố lúc"))
    reason = models.TextField(_("lý do"), blank=True)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="publications")
    criteria_set = models.ForeignKey(
        CriteriaSet, models.PROTECT, null=True, blank=True, related_name="publications"
    )
    compared_with = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("so với bản công bố")
    )
    roster_size = models.PositiveSmallIntegerField(_("số đơn vị tham gia"))
    # Copies of the year's rules as they were applied.
    ranking_rule = models.CharField(max_length=11)
    rank_on = models.CharField(max_length=9)
    round_at = models.CharField(max_length=5)
    digits = models.PositiveSmallIntegerField()
    is_rescaled = models.BooleanField(default=True)
    grade_bands = models.JSONField(default=list, blank=True)
    # What its lists say of all units at once: reports.tally. A release before this field published without.
    tally = models.JSONField(null=True, editable=False)

    class Meta:
        verbose_name = _("bản công bố")
        verbose_name_plural = _("bản công bố")
        ordering = ["assessment_year", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["assessment_year", "version"], name="reports_publication_version")
        ]

    def __str__(self) -> str:
        return f"{self.assessment_year} · {self.version}"

    @cached_property
    def compared(self) -> list[PublishedScope]:
        """By what its units were compared, in order; summaries read it for several publications at once."""
        return list(self.scopes.order_by("order"))


class ScopeKind(models.TextChoices):
    TOTAL = "total", _("tổng điểm")
    PART = "part", _("phần điểm")
    AREA = "area", _("lĩnh vực")


class PublishedScope(Immutable):
    """What units were compared by in a publication: the total, a part of the points, an area."""

    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="scopes", verbose_name=_("bản công bố")
    )
    kind = models.CharField(_("loại"), max_length=5, choices=ScopeKind.choices)
    # "total"; "appraised", "survey"; the area's code.
    key = models.CharField(_("mã"), max_length=20)
    title = models.CharField(_("tên"), max_length=400)
    order = models.PositiveSmallIntegerField(_("thứ tự"))
    max_points = models.DecimalField(_("điểm tối đa"), max_digits=9, decimal_places=4, null=True, blank=True)
    ranked_count = models.PositiveSmallIntegerField(_("số đơn vị có hạng"))
    mean = models.DecimalField(_("trung bình"), max_digits=9, decimal_places=4, null=True, blank=True)
    best = models.DecimalField(_("cao nhất"), max_digits=9, decimal_places=4, null=True, blank=True)
    lowest = models.DecimalField(_("thấp nhất"), max_digits=9, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("phạm vi xếp hạng")
        verbose_name_plural = _("phạm vi xếp hạng")
        ordering = ["publication", "order"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "kind", "key"], name="reports_publishedscope_once")
        ]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def label(self) -> str:
        """Its title in the language of the page."""
        return term(self.title)


class NoMovement(models.TextChoices):
    """Why a movement is not given."""

    FIRST = "first", _("chưa có số liệu công bố của năm trước")
    NO_FIGURE = "no_figure", _("không có kết quả ở một trong hai năm")
    MERGED = "merged", _("đơn vị vừa sắp xếp, không so sánh với năm trước")
    SCALE = "scale", _("thang điểm khác nhau")


class Unranked(models.TextChoices):
    """Why a unit has no rank."""

    NOT_REPORTED = "not_reported", _("không nộp báo cáo")
    INCOMPLETE = "incomplete", _("chưa đủ điểm thành phần")
    NOT_ASSESSED = "not_assessed", _("không đánh giá")


class Standing(Immutable):
    """A unit's points and place in one published scope."""

    scope = models.ForeignKey(
        PublishedScope, models.CASCADE, related_name="standings", verbose_name=_("phạm vi")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="standings", verbose_name=_("đơn vị"))
    unit_name = models.CharField(_("tên đơn vị khi công bố"), max_length=160)
    points = models.DecimalField(_("điểm"), max_digits=9, decimal_places=4, null=True, blank=True)
    # Differs from the scope's maximum where something did not apply to the unit.
    max_points = models.DecimalField(_("điểm tối đa"), max_digits=9, decimal_places=4, null=True, blank=True)
    rank = models.PositiveSmallIntegerField(_("hạng"), null=True, blank=True)
    is_tied = models.BooleanField(_("đồng hạng"), default=False)
    unranked = models.CharField(
        _("lý do không xếp hạng"), max_length=12, choices=Unranked.choices, blank=True
    )
    grade = models.CharField(_("xếp loại"), max_length=60, blank=True)
    points_change = models.DecimalField(
        _("tăng, giảm điểm"), max_digits=9, decimal_places=4, null=True, blank=True
    )
    rank_change = models.SmallIntegerField(_("tăng (+), giảm (−) bậc"), null=True, blank=True)
    no_movement = models.CharField(
        _("lý do không so sánh"), max_length=9, choices=NoMovement.choices, blank=True
    )
    criteria_changed = models.BooleanField(_("bộ tiêu chí đã đổi"), default=False)
    roster_changed = models.BooleanField(_("số đơn vị đã đổi"), default=False)

    class Meta:
        verbose_name = _("kết quả xếp hạng")
        verbose_name_plural = _("kết quả xếp hạng")
        constraints = [models.UniqueConstraint(fields=["scope", "unit"], name="reports_standing_once")]
        indexes = [
            models.Index(fields=["unit", "scope"], name="reports_standing_unit"),
            models.Index(fields=["scope", "rank"], name="reports_standing_place"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_name} · {self.scope}"


class PublishedScore(Immutable):
    """A unit's final points on one leaf, as published."""

    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="scores", verbose_name=_("bản công bố")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="published_scores", verbose_name=_("đơn vị"))
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, related_name="published_scores", verbose_name=_("tiêu chí")
    )
    state = models.CharField(_("tình trạng"), max_length=14, choices=PointsState.choices)
    points = models.DecimalField(_("điểm"), max_digits=9, decimal_places=4, null=True, blank=True)
    max_points = models.DecimalField(_("điểm tối đa"), max_digits=9, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("điểm thành phần đã công bố")
        verbose_name_plural = _("điểm thành phần đã công bố")
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "unit", "criterion"], name="reports_publishedscore_once"
            ),
            *points_match_state("publishedscore", ""),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.criterion.code}"
