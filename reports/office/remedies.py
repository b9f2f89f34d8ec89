"""Points lost and what is done about them: losses of a published year, remedies as board and table."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from districts import access
from districts.models import Unit
from reports.models import Criterion, ImportBatch, Publication, RemediationTask
from reports.summaries.losses import Gain, Loss, gains_of, losses_of, publications_of
from reports.summaries.tasks import Todo, columns, listed
from reports.workflow import plans
from reports.workflow.plans import Row

from .acts import act_of
from .fetch import unit_or_404
from .forms_plans import RemedyForm, VersionedForm
from .plan_files import exported, remedy_sheet
from .units import unit_context
from .uploads import FileForm, received

Crumbs = list[tuple[str, str]]
# The ones worth working on; the rest is a link away.
SHOWN_LOSSES = 12


@login_required
@require_GET
def remedies(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A unit's losses at a publication (`?publication=`) and its remedies, `?view=table` or as a board."""
    unit = unit_or_404(request.user, unit_id)
    publications = publications_of(unit)
    chosen = _chosen(publications, request.GET.get("publication", ""))
    losses = losses_of(unit, chosen) if chosen else []
    rows = list(
        RemediationTask.objects.filter(unit=unit).select_related(
            "unit", "responsible", "criterion", "publication__assessment_year"
        )
    )
    todos, gains = listed(rows), gains_of(rows)
    if export := request.GET.get("export"):
        return exported([remedy_sheet(todos, gains)], f"khac-phuc-{unit.code}", export)
    context = unit_context(request, unit) | {
        "publications": publications,
        "chosen": chosen,
        "losses": losses,
        "shown": losses if request.GET.get("all") else losses[:SHOWN_LOSSES],
        "lost_in_all": sum(loss.lost for loss in losses),
        "todos": [(todo, gains.get(todo.row.pk)) for todo in todos],
        "columns": _board(todos, gains),
        "file_form": FileForm(),
        "view": "table" if request.GET.get("view") == "table" else "board",
        "may_plan": access.can_enter(request.user, unit),
        "crumbs": crumbs_of(unit, ("Điểm mất và khắc phục", "")),
    }
    return render(request, "office/remedies.html", context)


