"""A unit's yearly plans with their tasks, what a person has to do in all of them, and the calendar of it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.core import signing
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.http import require_GET, require_POST

from districts import access
from districts.models import Unit, User
from reports.models import ImportBatch, Plan, Task, Work
from reports.summaries.tasks import columns, listed, todos_of
from reports.workflow import plans as writes

from .acts import act_of
from .fetch import unit_or_404
from .forms_plans import PlanForm, TaskForm
from .plan_files import exported, task_sheet
from .remedies import crumbs_of, saved
from .units import unit_context
from .uploads import FileForm, received

# Who changes their password gets a new feed; the old address then shows nothing.
FEED_SALT = "cchc.calendar"


@login_required
def plans(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A unit's plans, and the form to write down another."""
    unit = unit_or_404(request.user, unit_id)
    may_plan = access.can_enter(request.user, unit)
    form = PlanForm(request.POST or None, initial={"year": timezone.localdate().year}) if may_plan else None
    if request.method == "POST":
        access.require(may_plan, writes.NOT_YOURS)
        if form is not None and (written := saved(request, form, Plan(unit=unit))):
            return redirect("office:plan", unit.pk, written.pk)
    done = Count("tasks", filter=Q(tasks__state=Work.State.DONE))
    context = unit_context(request, unit) | {
        "plans": Plan.objects.filter(unit=unit).annotate(entered=Count("tasks"), done=done),
        "form": form,
        "crumbs": crumbs_of(unit, ("Kế hoạch", "")),
    }
    return render(request, "office/plans.html", context, status=422 if form and form.errors else 200)


@login_required
def plan(request: HttpRequest, unit_id: int, plan_id: int) -> HttpResponse:
    """One plan and its tasks, `?view=board` or as a table; posting changes the plan itself."""
    unit, row = _plan_or_404(request, unit_id, plan_id)
    may_plan = access.can_enter(request.user, unit)
    tasks = list(row.tasks.select_related("responsible", "plan__unit").order_by("kind", "due_on", "pk"))
    if export := request.GET.get("export"):
        return exported([task_sheet(tasks)], f"nhiem-vu-{unit.code}-{row.year}", export)
    form = PlanForm(request.POST or None, instance=row) if may_plan else None
    if request.method == "POST":
        access.require(may_plan, writes.NOT_YOURS)
        if form is not None and saved(request, form, row):
            return redirect("office:plan", unit.pk, row.pk)
    todos = listed(tasks)
    context = unit_context(request, unit) | {
        "plan": row,
        "todos": todos,
        "columns": columns(todos),
        "view": "board" if request.GET.get("view") == "board" else "table",
        "form": form,
        "file_form": FileForm(),
        "may_plan": may_plan,
        "crumbs": crumbs_of(unit, ("Kế hoạch", reverse("office:plans", args=[unit.pk])), (row.title, "")),
    }
    return render(request, "office/plan.html", context, status=422 if form and form.errors else 200)


@login_required
@require_POST
def plan_remove(request: HttpRequest, unit_id: int, plan_id: int) -> HttpResponse:
    unit, row = _plan_or_404(request, unit_id, plan_id)
    writes.remove(row, act_of(request))
    messages.success(request, "Đã bỏ kế hoạch và các nhiệm vụ của kế hoạch.")
    return redirect("office:plans", unit.pk)


@login_required
@require_POST
def plan_upload(request: HttpRequest, unit_id: int, plan_id: int) -> HttpResponse:
    """Take a plan's tasks as a file; what follows is the preview all files have."""
    unit, row = _plan_or_404(request, unit_id, plan_id)
    access.require(access.can_enter(request.user, unit), writes.NOT_YOURS)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(said) for said in form.errors["file"]))
        return redirect("office:plan", unit.pk, row.pk)
    said = {"plan": row.pk, "back": reverse("office:plan", args=[unit.pk, row.pk])}
    return received(request, unit, form.cleaned_data["file"], kind=ImportBatch.Kind.TASKS, settings=said)


@login_required
def task_new(request: HttpRequest, unit_id: int, plan_id: int) -> HttpResponse:
    unit, row = _plan_or_404(request, unit_id, plan_id)
    access.require(access.can_enter(request.user, unit), writes.NOT_YOURS)
    return _task_page(request, unit, Task(plan=row), "Thêm nhiệm vụ")


@login_required
def task(request: HttpRequest, unit_id: int, plan_id: int, task_id: int) -> HttpResponse:
    """One task: its plan for the unit's people, its state also for who is responsible."""
    row = _task_or_404(request, unit_id, plan_id, task_id)
    return _task_page(request, row.plan.unit, row, "Nhiệm vụ")


