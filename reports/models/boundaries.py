"""Where units lie, as an office's own file of boundaries told it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from districts.models import Unit

LONGEST = {"source": 300, "licence": 120}


class Boundary(models.Model):
    """A unit's outline, simplified, ready to be drawn: whole steps of a ten-thousandth of a degree, south being down.

    The plane is made of it when it is drawn, so that outlines of several files fit together.
    """

    unit = models.OneToOneField(
        Unit, models.CASCADE, related_name="boundary", verbose_name=_("đơn vị hành chính")
    )
    # The text of an SVG path.
    path = models.TextField(_("đường ranh giới"))
    west = models.IntegerField()
    north = models.IntegerField()
    east = models.IntegerField()
    south = models.IntegerField()
    # A point inside, for what is written on it.
    label_x = models.IntegerField()
    label_y = models.IntegerField()
    source = models.CharField(_("nguồn"), max_length=LONGEST["source"])
    licence = models.CharField(_("giấy phép"), max_length=LONGEST["licence"], blank=True)

    class Meta:
        verbose_name = _("ranh giới đơn vị")
        verbose_name_plural = _("ranh giới đơn vị")
        ordering = ["unit"]

    def __str__(self) -> str:
        return str(self.unit)