@login_required
def remedy_new(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A remedy for `?publication=` and `?criterion=`, its expected points what was lost there."""
    unit = unit_or_404(request.user, unit_id)
    access.require(access.can_enter(request.user, unit), plans.NOT_YOURS)
    publication = _chosen(publications_of(unit), request.GET.get("publication", ""))
    losses = losses_of(unit, publication) if publication else []
    loss = next((one for one in losses if str(one.criterion.pk) == request.GET.get("criterion")), None)
    if publication is None or loss is None:
        messages.error(request, "Hãy chọn một tiêu chí thành phần mà đơn vị mất điểm.")
        return redirect("office:remedies", unit.pk)
    row = RemediationTask(unit=unit, publication=publication, criterion=loss.criterion)
    return _page(request, unit, row, loss.criterion, initial={"expected_points": loss.lost}, loss=loss)


@login_required
def remedy(request: HttpRequest, unit_id: int, task_id: int) -> HttpResponse:
    """One remedy: its plan for the unit's people, its state also for who is responsible."""
    unit, row = _remedy_or_404(request, unit_id, task_id)
    return _page(request, unit, row, row.criterion)


@login_required
@require_POST
def remedy_upload(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Take remedies of one publication as a file; what follows is the preview all files have."""
    unit = unit_or_404(request.user, unit_id)
    access.require(access.can_enter(request.user, unit), plans.NOT_YOURS)
    publication = _chosen(publications_of(unit), request.POST.get("publication", ""))
    form = FileForm(request.POST, request.FILES)
    if publication is None:
        raise Http404
    page = reverse("office:remedies", args=[unit.pk])
    if not form.is_valid():
        messages.error(request, " ".join(str(said) for said in form.errors["file"]))
        return redirect(page)
    said = {"publication": publication.pk, "back": page}
    return received(request, unit, form.cleaned_data["file"], kind=ImportBatch.Kind.TASKS, settings=said)


@login_required
@require_POST
def remedy_remove(request: HttpRequest, unit_id: int, task_id: int) -> HttpResponse:
    unit, row = _remedy_or_404(request, unit_id, task_id)
    plans.remove(row, act_of(request))
    messages.success(request, "Đã bỏ nhiệm vụ khắc phục.")
    return redirect("office:remedies", unit.pk)


def _remedy_or_404(request: HttpRequest, unit_id: int, task_id: int) -> tuple[Unit, RemediationTask]:
    """Return a remedy to who may see its unit, and to the people of the unit that is responsible for it."""
    rows = RemediationTask.objects.select_related("unit", "responsible", "criterion", "publication")
    row = get_object_or_404(rows, pk=task_id, unit=unit_id)
    if not plans.may_report(act_of(request), row):
        unit_or_404(request.user, unit_id)
    return row.unit, row


def _page(
    request: HttpRequest,
    unit: Unit,
    row: RemediationTask,
    criterion: Criterion,
    *,
    initial: dict[str, Any] | None = None,
    loss: Loss | None = None,
) -> HttpResponse:
    act = act_of(request)
    may_plan, may_report = access.can_enter(request.user, unit), plans.may_report(act, row)
    form = RemedyForm(request.POST or None, instance=row, unit=unit, may_plan=may_plan, initial=initial or {})
    if request.method == "POST":
        access.require(may_report, plans.NOT_RESPONSIBLE)
        if saved(request, form, row):
            return redirect("office:remedies", unit.pk) if may_plan else redirect("office:tasks")
    title = f"Khắc phục {criterion.code}"
    context = unit_context(request, unit) | {
        "row": row,
        "criterion": criterion,
        "loss": loss,
        "form": form,
        "may_plan": may_plan,
        "may_report": may_report,
        "title": title,
        "crumbs": crumbs_of(
            unit, ("Điểm mất và khắc phục", reverse("office:remedies", args=[unit.pk])), (title, "")
        ),
    }
    return render(request, "office/remedy.html", context, status=422 if form.errors else 200)


def saved(request: HttpRequest, form: VersionedForm, row: Row) -> Row | None:
    """Write what a valid form says and return the row; what the workflow refuses becomes an error of the form."""
    if not form.is_valid():
        return None
    try:
        written = plans.write(
            row, form.values(), act_of(request), expected_version=form.cleaned_data["version"]
        )
    except ValidationError as error:
        for name, said in _by_field(error).items():
            form.add_error(name if name in form.fields else None, said)
        return None
    messages.success(request, "Đã lưu.")
    return written


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    return dict(error.message_dict) if hasattr(error, "error_dict") else {"": error.messages}


def crumbs_of(unit: Unit, *titles: tuple[str, str]) -> Crumbs:
    """Return the way to a page of a unit's figures."""
    return [
        ("Việc của tôi", reverse("office:home")),
        (unit.full_name, reverse("office:unit", args=[unit.pk])),
        *titles,
    ]


def _chosen(publications: list[Publication], key: str) -> Publication | None:
    newest = publications[0] if publications else None
    return next((one for one in publications if str(one.pk) == key), newest)


def _board(todos: list[Todo], gains: dict[int, Gain]) -> list[tuple[str, list[tuple[Todo, Gain | None]]]]:
    return [
        (column.title, [(todo, gains.get(todo.row.pk)) for todo in column.todos]) for column in columns(todos)
    ]


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/remedies/", remedies, name="remedies"),
    path("units/<int:unit_id>/remedies/new/", remedy_new, name="remedy_new"),
    path("units/<int:unit_id>/remedies/upload/", remedy_upload, name="remedy_upload"),
    path("units/<int:unit_id>/remedies/<int:task_id>/", remedy, name="remedy"),
    path("units/<int:unit_id>/remedies/<int:task_id>/remove/", remedy_remove, name="remedy_remove"),
]
