"""The index of QĐ 766/QĐ-TTg as the National Public Service Portal computes it; never added to the PAR INDEX."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from districts.models import Unit

from .releases import Period, Releasable, once, refuse_if_released


class Index766(Releasable, Period):
    """A unit's score of a month, quarter or year: the portal's own figure."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="index766", verbose_name=_("đơn vị"))
    points = models.DecimalField(_("điểm trên Cổng"), max_digits=6, decimal_places=3, null=True, blank=True)
    rank = models.PositiveSmallIntegerField(_("hạng"), null=True, blank=True)
    rank_of = models.PositiveSmallIntegerField(_("trên tổng số"), null=True, blank=True)
    # As the portal words it.
    grade = models.CharField(_("xếp loại"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("bộ chỉ số 766")
        verbose_name_plural = _("bộ chỉ số 766")
        ordering = ["unit", "-ends_on", "starts_on"]
        constraints = [
            *Period.Meta.constraints,
            *once("index766", "unit", "starts_on", "ends_on"),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=0, points__lte=100),
                name="reports_index766_points",
                violation_error_message=_("Điểm của bộ chỉ số 766 nằm trong khoảng 0–100."),
            ),
        ]

    def __str__(self) -> str:
        return f"766 · {self.unit} · {self.ends_on:%d/%m/%Y}"


class Index766Part(models.Model):
    """A group's or a component's score, and the counts behind it where they are known."""

    index = models.ForeignKey(Index766, models.CASCADE, related_name="parts")
    # Of reports.index766: "transparency", "progress.in_time" …
    key = models.CharField(_("mã"), max_length=60)
    points = models.DecimalField(_("điểm trên Cổng"), max_digits=6, decimal_places=3, null=True, blank=True)
    numerator = models.PositiveIntegerField(_("tử số"), null=True, blank=True)
    denominator = models.PositiveIntegerField(_("mẫu số"), null=True, blank=True)
    # The portal's own remark on its data: TEMP_NATIONAL_REPORT_DENOMINATOR, NO_NATIONAL_REPORT_DATA.
    flag = models.CharField(_("ghi chú của Cổng"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("thành phần bộ chỉ số 766")
        verbose_name_plural = _("thành phần bộ chỉ số 766")
        ordering = ["index", "pk"]
        constraints = [models.UniqueConstraint(fields=["index", "key"], name="reports_index766part_once")]

    def __str__(self) -> str:
        return self.key

    def save(self, *args: Any, **kwargs: Any) -> None:
        refuse_if_released(self.index)
        super().save(*args, **kwargs)
