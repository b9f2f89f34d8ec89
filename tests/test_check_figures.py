"""The nightly look at what units have entered."""

import io

import pytest
from django.core.management import CommandError, call_command

from reports.models import DossierCount
from tests.factories import OfficeYear, make_office_year
from tests.test_dossier_checks import BY_COMMAND, month, write


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("check_figures", *arguments, stdout=out)
    except SystemExit as leaving:
        return int(leaving.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_figures_that_agree_leave_with_zero(office):
    write(office.units["an"], month(1), received=10)
    assert run() == (0, "0 dòng không khớp chưa giải thích, 0 dòng đã giải thích.\n")


def test_a_figure_that_no_longer_agrees_is_listed_with_its_gap_and_leaves_with_one(office):
    unit = office.units["an"]
    write(unit, month(1), pending=12)
    write(unit, month(2), carried_over=12)
    write(unit, month(1), pending=15)
    code, said = run()
    assert (
        code == 1
        and "kỳ liền trước (01/01/2025 – 31/01/2025) còn đang giải quyết 15: chênh lệch 3 hồ sơ" in said
    )
    assert said.endswith("1 dòng không khớp chưa giải thích, 0 dòng đã giải thích.\n")


def test_what_is_explained_is_listed_only_on_request(office):
    write(office.units["an"], month(1), received=10, received_online=7, gap_reason="nhận bàn giao")
    assert run() == (0, "0 dòng không khớp chưa giải thích, 1 dòng đã giải thích.\n")
    assert "Giải thích: nhận bàn giao" in run("--explained")[1]


def test_what_cannot_be_counts_as_broken_even_with_a_reason(office):
    write(office.units["an"], month(1), resolved=10)
    DossierCount.objects.update(digitised_results=11, gap_reason="vẫn đúng")
    assert run()[0] == 1


def test_one_organiser_may_be_looked_at(office):
    write(office.units["an"], month(1), received=10)
    DossierCount.objects.update(received_online=11)
    assert run("--organiser", "tinh-thu")[0] == 1
    with pytest.raises(CommandError):
        run("--organiser", "tinh-khac")


def test_looking_costs_the_same_for_many_rows(office, django_assert_max_num_queries):
    for number in range(1, 13):
        write(office.units["an"], month(number), withdrawn=number)
    assert BY_COMMAND.is_program
    with django_assert_max_num_queries(12):
        run()
