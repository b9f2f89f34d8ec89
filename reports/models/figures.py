"""Annual indicators, initiatives and activities: what stands beside the index and the dossiers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from districts.models import Unit
from reports.terms import term

from .bounds import PLAUSIBLE_DAY
from .releases import Period, Releasable, count_field, once
from .sources import Scope


class Indicator(models.Model):
    """Something counted every year beside the index: catalogue entry."""

    class Aggregation(models.TextChoices):
        SUM = "sum", _("cộng các đơn vị")
        RATIO = "ratio", _("tổng tử số trên tổng mẫu số")
        NONE = "none", _("không cộng dồn")

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
    numerator_label = models.CharField(_("tử số là"), max_length=160, blank=True)
    denominator_label = models.CharField(_("mẫu số là"), max_length=160, blank=True)
    aggregation = models.CharField(
        _("cách tổng hợp"), max_length=5, choices=Aggregation.choices, default=Aggregation.NONE
    )
    is_active = models.BooleanField(_("đang thu thập"), default=True)
    order = models.PositiveSmallIntegerField(_("thứ tự"), default=0)

    class Meta:
        verbose_name = _("chỉ tiêu")
        verbose_name_plural = _("chỉ tiêu")
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """Its name in the language of the page, where it is of the packaged catalogue."""
        return term(self.name)


class Observation(Releasable):
    """An indicator's value for a unit: at a day, or over a period where `starts_on` is given."""

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="observations", verbose_name=_("chỉ tiêu")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="observations", verbose_name=_("đơn vị"))
    scope = models.CharField(_("phạm vi"), max_length=9, choices=Scope.choices)
    starts_on = models.DateField(_("từ ngày"), null=True, blank=True, validators=PLAUSIBLE_DAY)
    ends_on = models.DateField(_("đến ngày"), validators=PLAUSIBLE_DAY)
    value = models.DecimalField(_("giá trị"), max_digits=18, decimal_places=4, null=True, blank=True)
    numerator = models.DecimalField(_("tử số"), max_digits=18, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(_("mẫu số"), max_digits=18, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("số liệu chỉ tiêu")
        verbose_name_plural = _("số liệu chỉ tiêu")
        ordering = ["indicator", "unit", "ends_on"]
        constraints = [
            *once("observation", "indicator", "unit", "scope", "ends_on"),
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


class Initiative(Releasable, Period):
    """A model or innovation a unit put to work, with what it saved."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="initiatives", verbose_name=_("đơn vị"))
    name = models.CharField(_("tên"), max_length=300)
    description = models.TextField(_("nội dung"), blank=True)
    dossiers = count_field(_("hồ sơ"))
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
            *once("initiative", "unit", "name", "starts_on", "ends_on"),
        ]

    def __str__(self) -> str:
        return self.name


class Activity(Releasable, Period):
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
            *once("activity", "unit", "title", "starts_on", "ends_on"),
        ]

    def __str__(self) -> str:
        return self.title
