"""Dossiers of the one-stop shops, in the columns of form II.06/VPCP/KSTT."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from districts.models import Unit

from .releases import Period, Releasable, count_field, once, percent_field
from .sources import Scope


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


class DossierCount(Releasable, Period):
    """The counts of form II.06/VPCP/KSTT as a source printed them, totals included.

    Nothing is derived on save: what is not printed stays empty, and what contradicts itself stays so.
    """

    class Convention(models.TextChoices):
        """Where a unit counts dossiers that wait for papers, were suspended, returned or withdrawn."""

        INSIDE = "inside", _("nằm trong số đã giải quyết, đang giải quyết (chú thích biểu II.06a)")
        BESIDE = "beside", _("đếm riêng, ngoài số đã giải quyết và đang giải quyết")

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="dossier_counts", verbose_name=_("đơn vị giải quyết")
    )
    scope = models.CharField(_("phạm vi"), max_length=9, choices=Scope.choices)
    field = models.ForeignKey(
        DossierField, models.PROTECT, null=True, blank=True, related_name="counts", verbose_name=_("lĩnh vực")
    )
    received = count_field(_("tiếp nhận"))
    received_online = count_field(_("tiếp nhận trực tuyến"))
    received_direct = count_field(_("tiếp nhận trực tiếp, bưu chính"))
    carried_over = count_field(_("từ kỳ trước"))
    resolved = count_field(_("đã giải quyết"))
    resolved_early = count_field(_("trước hạn"))
    resolved_on_time = count_field(_("đúng hạn"))
    resolved_late = count_field(_("quá hạn"))
    # Where a source gives "đúng và trước hạn" in one figure.
    on_time_or_early = count_field(_("trước và đúng hạn"))
    pending = count_field(_("đang giải quyết"))
    pending_on_time = count_field(_("đang giải quyết, trong hạn"))
    pending_late = count_field(_("đang giải quyết, quá hạn"))
    # Where a source says "trễ hạn" without saying of what.
    late_unspecified = count_field(_("trễ hạn (nguồn không nói rõ)"))
    awaiting_supplement = count_field(_("chờ bổ sung"))
    suspended = count_field(_("tạm dừng xử lý"))
    returned = count_field(_("trả lại, không đủ điều kiện"))
    withdrawn = count_field(_("rút hồ sơ"))
    apologised = count_field(_("hồ sơ quá hạn có thư xin lỗi"))
    rescheduled = count_field(_("hồ sơ quá hạn có hẹn lại ngày trả"))
    digitised_on_receipt = count_field(_("số hóa khi tiếp nhận"))
    digitised_results = count_field(_("số hóa trên hồ sơ đã giải quyết"))
    # Empty where a source does not say which one it follows.
    convention = models.CharField(_("cách đếm"), max_length=6, choices=Convention.choices, blank=True)
    printed_on_time_rate = percent_field(_("tỷ lệ trước và đúng hạn theo nguồn (%)"))
    printed_digitised_rate = percent_field(_("tỷ lệ số hóa theo nguồn (%)"))

    class Meta:
        verbose_name = _("số liệu hồ sơ")
        verbose_name_plural = _("số liệu hồ sơ")
        ordering = ["unit", "scope", "starts_on"]
        constraints = [
            *Period.Meta.constraints,
            *once("dossiercount", "unit", "scope", "starts_on", "ends_on", optional="field"),
        ]
        indexes = [
            # A unit has thousands of rows; most pages read a dozen a year of them, the totals.
            models.Index(
                fields=["unit", "ends_on"], condition=Q(field=None), name="reports_dossiercount_total"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.get_scope_display()} · {self.starts_on:%d/%m/%Y}–{self.ends_on:%d/%m/%Y}"
