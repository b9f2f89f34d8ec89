"""What a unit means to do: yearly plans and their tasks, remedies for points lost, targets."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from districts.models import Unit

from .bounds import PLAUSIBLE_DAY, PLAUSIBLE_YEAR
from .criteria import Criterion
from .figures import Indicator
from .publication import Publication


class Plan(models.Model):
    """A unit's plan of a year."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="plans", verbose_name=_("đơn vị"))
    year = models.PositiveSmallIntegerField(_("năm"), validators=PLAUSIBLE_YEAR)
    title = models.CharField(_("tên kế hoạch"), max_length=300)
    number = models.CharField(_("số, ký hiệu"), max_length=80, blank=True)
    dated_on = models.DateField(_("ngày ban hành"), null=True, blank=True, validators=PLAUSIBLE_DAY)
    # As the plan itself states them; its tasks need not all be entered here.
    stated_key_tasks = models.PositiveSmallIntegerField(
        _("nhiệm vụ trọng tâm theo kế hoạch"), null=True, blank=True
    )
    stated_specific_tasks = models.PositiveSmallIntegerField(
        _("nhiệm vụ cụ thể theo kế hoạch"), null=True, blank=True
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("kế hoạch năm")
        verbose_name_plural = _("kế hoạch năm")
        ordering = ["unit", "-year", "title"]
        constraints = [models.UniqueConstraint(fields=["unit", "year", "title"], name="reports_plan_once")]

    def __str__(self) -> str:
        return self.title


class Work(models.Model):
    """Something to do by somebody until a day."""

    class State(models.TextChoices):
        OPEN = "open", _("chưa bắt đầu")
        DOING = "doing", _("đang thực hiện")
        DONE = "done", _("đã hoàn thành")
        DROPPED = "dropped", _("không thực hiện")

    title = models.CharField(_("nội dung, biện pháp"), max_length=400)
    # A commune, an office as a unit of the list, or its name where it is not in the list.
    responsible = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("đơn vị chủ trì")
    )
    responsible_name = models.CharField(_("cơ quan chủ trì"), max_length=160, blank=True)
    due_on = models.DateField(_("thời hạn"), null=True, blank=True, validators=PLAUSIBLE_DAY)
    state = models.CharField(_("tình trạng"), max_length=7, choices=State.choices, default=State.OPEN)
    done_on = models.DateField(_("hoàn thành ngày"), null=True, blank=True, validators=PLAUSIBLE_DAY)
    outcome = models.TextField(_("kết quả"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | Q(state="done"),
                name="%(app_label)s_%(class)s_done",
                violation_error_message=_("Chỉ việc đã hoàn thành mới có ngày hoàn thành."),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Task(Work):
    """A task of a plan: key (trọng tâm) or specific (cụ thể)."""

    class Kind(models.TextChoices):
        KEY = "key", _("nhiệm vụ trọng tâm")
        SPECIFIC = "specific", _("nhiệm vụ cụ thể")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="tasks", verbose_name=_("kế hoạch"))
    kind = models.CharField(_("loại"), max_length=8, choices=Kind.choices, default=Kind.SPECIFIC)

    class Meta(Work.Meta):
        verbose_name = _("nhiệm vụ")
        verbose_name_plural = _("nhiệm vụ")
        ordering = ["plan", "kind", "due_on", "pk"]


class RemediationTask(Work):
    """What a unit does to regain points that a publication shows it lost on a component."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="remediation_tasks", verbose_name=_("đơn vị"))
    publication = models.ForeignKey(
        Publication, models.PROTECT, related_name="remediation_tasks", verbose_name=_("theo kết quả công bố")
    )
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, related_name="remediation_tasks", verbose_name=_("tiêu chí thành phần")
    )
    expected_points = models.DecimalField(
        _("điểm dự kiến lấy lại"), max_digits=9, decimal_places=4, null=True, blank=True
    )

    class Meta(Work.Meta):
        verbose_name = _("nhiệm vụ khắc phục")
        verbose_name_plural = _("nhiệm vụ khắc phục")
        ordering = ["unit", "due_on", "pk"]
        constraints = [
            *Work.Meta.constraints,
            models.CheckConstraint(
                condition=Q(expected_points__isnull=True) | Q(expected_points__gte=0),
                name="reports_remediationtask_expected",
                violation_error_message=_("Điểm dự kiến phải từ 0 trở lên."),
            ),
        ]


class Target(models.Model):
    """What a unit wants to reach in a year: a rank, points, a rate, an indicator's value."""

    class Measure(models.TextChoices):
        RANK = "rank", _("thứ hạng không thấp hơn")
        PLACES_UP = "places_up", _("thăng hạng (số bậc)")
        TOTAL = "total", _("tổng điểm")
        ON_TIME = "on_time", _("tỷ lệ hồ sơ trước và đúng hạn (%)")
        ONLINE = "online", _("tỷ lệ hồ sơ nộp trực tuyến (%)")
        DIGITISED = "digitised", _("tỷ lệ số hóa kết quả (%)")
        SATISFACTION = "satisfaction", _("mức độ hài lòng (%)")
        INDICATOR = "indicator", _("chỉ tiêu trong danh mục")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="targets", verbose_name=_("đơn vị"))
    year = models.PositiveSmallIntegerField(_("năm"), validators=PLAUSIBLE_YEAR)
    measure = models.CharField(_("đo bằng"), max_length=12, choices=Measure.choices)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="targets", verbose_name=_("chỉ tiêu")
    )
    # Empty where a plan only says "thăng hạng".
    value = models.DecimalField(_("mức phải đạt"), max_digits=14, decimal_places=4, null=True, blank=True)
    note = models.CharField(_("nguyên văn, ghi chú"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("mục tiêu")
        verbose_name_plural = _("mục tiêu")
        ordering = ["unit", "-year", "measure", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year", "measure"],
                condition=Q(indicator__isnull=True),
                name="reports_target_once",
            ),
            models.UniqueConstraint(
                fields=["unit", "year", "indicator"],
                condition=Q(indicator__isnull=False),
                name="reports_target_indicator_once",
            ),
            models.CheckConstraint(
                condition=Q(measure="indicator", indicator__isnull=False)
                | (~Q(measure="indicator") & Q(indicator__isnull=True)),
                name="reports_target_indicator",
                violation_error_message=_(
                    "Mục tiêu theo danh mục phải chọn chỉ tiêu; mục tiêu khác thì không."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.year} · {self.get_measure_display()}"