@login_required
@require_POST
def task_remove(request: HttpRequest, unit_id: int, plan_id: int, task_id: int) -> HttpResponse:
    row = _task_or_404(request, unit_id, plan_id, task_id)
    writes.remove(row, act_of(request))
    messages.success(request, "Đã bỏ nhiệm vụ.")
    return redirect("office:plan", unit_id, plan_id)


@login_required
@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """Everything open that a person's units promised or answer for, and the address of its calendar."""
    user = _user(request)
    context = {
        "todos": todos_of(user),
        "feed": request.build_absolute_uri(reverse("office:calendar", args=[feed_key(user)])),
        "crumbs": [("Việc của tôi", reverse("office:home")), ("Nhiệm vụ", "")],
    }
    return render(request, "office/tasks.html", context)


@login_not_required
@require_GET
def calendar_feed(request: HttpRequest, key: str) -> HttpResponse:
    """The same tasks for a calendar program, which cannot log in: who has the address may read."""
    user = _user_of(key)
    if user is None:
        raise Http404
    address = f"{request.scheme}://{request.get_host()}"
    from .calendars import calendar  # a library of 3 MB that few processes need

    content = calendar(todos_of(user), address, timezone.now())
    headers = {"Content-Disposition": 'inline; filename="cchc.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def feed_key(user: User) -> str:
    """Return what names a person's calendar: signed, good until their password changes, and silent about it."""
    return signing.dumps([user.pk, _password_mark(user)], salt=FEED_SALT)


def _password_mark(user: User) -> str:
    return salted_hmac(FEED_SALT, user.password, algorithm="sha256").hexdigest()[:24]


def _user_of(key: str) -> User | None:
    try:
        pk, mark = signing.loads(key, salt=FEED_SALT)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user is not None and constant_time_compare(_password_mark(user), mark) else None


def _task_page(request: HttpRequest, unit: Unit, row: Task, title: str) -> HttpResponse:
    may_plan, may_report = access.can_enter(request.user, unit), writes.may_report(act_of(request), row)
    form = TaskForm(request.POST or None, instance=row, unit=unit, may_plan=may_plan)
    if request.method == "POST":
        access.require(may_report, writes.NOT_RESPONSIBLE)
        if saved(request, form, row):
            return redirect("office:plan", unit.pk, row.plan_id) if may_plan else redirect("office:tasks")
    plan_page = reverse("office:plan", args=[unit.pk, row.plan_id])
    context = unit_context(request, unit) | {
        "row": row,
        "form": form,
        "title": title,
        "may_plan": may_plan,
        "may_report": may_report,
        "crumbs": crumbs_of(
            unit,
            ("Kế hoạch", reverse("office:plans", args=[unit.pk])),
            (row.plan.title, plan_page),
            (title, ""),
        ),
    }
    return render(request, "office/task.html", context, status=422 if form.errors else 200)


def _plan_or_404(request: HttpRequest, unit_id: int, plan_id: int) -> tuple[Unit, Plan]:
    unit = unit_or_404(request.user, unit_id)
    row = get_object_or_404(Plan.objects.select_related("unit"), pk=plan_id, unit=unit)
    return unit, row


def _task_or_404(request: HttpRequest, unit_id: int, plan_id: int, task_id: int) -> Task:
    """Return a task to who may see its unit, and to the people of the unit that is responsible for it."""
    rows = Task.objects.select_related("plan__unit", "responsible")
    row = get_object_or_404(rows, pk=task_id, plan=plan_id, plan__unit=unit_id)
    if not writes.may_report(act_of(request), row):
        unit_or_404(request.user, unit_id)
    return row


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/plans/", plans, name="plans"),
    path("units/<int:unit_id>/plans/<int:plan_id>/", plan, name="plan"),
    path("units/<int:unit_id>/plans/<int:plan_id>/remove/", plan_remove, name="plan_remove"),
    path("units/<int:unit_id>/plans/<int:plan_id>/upload/", plan_upload, name="plan_upload"),
    path("units/<int:unit_id>/plans/<int:plan_id>/tasks/new/", task_new, name="task_new"),
    path("units/<int:unit_id>/plans/<int:plan_id>/tasks/<int:task_id>/", task, name="task"),
    path(
        "units/<int:unit_id>/plans/<int:plan_id>/tasks/<int:task_id>/remove/", task_remove, name="task_remove"
    ),
    path("tasks/", tasks, name="tasks"),
    path("calendar/<str:key>.ics", calendar_feed, name="calendar"),
]
