"""Forms of plans, tasks and remedies: a clerk writes dates as dd/mm/yyyy and points with a comma."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from districts.models import Unit
from reports.models import Plan, RemediationTask, Task, Work
from reports.workflow import plans

DAY = forms.DateInput(attrs={"placeholder": "dd/mm/yyyy"}, format="%d/%m/%Y")
WIDGETS = {
    "due_on": DAY,
    "done_on": DAY,
    "outcome": forms.Textarea(attrs={"rows": 2}),
    "title": forms.Textarea(attrs={"rows": 2}),
}
REPORT = ("state", "done_on", "outcome")
# What the person who is responsible, but not of the unit that planned it, cannot change.
PLANNED = ("kind", "title", "responsible", "responsible_name", "due_on", "expected_points")


class VersionedForm(forms.ModelForm):
    """A form whose values the workflow writes and checks; `version` carries what its writer has seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version if self.instance.pk else None

    def values(self) -> dict[str, Any]:
        """Return what was said of the row's own fields, those that could be changed."""
        own = self._meta.fields or ()
        return {name: self.cleaned_data[name] for name in own if not self.fields[name].disabled}

    def _post_clean(self) -> None:
        # The workflow sets and checks the row: one that is refused stays as it was.
        pass


class PlanForm(VersionedForm):
    class Meta:
        model = Plan
        fields = ("year", "title", "number", "dated_on", "stated_key_tasks", "stated_specific_tasks")
        widgets: ClassVar = {"dated_on": DAY}
        help_texts: ClassVar = {
            "stated_key_tasks": "Số ghi trong kế hoạch; không cần nhập hết từng nhiệm vụ vào đây.",
        }


class WorkForm(VersionedForm):
    """What a task and a remedy share."""

    def __init__(self, *args: Any, unit: Unit, may_plan: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        responsible = self.fields["responsible"]
        assert isinstance(responsible, forms.ModelChoiceField)
        responsible.queryset = plans.responsible_units(unit)
        responsible.empty_label = "(ghi tên ở ô dưới)"
        if not may_plan:
            for name in set(PLANNED) & set(self.fields):
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("state") == Work.State.DONE and not cleaned.get("done_on"):
            self.add_error("done_on", "Việc đã hoàn thành thì ghi ngày hoàn thành.")
        return cleaned


class TaskForm(WorkForm):
    class Meta:
        model = Task
        fields = ("kind", "title", "responsible", "responsible_name", "due_on", *REPORT)
        widgets: ClassVar = WIDGETS


class RemedyForm(WorkForm):
    class Meta:
        model = RemediationTask
        fields = ("title", "responsible", "responsible_name", "due_on", "expected_points", *REPORT)
        localized_fields = ("expected_points",)
        widgets: ClassVar = WIDGETS
