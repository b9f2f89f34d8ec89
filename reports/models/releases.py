"""How figures that units enter here become public: a release copies them, and the copy is never changed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from districts.models import Organiser

from .bounds import PLAUSIBLE_DAY
from .sources import Sourced

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Period(models.Model):
    """From one day to another, both included."""

    starts_on = models.DateField(_("từ ngày"), validators=PLAUSIBLE_DAY)
    ends_on = models.DateField(_("đến ngày"), validators=PLAUSIBLE_DAY)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")),
                name="%(app_label)s_%(class)s_period",
                violation_error_message=_("Ngày kết thúc kỳ phải bằng hoặc sau ngày bắt đầu."),
            )
        ]


class Release(Period):
    """One version of what an organiser made public of its units' figures, for one kind and period."""

    class Kind(models.TextChoices):
        DOSSIERS = "dossiers", _("hồ sơ thủ tục hành chính")
        SATISFACTION = "satisfaction", _("mức độ hài lòng")
        FIGURES = "figures", _("chỉ tiêu, sáng kiến, hoạt động")
        INDEX766 = "index766", _("bộ chỉ số 766")

    organiser = models.ForeignKey(
        Organiser, models.PROTECT, related_name="releases", verbose_name=_("cơ quan")
    )
    kind = models.CharField(_("loại"), max_length=12, choices=Kind.choices)
    version = models.PositiveSmallIntegerField(_("bản"), default=1)
    # The newest version of its organiser, kind and period; earlier ones stay, but are no longer shown.
    is_current = models.BooleanField(_("hiện hành"), default=True)
    at = models.DateTimeField(_("công khai lúc"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(_("lý do"), blank=True)

    class Meta:
        verbose_name = _("lần công khai số liệu")
        verbose_name_plural = _("các lần công khai số liệu")
        ordering = ["organiser", "kind", "-ends_on", "-version"]
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["organiser", "kind", "starts_on", "ends_on", "version"],
                name="reports_release_version",
            ),
            models.UniqueConstraint(
                fields=["organiser", "kind", "starts_on", "ends_on"],
                condition=Q(is_current=True),
                name="reports_release_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organiser} · {self.get_kind_display()} · {self.ends_on:%d/%m/%Y} · {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValidationError(_("Số liệu đã công khai không sửa được; hãy công khai bản mới."))
        super().save(*args, **kwargs)


def count_field(label: StrPromise) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(label, null=True, blank=True)


def percent_field(label: StrPromise) -> models.DecimalField:
    return models.DecimalField(label, max_digits=7, decimal_places=3, null=True, blank=True)


class ReleasableQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Select what anybody may read: what an outside source printed, and the current releases' copies."""
        return self.filter(Q(release=None, source__reported_by=None) | Q(release__is_current=True))

    def in_work(self) -> Self:
        """Select what units enter here and may still change: the rows that releases copy."""
        return self.filter(release=None, source__reported_by__isnull=False)


class Releasable(Sourced):
    """A row of figures that an outside source printed, that a unit entered, or that a release copied."""

    release = models.ForeignKey(
        Release, models.PROTECT, null=True, blank=True, editable=False, related_name="%(class)ss"
    )
    # Of a released copy: the row in work it was made of, which may be gone by now.
    copied_from = models.PositiveBigIntegerField(null=True, blank=True, editable=False, db_index=True)
    # Goes up with every write: who writes on an older one is told what has changed meanwhile.
    version = models.PositiveIntegerField(default=1, editable=False)
    # Why counts that contradict each other are right as they are, in the unit's words; public with the figure.
    gap_reason = models.TextField(_("giải thích chênh lệch"), blank=True)

    objects = ReleasableQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            refuse_if_released(self)
        super().save(*args, **kwargs)


def refuse_if_released(row: Releasable) -> None:
    """Raise ValidationError where a row that a release copied, or something that belongs to it, would be changed."""
    if row.release_id is not None:
        raise ValidationError(_("Số liệu đã công khai không sửa được; hãy công khai bản mới."))


def once(model: str, *fields: str, optional: str = "") -> list[models.BaseConstraint]:
    """Return the constraints that such a row exists once among working rows, and once in each release.

    `optional` is a field that may be empty: empty counts as a value like any other.
    """
    found: list[models.BaseConstraint] = []
    for release, suffix in ((True, ""), (False, "_released")):
        own = (*fields, "source") if release else (*fields, "source", "release")
        for is_empty in (True, False) if optional else (False,):
            condition = Q(release__isnull=release)
            if optional:
                condition &= Q(**{f"{optional}__isnull": is_empty})
            name = f"reports_{model}_once{suffix}" + (f"_no_{optional}" if is_empty else "")
            names = own if is_empty or not optional else (*own, optional)
            found.append(models.UniqueConstraint(fields=list(names), condition=condition, name=name))
    return found
