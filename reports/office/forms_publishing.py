"""Forms of a year as a whole: its rules, its deadlines, its decision, its correction; and of a sheet let in again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from districts.models import Organiser
from reports.models import AssessmentYear, CriteriaSet, Criterion, PointsState, ScoreSheet, Source
from reports.numbers_vi import number
from reports.readers import ReadError, parse_decimal, parse_state
from reports.workflow.context import future_day
from reports.workflow.publication import CHANGED_MEANWHILE
from reports.workflow.reach import moment
from reports.workflow.year_steps import ANOTHER_VERSION, MOVED_MEANWHILE

# Whose deadlines are set: the unit's turns lock at the deadline, the organiser's show what is late.
DEADLINE_STAGES = ("self_scoring", "round1", "reply", "round2")
DATETIME_FORMATS = ["%H:%M %d/%m/%Y", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
# What a year takes over from the one before, unless told otherwise.
KEPT_RULES = (
    *("criteria_set", "has_second_round", "has_council", "round_at", "digits", "rank_on", "ranking_rule"),
    *("is_rescaled", "grade_bands"),
)
STAGE_LABELS = dict(AssessmentYear.Stage.choices)


def _moment(label: str, *, required: bool = False) -> forms.SplitDateTimeField | forms.DateTimeField:
    widget = forms.DateTimeInput(format="%H:%M %d/%m/%Y", attrs={"placeholder": "17:00 31/12/2026"})
    return forms.DateTimeField(label=label, required=required, input_formats=DATETIME_FORMATS, widget=widget)


class BandsField(forms.CharField):
    """Grades as lines "Xuất sắc = 90", the highest first."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{band['name']} = {number(Decimal(band['from']))}" for band in value)

    def to_python(self, value: Any) -> Any:
        bands = [_band(line) for line in str(value or "").splitlines() if line.strip()]
        lows = [Decimal(band["from"]) for band in bands]
        if lows != sorted(set(lows), reverse=True):
            raise forms.ValidationError("Các mức phải xếp từ cao xuống thấp, không trùng nhau.")
        return bands

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


def _band(line: str) -> dict[str, str]:
    name, _equals, low = line.rpartition("=")
    try:
        points = Decimal(low.strip().replace(",", "."))
    except InvalidOperation:
        points = Decimal("NaN")
    if not name.strip() or not points.is_finite() or not 0 <= points <= 100:
        raise forms.ValidationError(f"“{line.strip()}” phải có dạng “Tốt = 80”.")
    return {"name": name.strip(), "from": f"{points:f}"}


def proposed_rules(organisers: QuerySet[Organiser]) -> dict[str, Any]:
    """Return the rules of the newest year of these organisers, as what the next year begins with; {} of none."""
    years = AssessmentYear.objects.filter(organiser__in=organisers, basis=AssessmentYear.Basis.SCORED)
    last = years.order_by("-year", "-pk").first()
    if last is None:
        return {}
    kept = {name: getattr(last, name) for name in KEPT_RULES}
    return kept | {"organiser": last.organiser_id, "group": last.group_id, "year": last.year + 1}


class YearForm(forms.ModelForm):
    grade_bands = BandsField(
        label="Mức xếp loại (% của điểm tối đa)",
        required=False,
        help_text="Mỗi dòng một mức, ví dụ: Tốt = 80.",
    )

    class Meta:
        model = AssessmentYear
        fields = (
            *("organiser", "year", "group", "criteria_set", "has_second_round", "has_council"),
            *("round_at", "digits", "rank_on", "ranking_rule", "is_rescaled", "grade_bands", "note"),
        )
        widgets: ClassVar = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, organisers: QuerySet[Organiser], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deadlines = {d.stage: d.at for d in self.instance.deadlines.all()} if self.instance.pk else {}
        for stage in DEADLINE_STAGES:
            self.fields[f"deadline_{stage}"] = _moment(f"Thời hạn {STAGE_LABELS[stage]}")
            self.initial[f"deadline_{stage}"] = deadlines.get(stage)
        self.fields["organiser"].queryset = organisers  # type: ignore[attr-defined]
        if len(organisers) == 1:
            self.initial.setdefault("organiser", organisers[0])
        # By a mere frame nobody can be scored.
        sets = CriteriaSet.objects.filter(Q(organiser__in=organisers) | Q(organiser=None))
        scorable = sets.filter(criteria__is_leaf=True).distinct()
        self.fields["criteria_set"].queryset = scorable  # type: ignore[attr-defined]
        self.fields["criteria_set"].required = True
        if self.instance.pk:
            self._fix("organiser", "year", "group")
            if self.instance.stage != AssessmentYear.Stage.PREPARE:
                self._fix(*(name for name in self.Meta.fields if name != "note"))

    def _fix(self, *names: str) -> None:
        for name in names:
            self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        set_ones = [(stage, at) for stage in DEADLINE_STAGES if (at := cleaned.get(f"deadline_{stage}"))]
        for (earlier, before), (later, at) in pairwise(set_ones):
            if at < before:
                message = f"Không được trước thời hạn {STAGE_LABELS[earlier]} ({moment(before)})."
                self.add_error(f"deadline_{later}", message)
        return cleaned

    def deadlines(self) -> dict[str, dt.datetime | None]:
        return {stage: self.cleaned_data[f"deadline_{stage}"] for stage in DEADLINE_STAGES}


