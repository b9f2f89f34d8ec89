"""WHO: administrative units through time, their succession, and who organises an assessment."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..querysets import UnitQuerySet

# First parts of the site's own addresses: an organiser's slug must not shadow them.
RESERVED_SLUGS = frozenset(
    {
        *(
            "admin",
            "api",
            "changes",
            "d",
            "data",
            "embed",
            "en",
            "feed",
            "healthz",
            "login",
            "logout",
            "media",
            "methodology",
        ),
        *("metrics", "office", "readyz", "search", "static", "units", "vi"),
    }
)


class Dated(models.Model):
    """Something in force from one day to another, both included; an empty end is unknown or open."""

    valid_from = models.DateField(_("có hiệu lực từ ngày"), null=True, blank=True)
    valid_to = models.DateField(_("đến hết ngày"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_from__lte=F("valid_to")),
                name="%(app_label)s_%(class)s_valid_period",
                violation_error_message=_("Ngày kết thúc phải bằng hoặc sau ngày bắt đầu."),
            )
        ]

    def is_valid_on(self, day: dt.date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


class Scheme(Dated):
    """An official list of units: its codes are unique inside it and reused by the next one."""

    code = models.SlugField(_("mã"), max_length=20, primary_key=True)
    name = models.CharField(_("tên"), max_length=200)
    legal_act = models.CharField(_("văn bản"), max_length=200, blank=True)
    is_sample = models.BooleanField(_("dữ liệu mẫu"), default=False)

    class Meta(Dated.Meta):
        verbose_name = _("danh mục đơn vị hành chính")
        verbose_name_plural = _("danh mục đơn vị hành chính")

    def __str__(self) -> str:
        return self.name


class Level(models.IntegerChoices):
    COUNTRY = 0, _("cả nước")
    PROVINCE = 1, _("cấp tỉnh")
    DISTRICT = 2, _("cấp huyện")
    COMMUNE = 3, _("cấp xã")
    AGENCY = 4, _("cơ quan chuyên môn")


class Unit(Dated):
    """An administrative unit of one scheme; `name`, `type` and `parent` repeat its last version."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="units", verbose_name=_("danh mục"))
    code = models.CharField(_("mã"), max_length=12)
    level = models.PositiveSmallIntegerField(_("cấp"), choices=Level.choices)
    type = models.CharField(_("loại"), max_length=40)
    name = models.CharField(_("tên"), max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("trực thuộc")
    )
    # Pure ASCII, in the order of ICU's `vi`: the order of a list must not depend on the engine.
    sort_key = models.CharField(max_length=400, editable=False, db_index=True)
    # Folded name (no marks, đ as d, lower case), for search; see districts.names.
    search_key = models.CharField(max_length=240, editable=False, db_index=True)

    objects = UnitQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("đơn vị hành chính")
        verbose_name_plural = _("đơn vị hành chính")
        ordering = ["sort_key", "scheme_id", "code"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["scheme", "code"], name="districts_unit_scheme_code"),
        ]
        indexes = [models.Index(fields=["parent", "sort_key"], name="districts_unit_children")]

    def __str__(self) -> str:
        return self.full_name

    def get_absolute_url(self) -> str:
        return reverse("reports:unit", args=[self.scheme_id, self.code])

    @property
    def full_name(self) -> str:
        return f"{self.type} {self.name}".strip()

    @property
    def place(self) -> str:
        """Where it lies, from the nearest unit up: "Huyện Phú Xuyên, Thành phố Hà Nội"; empty at the top."""
        above, chain = self.parent, []
        while above is not None:
            chain.append(above.full_name)
            above = above.parent
        return ", ".join(chain)

    def name_on(self, day: dt.date) -> str:
        """Type and name in force on that day; the last ones where no version covers it."""
        in_force = [version for version in self.versions.all() if version.is_valid_on(day)]
        return in_force[-1].full_name if in_force else self.full_name


