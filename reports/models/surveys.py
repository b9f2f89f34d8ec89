"""The sociological survey (điều tra xã hội học) of a year: its rounds, and the answers counted by option."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .bounds import PLAUSIBLE_DAY
from .criteria import Criterion
from .years import AssessmentYear, ScoreSheet


class SurveyRound(models.Model):
    """One survey held for an assessment year; a year may hold several, of different respondents."""

    assessment_year = models.ForeignKey(
        AssessmentYear, models.PROTECT, related_name="survey_rounds", verbose_name=_("năm đánh giá")
    )
    name = models.CharField(_("tên đợt"), max_length=160)
    starts_on = models.DateField(_("từ ngày"), null=True, blank=True, validators=PLAUSIBLE_DAY)
    ends_on = models.DateField(_("đến ngày"), null=True, blank=True, validators=PLAUSIBLE_DAY)
    forms_sent = models.PositiveIntegerField(_("phiếu phát ra"), null=True, blank=True)
    forms_valid = models.PositiveIntegerField(_("phiếu hợp lệ"), null=True, blank=True)
    is_random_sample = models.BooleanField(_("mẫu ngẫu nhiên"), default=False)
    # How much wider than a simple random sample of the same size; empty where it was not declared.
    design_effect = models.DecimalField(
        _("hệ số thiết kế mẫu"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    note = models.TextField(_("ghi chú"), blank=True)

    class Meta:
        verbose_name = _("đợt điều tra")
        verbose_name_plural = _("đợt điều tra")
        ordering = ["assessment_year", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["assessment_year", "name"], name="reports_surveyround_once"),
            models.CheckConstraint(
                condition=Q(forms_sent__isnull=True)
                | Q(forms_valid__isnull=True)
                | Q(forms_valid__lte=F("forms_sent")),
                name="reports_surveyround_forms",
                violation_error_message=_("Số phiếu hợp lệ không thể lớn hơn số phiếu phát ra."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SurveyAnswerCount(models.Model):
    """How many valid answers of one respondent group chose one option of one question, for one unit's component."""

    round = models.ForeignKey(SurveyRound, models.CASCADE, related_name="answer_counts")
    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="answer_counts")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="answer_counts")
    question = models.PositiveSmallIntegerField(_("câu hỏi"))
    # The key of one of the rule's respondent groups; empty where the rule declares none.
    group = models.CharField(_("nhóm trả lời"), max_length=40, blank=True)
    option = models.CharField(_("phương án"), max_length=20)
    count = models.PositiveIntegerField(_("số phiếu"))

    class Meta:
        verbose_name = _("số phiếu theo phương án")
        verbose_name_plural = _("số phiếu theo phương án")
        ordering = ["sheet", "criterion", "question", "group", "option"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "sheet", "criterion", "question", "group", "option"],
                name="reports_surveyanswercount_once",
            ),
            models.CheckConstraint(
                condition=Q(question__gte=1),
                name="reports_surveyanswercount_question",
                violation_error_message=_("Câu hỏi được đánh số từ 1."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} · {self.criterion.code} · {self.question}{self.option}"
