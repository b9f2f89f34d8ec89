"""Where a figure comes from, and how exact its source is."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from districts.models import Unit


class Source(models.Model):
    """A document or news item that printed figures."""

    slug = models.SlugField(_("mã"), max_length=80, unique=True)
    title = models.CharField(_("tiêu đề"), max_length=300)
    organisation = models.CharField(_("cơ quan, đơn vị đăng"), max_length=200, blank=True)
    author = models.CharField(_("tác giả"), max_length=120, blank=True)
    published_on = models.DateField(_("ngày đăng"), null=True, blank=True)
    # As printed where the day is not known: "06/2024".
    published_text = models.CharField(_("thời điểm đăng"), max_length=60, blank=True)
    url = models.URLField(_("địa chỉ"), max_length=500, blank=True)
    note = models.TextField(_("ghi chú"), blank=True)
    is_sample = models.BooleanField(_("dữ liệu mẫu"), default=False)
    is_demo = models.BooleanField(_("nội dung trình diễn"), default=False)
    # Set where there is no outside document: the unit itself enters the figures here.
    reported_by = models.OneToOneField(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="own_source",
        verbose_name=_("đơn vị báo cáo"),
    )

    class Meta:
        verbose_name = _("nguồn")
        verbose_name_plural = _("nguồn")
        ordering = ["-published_on", "slug"]

    def __str__(self) -> str:
        return self.title


class Quality(models.TextChoices):
    EXACT = "exact", _("theo nguồn")
    LOWER = "lower", _("trên (cận dưới)")
    UPPER = "upper", _("dưới (cận trên)")
    ABOUT = "about", _("khoảng")
    DERIVED = "derived", _("suy ra")


class Scope(models.TextChoices):
    """Whose work a figure counts; a scope is never added to one that contains it."""

    OWN = "own", _("cơ quan của đơn vị")
    COMMUNES = "communes", _("các xã, phường, thị trấn trực thuộc")
    TERRITORY = "territory", _("toàn địa bàn")


class Sourced(models.Model):
    """A row of figures from a source, with the exact words where a figure is not exact.

    `quality` and `wording` speak for the whole row. `qualified` names the fields that differ from it:
    {"received": {"quality": "lower", "wording": "trên 351.000"}}.
    """

    source = models.ForeignKey(Source, models.PROTECT, related_name="%(class)ss", verbose_name=_("nguồn"))
    quality = models.CharField(
        _("độ chính xác"), max_length=8, choices=Quality.choices, default=Quality.EXACT
    )
    wording = models.TextField(_("nguyên văn"), blank=True)
    qualified = models.JSONField(_("độ chính xác từng số"), default=dict, blank=True)
    note = models.TextField(_("ghi chú"), blank=True)

    class Meta:
        abstract = True

    def quality_of(self, field: str) -> str:
        return self.qualified.get(field, {}).get("quality", self.quality)

    def wording_of(self, field: str) -> str:
        return self.qualified.get(field, {}).get("wording", self.wording)

    def clean(self) -> None:
        super().clean()
        fields = {f.name for f in self._meta.get_fields()}
        for name, said in self.qualified.items():
            if name not in fields or not isinstance(said, dict) or not _is_quality(said):
                raise ValidationError({"qualified": _("Không hợp lệ ở “%(name)s”.") % {"name": name}})


def _is_quality(said: dict[str, Any]) -> bool:
    return said.keys() <= {"quality", "wording"} and said.get("quality", Quality.EXACT) in Quality.values
