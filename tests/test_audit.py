"""The log takes what is put in, and gives nothing back: on both engines, whoever sends the SQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, connection, models, transaction

from districts import engine
from districts.audit import Act, Entry, erase, record
from districts.models import Change
from reports.models import Judgement, Score

from .factories import make_office_year, make_user

pytestmark = pytest.mark.django_db
TABLES = ("districts_change", "reports_judgement")


def entry(before: str | None, after: str | None, **fields: object) -> Entry:
    return Entry("reports.score", 1, "1.1 Kế hoạch", "self_points", before, after, **fields)


def test_what_changed_is_written_and_what_stayed_is_not() -> None:
    actor = make_user("an")
    act = Act(actor, Change.How.IMPORT, "nhập tệp", batch=7)
    assert (
        record([entry("1", "2"), entry("2", "2"), entry(None, ""), entry("1", None, reason="riêng")], act)
        == 3
    )
    rows = Change.objects.order_by("pk").values_list(
        "before", "after", "how", "batch", "reason", "actor__username"
    )
    assert list(rows) == [
        ("1", "2", "import", 7, "nhập tệp", "an"),
        (None, "", "import", 7, "nhập tệp", "an"),
        ("1", None, "import", 7, "riêng", "an"),
    ]


def test_one_statement_writes_many() -> None:
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as found:
        record([entry("1", str(n + 2)) for n in range(40)], Act(None, Change.How.COMMAND))
    assert (len(found), Change.objects.count()) == (1, 40)


@pytest.mark.parametrize("text", ["một\tcột", "hai\r\nhàng", r"\N", r"C:\new\.", "'; --", ""])
def test_text_comes_back_as_it_was_given(text: str) -> None:
    record([entry(None, text, reason=text)], Act(None, Change.How.FORM))
    assert Change.objects.values_list("before", "after", "reason").get() == (None, text, text)


def test_a_long_name_is_cut() -> None:
    record([Entry("reports.score", 1, "x" * 400, "reply", None, "a")], Act(None, Change.How.FORM))
    assert len(Change.objects.get().label) == 300


@pytest.fixture(params=TABLES)
def filled(request: pytest.FixtureRequest) -> Iterator[str]:
    record([entry("1", "2")], Act(None, Change.How.COMMAND))
    office = make_office_year()
    score = Score.objects.create(sheet=office.sheet, criterion=office.leaves["1.1"])
    Judgement.objects.create(score=score, stage="self", state="not_entered")
    yield request.param


@pytest.mark.parametrize("sql", ["UPDATE {} SET reason = 'khác'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_or_delete(filled: str, sql: str) -> None:
    with pytest.raises(Error, match="chỉ được ghi thêm"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(filled))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {filled} WHERE reason = ''")
        assert cursor.fetchone() == (1,)


def test_querysets_are_refused_too(filled: str) -> None:
    model: type[models.Model] = {"districts_change": Change, "reports_judgement": Judgement}[filled]
    with pytest.raises(Error, match="chỉ được ghi thêm"), transaction.atomic():
        model._default_manager.update(reason="khác")
    with pytest.raises(Error, match="chỉ được ghi thêm"), transaction.atomic():
        model._default_manager.all().delete()


def test_a_row_refuses_to_be_saved_again_or_deleted() -> None:
    record([entry("1", "2")], Act(None, Change.How.COMMAND))
    change = Change.objects.get()
    for again in (change.save, change.delete):
        with pytest.raises(ValidationError, match="chỉ được ghi thêm"):
            again()


def test_the_trail_of_demo_content_goes_with_it_and_the_rest_stays() -> None:
    record([entry("1", "2", context="mau/2025/huyen"), entry("1", "3")], Act(None, Change.How.COMMAND))
    assert erase(Change.objects.filter(context="mau/2025/huyen")) == 1
    assert Change.objects.get().after == "3"
    with pytest.raises(Error), transaction.atomic():
        Change.objects.all().delete()


def test_the_triggers_are_back_after_a_block_that_failed() -> None:
    record([entry("1", "2")], Act(None, Change.How.COMMAND))
    with pytest.raises(RuntimeError), engine.append_only_lifted(Change):
        Change.objects.all().delete()
        raise RuntimeError
    assert Change.objects.count() == 1
    with pytest.raises(Error), transaction.atomic():
        Change.objects.all().delete()


def test_installing_twice_is_installing_once() -> None:
    for table in TABLES:
        engine.install(connection, table)
        engine.uninstall(connection, table)
        engine.uninstall(connection, table)
        engine.install(connection, table)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_commits_leaves_no_log_to_the_next(turn: int) -> None:
    assert Change.objects.count() == 0
    record([entry("1", "2")], Act(None, Change.How.COMMAND))
    with pytest.raises(Error), transaction.atomic():
        Change.objects.all().delete()