class PastDateField(forms.DateField):
    """The day of something that has happened already: not one to come."""

    widget = forms.DateInput(attrs={"placeholder": "dd/mm/yyyy"})

    def validate(self, value: Any) -> None:
        super().validate(value)
        if isinstance(value, dt.date) and value > timezone.localdate():
            raise forms.ValidationError(future_day(value), code="future")


class OnShownForm(forms.Form):
    """A form that acts on what its page showed and on nothing else: sent twice, or too late, it does nothing.

    `shown` gives by hidden field what stands, and the words that say it was something else on the page.
    """

    def __init__(self, shown: Mapping[str, tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shown = shown
        for name, (stands, _words) in shown.items():
            self.fields[name] = forms.CharField(required=False, widget=forms.HiddenInput)
            self.initial[name] = stands

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        changed = [words for name, (stands, words) in self._shown.items() if cleaned.get(name) != stands]
        if changed:
            # The page that says so shows what stands by now.
            now = {self.add_prefix(name): stands for name, (stands, _words) in self._shown.items()}
            self.data = {**self.data, **now}
            raise forms.ValidationError(changed[0])
        return cleaned


class PublishForm(OnShownForm):
    decision_number = forms.CharField(label="Số quyết định", max_length=60)
    decided_on = PastDateField(label="Ngày quyết định")
    source = forms.ModelChoiceField(
        Source.objects.none(), label="Nguồn", required=False, empty_label="không nêu nguồn"
    )
    confirms = forms.BooleanField(label="Tôi đã xem các mục còn cảnh báo và vẫn công bố", required=False)

    def __init__(
        self, organiser: Organiser, table: str, *args: Any, has_warnings: bool = False, **kwargs: Any
    ) -> None:
        super().__init__({"table": (table, CHANGED_MEANWHILE)}, *args, **kwargs)
        self.fields["source"].queryset = _sources_of(organiser)  # type: ignore[attr-defined]
        if has_warnings:
            self.fields["confirms"].required = True
        else:
            del self.fields["confirms"]


def _sources_of(organiser: Organiser) -> QuerySet[Source]:
    """Return the documents that the organiser's own years already cite, the newest first."""
    cited = Q(publications__assessment_year__organiser=organiser) | Q(
        officialresults__assessment_year__organiser=organiser
    )
    return Source.objects.filter(cited).distinct().order_by("-published_on", "title")


class OnVersionForm(OnShownForm):
    """A form that puts right the version its page showed, and no other."""

    def __init__(
        self,
        year: AssessmentYear,
        *args: Any,
        shown: Mapping[str, tuple[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        version = {"seen": (str(year.current_publication_id or ""), ANOTHER_VERSION)}
        super().__init__(version | dict(shown or {}), *args, **kwargs)


class CorrectForm(OnVersionForm):
    decision_number = forms.CharField(label="Số văn bản đính chính", max_length=60)
    decided_on = PastDateField(label="Ngày văn bản")
    reason = forms.CharField(
        label="Lý do đính chính (công khai)", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, year: AssessmentYear, table: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(year, *args, shown={"table": (table, CHANGED_MEANWHILE)}, **kwargs)


class CellForm(forms.Form):
    """One published value to be put right."""

    sheet = forms.ModelChoiceField(ScoreSheet.objects.none(), label="Đơn vị")
    criterion = forms.ModelChoiceField(Criterion.objects.none(), label="Tiêu chí thành phần")
    value = forms.CharField(label="Giá trị đúng (điểm, hoặc KAD, KĐG)", max_length=40)
    reason = forms.CharField(label="Lý do sửa ô này", max_length=2000)

    def __init__(self, year: AssessmentYear, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sheets = year.sheets.select_related("unit", "assessment_year").order_by("unit__sort_key")
        self.fields["sheet"].queryset = sheets  # type: ignore[attr-defined]
        self.fields["sheet"].label_from_instance = lambda sheet: sheet.unit.full_name  # type: ignore[attr-defined]
        leaves = Criterion.objects.filter(criteria_set=year.criteria_set_id, is_leaf=True).order_by("order")
        self.fields["criterion"].queryset = leaves  # type: ignore[attr-defined]

    def clean_value(self) -> tuple[str, Decimal | None]:
        text = self.cleaned_data["value"]
        if state := parse_state(text):
            return state, None
        try:
            points = parse_decimal(text)
        except ReadError as error:
            raise forms.ValidationError(str(error)) from error
        return PointsState.VALUE, points


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Lý do", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class YearStepForm(OnShownForm):
    """A step of a year from the stage that its page showed; going back asks for a reason."""

    reason = forms.CharField(
        label="Lý do quay lại (ghi vào nhật ký)", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, year: AssessmentYear, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__({"stage": (year.stage, MOVED_MEANWHILE)}, *args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]


class ReopenForm(ReasonForm):
    until = _moment("Mở lại đến", required=True)