class UnitVersion(Dated):
    """What a unit was called, which type it was and to whom it belonged, from when to when."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="versions", verbose_name=_("đơn vị"))
    type = models.CharField(_("loại"), max_length=40)
    name = models.CharField(_("tên"), max_length=120)
    parent = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("trực thuộc")
    )
    legal_act = models.CharField(_("văn bản"), max_length=200, blank=True)

    class Meta(Dated.Meta):
        verbose_name = _("tên gọi theo thời gian")
        verbose_name_plural = _("tên gọi theo thời gian")
        ordering = ["unit", F("valid_from").asc(nulls_first=True)]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["unit", "valid_from"], name="districts_unitversion_start"),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(valid_from__isnull=True), name="districts_unitversion_first"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.type} {self.name}".strip()


class Succession(models.Model):
    """An edge of the lineage: what a unit, or a part of it, went on as."""

    class Kind(models.TextChoices):
        CONTINUES = "continues", _("giữ nguyên")
        MERGE = "merge", _("nhập")
        SPLIT = "split", _("chia")
        RENAME = "rename", _("đổi tên")
        RECLASSIFY = "reclassify", _("đổi loại")
        END = "end", _("kết thúc")

    predecessor = models.ForeignKey(
        Unit, models.CASCADE, related_name="succeeded_by", verbose_name=_("tiền thân")
    )
    successor = models.ForeignKey(
        Unit, models.CASCADE, null=True, blank=True, related_name="preceded_by", verbose_name=_("kế thừa")
    )
    effective_on = models.DateField(_("từ ngày"), null=True, blank=True)
    kind = models.CharField(_("cách thức"), max_length=12, choices=Kind.choices)
    is_main_part = models.BooleanField(_("phần chính"), null=True, blank=True)
    is_derived = models.BooleanField(_("suy ra từ cấp dưới"), default=False)
    legal_act = models.CharField(_("văn bản"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("kế thừa địa bàn")
        verbose_name_plural = _("kế thừa địa bàn")
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="districts_succession_pair"),
            models.CheckConstraint(
                condition=Q(kind="end") | Q(successor__isnull=False),
                name="districts_succession_has_successor",
                violation_error_message=_("Chỉ trường hợp kết thúc hoạt động mới không có đơn vị kế thừa."),
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(predecessor=F("successor")),
                name="districts_succession_not_itself",
                violation_error_message=_("Một đơn vị không thể kế thừa chính mình."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor or '∅'}"


def refuse_reserved_slug(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("“%(slug)s” là địa chỉ dành riêng của hệ thống."), params={"slug": slug})


class Organiser(models.Model):
    """Who assesses and ranks, year after year, whatever the unit behind it is called: /ha-noi/."""

    slug = models.SlugField(_("địa chỉ"), max_length=60, unique=True, validators=[refuse_reserved_slug])
    name = models.CharField(_("tên"), max_length=120)
    units = models.ManyToManyField(
        Unit, through="OrganiserUnit", related_name="organisers", verbose_name=_("đơn vị")
    )
    absorbed_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="absorbed", verbose_name=_("đã nhập vào")
    )
    is_sample = models.BooleanField(_("dữ liệu mẫu"), default=False)

    class Meta:
        verbose_name = _("cơ quan tổ chức đánh giá")
        verbose_name_plural = _("cơ quan tổ chức đánh giá")
        ordering = ["is_sample", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(slug__in=sorted(RESERVED_SLUGS)),
                name="districts_organiser_slug_free",
                violation_error_message=_("Địa chỉ này dành riêng cho hệ thống."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reports:organiser", args=[self.slug])


class OrganiserUnit(Dated):
    """Which unit an organiser is, from when to when (Hà Nội goes on through both schemes)."""

    organiser = models.ForeignKey(
        Organiser, models.CASCADE, related_name="organiser_units", verbose_name=_("cơ quan")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="organiser_units", verbose_name=_("đơn vị"))

    class Meta(Dated.Meta):
        verbose_name = _("đơn vị của cơ quan tổ chức")
        verbose_name_plural = _("đơn vị của cơ quan tổ chức")
        ordering = [F("valid_from").asc(nulls_first=True)]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["organiser", "unit"], name="districts_organiserunit_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.organiser} = {self.unit}"
