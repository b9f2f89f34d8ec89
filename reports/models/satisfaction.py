"""How people judge the service: surveys, turns at the counter, and the live channel of the desks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from districts.models import Unit

from .releases import Period, Releasable, count_field, once, percent_field, refuse_if_released
from .sources import Scope


class Satisfaction(Releasable, Period):
    """How people judged the service: turns at the counter or a survey, with what is known of the sample."""

    class Kind(models.TextChoices):
        RATING = "rating", _("đánh giá tại bộ phận một cửa")
        SIPAS = "sipas", _("khảo sát mức độ hài lòng (SIPAS)")
        SURVEY = "survey", _("điều tra xã hội học")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="satisfaction", verbose_name=_("đơn vị"))
    scope = models.CharField(_("phạm vi"), max_length=9, choices=Scope.choices)
    kind = models.CharField(_("loại"), max_length=6, choices=Kind.choices)
    satisfied = count_field(_("hài lòng và rất hài lòng"))
    respondents = count_field(_("lượt, người đánh giá"))
    percent = percent_field(_("tỷ lệ theo nguồn (%)"))
    percent_change = percent_field(_("tăng, giảm theo nguồn (điểm phần trăm)"))
    # {"5": 120, "4": 40, …}, lowest level "1"; 3 to 5 levels, as the source counts.
    level_counts = models.JSONField(_("số lượt từng mức"), default=dict, blank=True)
    is_random_sample = models.BooleanField(_("mẫu ngẫu nhiên"), default=False)
    # How much wider than a simple random sample of the same size; empty where it was not declared.
    design_effect = models.DecimalField(
        _("hệ số thiết kế mẫu"), max_digits=5, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("mức độ hài lòng")
        verbose_name_plural = _("mức độ hài lòng")
        ordering = ["unit", "scope", "starts_on"]
        constraints = [
            *Period.Meta.constraints,
            *once("satisfaction", "unit", "scope", "kind", "starts_on", "ends_on"),
            models.CheckConstraint(
                condition=Q(satisfied__isnull=True)
                | Q(respondents__isnull=True)
                | Q(satisfied__lte=F("respondents")),
                name="reports_satisfaction_part_of_whole",
                violation_error_message=_("Số hài lòng không thể lớn hơn số lượt đánh giá."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.get_kind_display()} · {self.ends_on:%Y}"


class Factor(models.TextChoices):
    """What people are asked to judge; the five factors of the Ministry's earlier method, still in use."""

    ACCESS = "access", _("tiếp cận dịch vụ")
    PROCEDURES = "procedures", _("thủ tục hành chính")
    OFFICIALS = "officials", _("công chức phục vụ")
    RESULTS = "results", _("kết quả dịch vụ")
    FEEDBACK = "feedback", _("tiếp nhận, giải quyết góp ý, phản ánh, kiến nghị")


class SatisfactionFactor(models.Model):
    """The result of one factor within a survey."""

    satisfaction = models.ForeignKey(Satisfaction, models.CASCADE, related_name="factors")
    factor = models.CharField(_("yếu tố"), max_length=10, choices=Factor.choices)
    satisfied = count_field(_("hài lòng và rất hài lòng"))
    respondents = count_field(_("người trả lời"))
    percent = percent_field(_("tỷ lệ theo nguồn (%)"))

    class Meta:
        verbose_name = _("yếu tố hài lòng")
        verbose_name_plural = _("yếu tố hài lòng")
        ordering = ["satisfaction", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["satisfaction", "factor"], name="reports_satisfactionfactor_once"
            ),
            models.CheckConstraint(
                condition=Q(satisfied__isnull=True)
                | Q(respondents__isnull=True)
                | Q(satisfied__lte=F("respondents")),
                name="reports_satisfactionfactor_part_of_whole",
                violation_error_message=_("Số hài lòng không thể lớn hơn số người trả lời."),
            ),
        ]

    def __str__(self) -> str:
        return str(Factor(self.factor).label)

    def save(self, *args: Any, **kwargs: Any) -> None:
        refuse_if_released(self.satisfaction)
        super().save(*args, **kwargs)


class Desk(models.Model):
    """A counter of a one-stop shop that people may judge by a QR code."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="desks", verbose_name=_("đơn vị"))
    name = models.CharField(_("tên quầy"), max_length=160)
    # Stands in the printed address: short enough to type, not to be guessed from another desk's.
    code = models.CharField(_("mã trên tờ in"), max_length=16, unique=True)
    levels = models.PositiveSmallIntegerField(_("số mức đánh giá"), default=5)
    asks_factors = models.BooleanField(_("hỏi từng yếu tố"), default=True)
    asks_comment = models.BooleanField(_("cho ghi ý kiến"), default=True)
    is_active = models.BooleanField(_("đang nhận đánh giá"), default=True)
    is_sample = models.BooleanField(_("dữ liệu mẫu"), default=False)

    class Meta:
        verbose_name = _("quầy một cửa")
        verbose_name_plural = _("quầy một cửa")
        ordering = ["unit", "name"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "name"], name="reports_desk_once"),
            models.CheckConstraint(
                condition=Q(levels__gte=3, levels__lte=5),
                name="reports_desk_levels",
                violation_error_message=_("Thang đánh giá có từ 3 đến 5 mức."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Rating(models.Model):
    """One person's answer at one desk, on a day; nothing in it says who it was."""

    desk = models.ForeignKey(Desk, models.PROTECT, related_name="ratings")
    # 1 is the lowest level, `levels` of its day the highest.
    level = models.PositiveSmallIntegerField(_("mức"))
    levels = models.PositiveSmallIntegerField(_("trên thang"))
    # {"access": 4, …}: factors that were answered.
    factors = models.JSONField(_("từng yếu tố"), default=dict, blank=True)
    on = models.DateField(_("ngày"))
    # Of the form that was answered, so that it counts once: a hash of a random number, not of a person.
    form_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("lượt đánh giá")
        verbose_name_plural = _("lượt đánh giá")
        ordering = ["-on", "pk"]
        indexes = [models.Index(fields=["desk", "on"], name="reports_rating_desk_on")]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=F("levels")),
                name="reports_rating_level",
                violation_error_message=_("Mức đánh giá nằm ngoài thang."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.desk} · {self.on:%d/%m/%Y}"


class RatingComment(models.Model):
    """What somebody wrote beside a rating; nobody of the unit reads it before it was moderated."""

    class State(models.TextChoices):
        WAITING = "waiting", _("chờ duyệt")
        SHOWN = "shown", _("đã duyệt")
        HIDDEN = "hidden", _("không chuyển")

    rating = models.OneToOneField(Rating, models.CASCADE, related_name="comment")
    text = models.TextField(_("ý kiến"), max_length=1000)
    state = models.CharField(_("tình trạng"), max_length=7, choices=State.choices, default=State.WAITING)
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    moderated_at = models.DateTimeField(_("duyệt lúc"), null=True, blank=True)

    class Meta:
        verbose_name = _("ý kiến kèm đánh giá")
        verbose_name_plural = _("ý kiến kèm đánh giá")
        ordering = ["rating"]

    def __str__(self) -> str:
        return self.text[:60]
