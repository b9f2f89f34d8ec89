"""Plans, tasks and remedies: who writes them, what is refused, what the log keeps, what a remedy brought."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from districts.access import Denied
from districts.audit import Act
from districts.models import Change, Membership, Role, User
from reports.models import Criterion, Plan, RemediationTask, Task, Work
from reports.summaries.losses import gains_of, losses_of, publications_of
from reports.summaries.tasks import columns, listed, todos_of
from reports.workflow import plans, publish
from reports.workflow.context import WorkflowError

from .factories import at, make_criteria_set, make_sheet, make_unit, make_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return make_unit("An")


@pytest.fixture
def clerk(unit):
    user = User.objects.create_user("clerk", "clerk@example.org", "x")
    Membership.objects.create(user=user, unit=unit, role=Role.REPORTER)
    return user


@pytest.fixture
def act(clerk):
    return Act(clerk, Change.How.FORM)


@pytest.fixture
def publication(unit):
    """Of three units: An has 60/70 and 30/30, Bình 70 and 20, Cát 50 and 25."""
    year = make_year(
        2023, criteria_set=make_criteria_set({"1.1": ("70", "appraised"), "2.1": ("30", "survey")})
    )
    make_sheet(year, unit, {"1.1": "60", "2.1": "30"})
    make_sheet(year, make_unit("Bình"), {"1.1": "70", "2.1": "20"})
    make_sheet(year, make_unit("Cát"), {"1.1": "50", "2.1": "25"})
    return publish(year, published_at=at(2024, 2))


def remedy(unit, publication, code="1.1", **fields) -> RemediationTask:
    criterion = Criterion.objects.get(criteria_set=publication.criteria_set, code=code)
    return RemediationTask(unit=unit, publication=publication, criterion=criterion, **fields)


def test_points_lost_come_with_how_many_units_share_them(unit, publication):
    (loss,) = losses_of(unit, publication)
    assert loss.criterion.code == "1.1"
    assert [loss.points, loss.maximum, loss.lost] == [60, 70, 10]
    assert (loss.losing, loss.counted, loss.mean_lost) == (2, 3, Decimal("10.00"))


def test_losses_take_the_same_number_of_queries_whatever_the_size(
    unit, publication, django_assert_num_queries
):
    with django_assert_num_queries(5):
        losses_of(unit, publication)


def test_a_remedy_is_written_with_its_audit(unit, publication, act):
    values = {"title": "Rà soát quy trình", "expected_points": Decimal(4), "due_on": dt.date(2024, 6, 30)}
    row = plans.write(remedy(unit, publication), values, act)
    told = dict(Change.objects.filter(model="reports.remediationtask").values_list("field", "after"))
    assert (row.pk is not None, told["title"], told["expected_points"]) == (True, "Rà soát quy trình", "4")
    assert told["due_on"] == "2024-06-30"


def test_a_remedy_cannot_regain_more_than_was_lost(unit, publication, act):
    with pytest.raises(ValidationError, match="nhiều hơn số điểm đã mất"):
        plans.write(remedy(unit, publication), {"title": "Việc", "expected_points": Decimal("10.5")}, act)
    assert not RemediationTask.objects.exists()


def test_a_component_without_points_of_the_unit_has_no_remedy(publication, act, clerk):
    stranger = make_unit("Dần")
    Membership.objects.create(user=clerk, unit=stranger, role=Role.LEAD)
    with pytest.raises(WorkflowError, match="không có điểm của đơn vị"):
        plans.write(remedy(stranger, publication), {"title": "Việc"}, act)


def test_only_the_units_people_plan(unit, publication):
    stranger = User.objects.create_user("stranger", "s@example.org", "x")
    with pytest.raises(Denied):
        plans.write(remedy(unit, publication), {"title": "Việc"}, Act(stranger, Change.How.FORM))


def test_who_is_responsible_reports_but_does_not_plan(unit, publication, act):
    commune = make_unit("Xã", level=3, type="Xã", parent=unit)
    officer = User.objects.create_user("officer", "o@example.org", "x")
    Membership.objects.create(user=officer, unit=commune, role=Role.REPORTER)
    row = plans.write(remedy(unit, publication), {"title": "Việc", "responsible": commune}, act)
    theirs = Act(officer, Change.How.FORM)
    assert plans.write(row, {"state": "doing"}, theirs).state == Work.State.DOING
    with pytest.raises(Denied):
        plans.write(row, {"title": "Việc khác"}, theirs)
    assert [todo.row for todo in todos_of(officer)] == [row]


def test_the_second_writer_of_a_task_is_told(unit, publication, act):
    row = plans.write(remedy(unit, publication), {"title": "Việc"}, act)
    seen = row.version
    plans.write(row, {"title": "Việc một"}, act, expected_version=seen)
    with pytest.raises(WorkflowError, match="Người khác vừa sửa"):
        plans.write(row, {"title": "Việc hai"}, act, expected_version=seen)
    assert RemediationTask.objects.get().title == "Việc một"


def test_saving_the_same_values_changes_nothing(unit, publication, act):
    row = plans.write(remedy(unit, publication), {"title": "Việc"}, act)
    before = Change.objects.count()
    assert plans.write(row, {"title": "Việc"}, act).version == 1
    assert Change.objects.count() == before


def test_only_what_is_done_has_a_day_of_completion(unit, publication, act):
    with pytest.raises(ValidationError, match="Chỉ việc đã hoàn thành"):
        plans.write(remedy(unit, publication), {"title": "Việc", "done_on": dt.date(2024, 5, 1)}, act)


def test_a_removed_plan_leaves_its_tasks_in_the_log(unit, act):
    plan = plans.write(Plan(unit=unit), {"year": 2024, "title": "Kế hoạch 2024"}, act)
    plans.write(Task(plan=plan), {"title": "Nhiệm vụ một"}, act)
    plans.remove(plan, act)
    gone = Change.objects.filter(model="reports.task", field="title").order_by("pk").last()
    assert gone is not None
    assert (gone.before, gone.after, Task.objects.count()) == ("Nhiệm vụ một", None, 0)


@pytest.fixture
def next_publication(unit, publication):
    year = make_year(2024, criteria_set=publication.criteria_set)
    make_sheet(year, unit, {"1.1": "66.5", "2.1": "30"})
    return publish(year, published_at=at(2025, 2))


def test_a_remedy_shows_what_its_component_gained(unit, publication, next_publication, act):
    row = plans.write(remedy(unit, publication), {"title": "Việc"}, act)
    gain = gains_of([row])[row.pk]
    assert gain.publication == next_publication
    assert [gain.before, gain.after, gain.change] == [60, Decimal("66.5"), Decimal("6.5")]


def test_a_component_that_was_renumbered_is_followed_in_shares(unit, publication, act):
    newer = make_criteria_set(
        {"1.2": ("50", "appraised"), "2.1": ("50", "survey")},
        slug="bo-moi",
        previous=publication.criteria_set,
    )
    Criterion.objects.filter(criteria_set=newer, code="1.2").update(
        previous=Criterion.objects.get(criteria_set=publication.criteria_set, code="1.1")
    )
    year = make_year(2024, criteria_set=newer)
    make_sheet(year, unit, {"1.2": "45", "2.1": "40"})
    publish(year, published_at=at(2025, 2))
    row = plans.write(remedy(unit, publication), {"title": "Việc"}, act)
    gain = gains_of([row])[row.pk]
    assert gain.change is None
    assert gain.shares is not None
    assert [round(share, 2) for share in gain.shares] == [Decimal("85.71"), 90]


def test_without_a_later_publication_there_is_no_gain(unit, publication, act):
    row = plans.write(remedy(unit, publication), {"title": "Việc"}, act)
    assert gains_of([row]) == {}


def test_publications_of_a_unit_come_newest_first(unit, publication, next_publication):
    assert publications_of(unit) == [next_publication, publication]


def test_tasks_are_listed_by_day_and_boarded_by_state(unit, act):
    plan = plans.write(Plan(unit=unit), {"year": 2024, "title": "Kế hoạch"}, act)
    days = {"late": dt.date(2024, 3, 1), "soon": dt.date(2024, 3, 12), "none": None}
    rows = [plans.write(Task(plan=plan), {"title": name, "due_on": day}, act) for name, day in days.items()]
    todos = listed(rows, dt.date(2024, 3, 10))
    assert [(one.row.title, one.is_late, one.is_soon) for one in todos] == [
        ("late", True, False),
        ("soon", False, True),
        ("none", False, False),
    ]
    assert [len(column.todos) for column in columns(todos)] == [3, 0, 0, 0]
