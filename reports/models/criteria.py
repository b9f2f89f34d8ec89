"""Criteria sets are data: trees of area → criterion → component, with points and rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from districts.models import Dated, Organiser
from reports.terms import term

from .sources import Source

# The kinds of rule whose points are added to, or taken off, the total of the full scale.
ADJUSTMENTS = ("bonus", "penalty")


def adjustment_of(rule: Mapping[str, Any]) -> str:
    """Return "bonus" or "penalty" for a rule that moves the total outside the full scale, "" for any other."""
    kind: str = rule.get("kind", "")
    return kind if kind in ADJUSTMENTS else ""


class CriteriaSetQuerySet(models.QuerySet["CriteriaSet"]):
    def public(self) -> CriteriaSetQuerySet:
        """Select the sets anybody may read: packaged ones, and drafts once a result stands on them."""
        return self.filter(Q(is_draft=False) | Q(publications__isnull=False)).distinct()


class CriteriaSet(Dated):
    """One version of an organiser's criteria, tied to a legal document."""

    class Status(models.TextChoices):
        VERIFIED = "verified", _("đã đối chiếu với văn bản gốc")
        SAMPLE = "sample", _("mẫu minh họa, chưa kiểm chứng")
        FRAME = "frame", _("mới có khung, chưa có phụ lục điểm")

    slug = models.SlugField(_("địa chỉ"), max_length=80, unique=True)
    name = models.CharField(_("tên"), max_length=300)
    organiser = models.ForeignKey(
        Organiser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="criteria_sets",
        verbose_name=_("cơ quan"),
    )
    legal_basis = models.CharField(_("căn cứ pháp lý"), max_length=300, blank=True)
    status = models.CharField(_("tình trạng"), max_length=8, choices=Status.choices)
    # Empty where the document's figure is not known.
    max_points = models.DecimalField(_("điểm tối đa"), max_digits=7, decimal_places=2, null=True, blank=True)
    appraised_max = models.DecimalField(
        _("tối đa thẩm định"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    survey_max = models.DecimalField(
        _("tối đa điều tra xã hội học"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    # The most that all bonuses, all penalties of a year may move the total by, outside the full scale; empty: no limit.
    bonus_max = models.DecimalField(
        _("điểm cộng tối đa cả năm"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    penalty_max = models.DecimalField(
        _("điểm trừ tối đa cả năm"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    # Printed counts, where the tree itself is not known: {"areas": 8, "criteria": 48, "components": 88}.
    printed_counts = models.JSONField(_("số lượng theo văn bản"), default=dict, blank=True)
    note = models.TextField(_("ghi chú"), blank=True)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="criteria_sets")
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="next_versions")
    is_sample = models.BooleanField(_("dữ liệu mẫu"), default=False)
    # Made in the office: nobody else's business until something is published on it.
    is_draft = models.BooleanField(_("soạn trong hệ thống"), default=False, editable=False)

    objects = CriteriaSetQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("bộ tiêu chí")
        verbose_name_plural = _("bộ tiêu chí")
        ordering = ["is_sample", "slug"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reports:methodology", args=[self.slug])


class ScoreOrigin(models.TextChoices):
    """Who gives the points of a leaf."""

    APPRAISED = "appraised", _("thẩm định")
    SURVEY = "survey", _("điều tra xã hội học")
    BOTH = "both", _("thẩm định và điều tra xã hội học")


class Criterion(models.Model):
    """A node of a criteria set. Areas have no parent; a leaf is what is scored."""

    criteria_set = models.ForeignKey(
        CriteriaSet, models.CASCADE, related_name="criteria", verbose_name=_("bộ tiêu chí")
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("thuộc")
    )
    code = models.CharField(_("mã"), max_length=20)
    title = models.CharField(_("nội dung"), max_length=400)
    # Position in the whole set, depth first: the document's own order is data.
    order = models.PositiveSmallIntegerField(_("thứ tự"))
    depth = models.PositiveSmallIntegerField(_("bậc"), default=0)
    is_leaf = models.BooleanField(_("được chấm điểm"), default=False)
    max_points = models.DecimalField(_("điểm tối đa"), max_digits=7, decimal_places=2, null=True, blank=True)
    origin = models.CharField(_("nguồn điểm"), max_length=9, choices=ScoreOrigin.choices, blank=True)
    # The declared rule, in the schema of reports.rules; its prose is generated from it.
    rule = models.JSONField(_("quy tắc"), default=dict, blank=True)
    evidence_hint = models.CharField(_("tài liệu kiểm chứng"), max_length=300, blank=True)
    legal_basis = models.CharField(_("căn cứ pháp lý"), max_length=300, blank=True)
    note = models.TextField(_("ghi chú"), blank=True)
    previous = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="next_versions")

    class Meta:
        verbose_name = _("tiêu chí")
        verbose_name_plural = _("tiêu chí")
        ordering = ["criteria_set", "order"]
        constraints = [
            models.UniqueConstraint(fields=["criteria_set", "code"], name="reports_criterion_code"),
            models.CheckConstraint(
                condition=Q(max_points__isnull=True) | Q(max_points__gt=0),
                name="reports_criterion_points_positive",
                violation_error_message=_("Điểm tối đa phải lớn hơn 0."),
            ),
            models.CheckConstraint(
                condition=Q(is_leaf=False) | ~Q(origin=""),
                name="reports_criterion_leaf_has_origin",
                violation_error_message=_("Tiêu chí được chấm phải có nguồn điểm."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def label(self) -> str:
        """Its title in the language of the page, where that is a standard term."""
        return term(self.title)

    @property
    def adjustment(self) -> str:
        """Return "bonus" or "penalty" for a leaf that moves the total outside the full scale, "" for any other."""
        return adjustment_of(self.rule)

    def clean(self) -> None:
        super().clean()
        if self.parent is not None and self.parent.criteria_set_id != self.criteria_set_id:
            raise ValidationError({"parent": _("Tiêu chí cấp trên phải cùng bộ tiêu chí.")})
