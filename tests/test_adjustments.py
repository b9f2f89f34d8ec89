"""Bonuses and penalties outside the full scale, from the unit's sheet to the published pages."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from districts.audit import Act
from districts.models import Change, Unit
from reports import criteria_editing as editing
from reports import criteria_rows
from reports.criteria_files import parse_set
from reports.models import AssessmentYear, CriteriaSet, Criterion, PublishedScope, Score, Standing
from reports.summaries.appraisal import appraisal_sheet, gap_table
from reports.summaries.criteria import criteria_page, listed_sets
from reports.summaries.office import progress_of
from reports.summaries.sheet import sheet_of
from reports.workflow import publish
from reports.workflow.checklist import checklist
from reports.workflow.entering import CellWrite, write_cells
from reports.workflow.sheet_steps import unscored

from .factories import OfficeYear, at, make_criteria_set, make_office_year, make_sheet, make_unit, make_year

pytestmark = pytest.mark.django_db

CODES = {"9.1": ("bonus", "2"), "9.2": ("penalty", "3")}


def add_adjustments(criteria_set: CriteriaSet, **caps: str) -> dict[str, Criterion]:
    """Add an area 9 with a bonus up to 2 and a penalty up to 3 points; `caps` are those of the set."""
    CriteriaSet.objects.filter(pk=criteria_set.pk).update(**{key: D(value) for key, value in caps.items()})
    criteria_set.refresh_from_db()
    area = Criterion.objects.create(
        criteria_set=criteria_set, code="9", title="Điểm cộng, điểm trừ", order=900
    )
    return {
        code: Criterion.objects.create(
            criteria_set=criteria_set,
            parent=area,
            code=code,
            title=f"Mục {kind}",
            order=900 + int(code[-1]),
            depth=1,
            is_leaf=True,
            max_points=D(cap),
            origin="appraised",
            rule={
                "kind": kind,
                "event": {"name": "events", "label": "trường hợp"},
                "points_each": "0.5",
                "yearly_cap": cap,
                "not_applicable": "leaves_maximum",
            },
        )
        for code, (kind, cap) in CODES.items()
    }


@pytest.fixture
def units() -> dict[str, Unit]:
    return {name: make_unit(name) for name in ("An", "Bình", "Cát")}


@pytest.fixture
def year(units: dict[str, Unit]) -> AssessmentYear:
    """An 90 + 1,5 − 0,5; Bình 99,5 + 2 cut to 1,5; Cát 90, nothing declared."""
    criteria_set = make_criteria_set({"1.1": ("70", "appraised"), "1.2": ("30", "survey")})
    add_adjustments(criteria_set, bonus_max="1.5", penalty_max="2")
    made = make_year(2024, criteria_set=criteria_set, grade_bands=[{"name": "Xuất sắc", "from": "90"}])
    make_sheet(made, units["An"], {"1.1": "65", "1.2": "25", "9.1": "1.5", "9.2": "0.5"})
    make_sheet(made, units["Bình"], {"1.1": "70", "1.2": "29.5", "9.1": "2"})
    make_sheet(made, units["Cát"], {"1.1": "65", "1.2": "25"})
    publish(made, published_at=at(2025), decision_number="QĐ thử")
    return made


def standing(year: AssessmentYear, unit: Unit, key: str) -> Standing:
    return Standing.objects.get(scope__publication=year.current_publication, scope__key=key, unit=unit)


def text(client: Client, address: str, **query: str) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_total_is_the_scale_with_the_adjustment_and_may_pass_the_maximum(year, units) -> None:
    totals = {name: standing(year, unit, "total") for name, unit in units.items()}
    assert {name: s.points for name, s in totals.items()} == {"An": D(91), "Bình": D(101), "Cát": D(90)}
    assert {name: s.rank for name, s in totals.items()} == {"An": 2, "Bình": 1, "Cát": 3}
    assert {s.max_points for s in totals.values()} == {D(100)}


def test_parts_add_up_to_the_total_and_the_adjustment_has_no_place(year, units) -> None:
    keys = ("appraised", "survey", "adjustment")
    assert sum(standing(year, units["Bình"], key).points or 0 for key in keys) == D(101)
    found = standing(year, units["An"], "adjustment")
    assert (found.points, found.max_points, found.rank, found.unranked) == (D(1), None, None, "")


def test_what_nobody_declared_is_no_zero_and_no_gap(year, units) -> None:
    assert standing(year, units["Cát"], "adjustment").points is None
    assert standing(year, units["Cát"], "total").unranked == ""


def test_an_area_of_adjustments_only_is_no_area(year) -> None:
    scopes = PublishedScope.objects.filter(publication=year.current_publication).order_by("order")
    assert [(s.kind, s.key) for s in scopes] == [
        ("total", "total"),
        *(("part", key) for key in ("appraised", "survey", "adjustment")),
        ("area", "1"),
    ]


def test_the_next_year_moves_by_points_without_places(year, units) -> None:
    later = make_year(2025, criteria_set=year.criteria_set)
    make_sheet(later, units["An"], {"1.1": "65", "1.2": "25", "9.1": "0.5"})
    publish(later, published_at=at(2026))
    moved = standing(later, units["An"], "adjustment")
    assert (moved.points_change, moved.rank_change, moved.no_movement) == (D("-0.5"), None, "")


def test_the_dashboard_tells_what_was_added_and_taken_off(client, year, units) -> None:
    page = text(client, reverse("reports:dashboard", args=[year.organiser.slug, 2024, units["An"].code]))
    assert "Tổng điểm 91,00, trong đó điểm cộng 1,50, điểm trừ 0,50 (ngoài thang điểm)." in page
    assert "Tổng điểm cộng cả năm tối đa 1,5." in page
    assert "+1,50</td>" in page and "−0,50</td>" in page and "area-9" not in page
    capped = text(client, reverse("reports:dashboard", args=[year.organiser.slug, 2024, units["Bình"].code]))
    assert "Tổng điểm 101,00, trong đó điểm cộng 1,50 (ngoài thang điểm)." in capped


def test_the_ranking_and_its_files_have_a_column_for_it(client, year) -> None:
    address = year.get_absolute_url()
    page = text(client, address)
    assert "Điểm cộng, trừ" in page and "+1,50" in page
    exported = client.get(address, {"export": "csv"}).content.decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(exported))
    assert [row["Điểm cộng, điểm trừ"] for row in rows] == ["1.5000", "1.0000", ""]
    assert client.get(address, {"export": "xlsx"}).status_code == 200


def test_a_ranking_without_adjustments_has_no_such_column(client) -> None:
    made = make_year(2023, criteria_set=make_criteria_set({"1.1": ("70", "appraised")}))
    make_sheet(made, make_unit("An"), {"1.1": "60"})
    publish(made, published_at=at(2024))
    assert "Điểm cộng" not in text(client, made.get_absolute_url())
    assert "Điểm cộng" not in client.get(made.get_absolute_url(), {"export": "csv"}).content.decode()


def test_the_methodology_page_explains_and_counts_apart(client, year) -> None:
    page = text(client, reverse("reports:methodology", args=[year.criteria_set.slug]))
    assert "ngoài thang điểm, không tính vào điểm tối đa" in page
    assert "Mỗi trường hợp cộng 0,5 điểm ngoài thang điểm, tối đa 2 điểm một năm." in page
    assert criteria_page(year.criteria_set).counts == {"areas": 1, "criteria": 0, "components": 2}
    listed = listed_sets().filter(pk=year.criteria_set_id)
    assert [(vars(one)["area_count"], vars(one)["component_count"]) for one in listed] == [(1, 2)]


# The year's work.


@pytest.fixture
def office() -> OfficeYear:
    return make_office_year()


def write(office: OfficeYear, who: str, stage: str, code: str, points: str, **more: Any) -> str:
    leaf = Criterion.objects.get(criteria_set=office.criteria_set, code=code)
    cell = CellWrite(leaf.pk, stage, "value", D(points), **more)
    act = Act(actor=office.people[who], how=Change.How.FORM)
    return write_cells(office.sheet, [cell], act)[0].outcome


def test_nobody_must_declare_one_but_what_is_declared_is_appraised(office) -> None:
    leaves = add_adjustments(office.criteria_set)
    assert unscored(office.sheet, "self", office.year) == ["1.1", "1.2", "2.1"]
    assert unscored(office.sheet, "appraised", office.year) == ["1.1", "1.2", "2.1"]
    Score.objects.create(sheet=office.sheet, criterion=leaves["9.1"], self_points=1, self_state="value")
    assert unscored(office.sheet, "appraised", office.year) == ["1.1", "1.2", "2.1", "9.1"]


def test_progress_and_checklist_do_not_miss_them(office) -> None:
    add_adjustments(office.criteria_set)
    office.sheet.assessment_year = office.year
    assert progress_of([office.sheet])[0].total == 3
    line = next(one for one in checklist(office.year) if one.key == "unscored")
    assert all("9.1" not in detail for detail in line.details)


def test_a_unit_types_magnitudes_within_the_cap(office) -> None:
    add_adjustments(office.criteria_set)
    assert write(office, "reporter", "self", "9.2", "3.5", note="vượt") == "refused"
    assert write(office, "reporter", "self", "9.2", "-1", note="âm") == "refused"
    assert write(office, "reporter", "self", "9.2", "1", note="hai lần") == "saved"


def test_the_rule_gives_the_magnitude(office) -> None:
    leaves = add_adjustments(office.criteria_set)
    cell = CellWrite(leaves["9.2"].pk, "self", "value", None, inputs={"events": "3"})
    act = Act(actor=office.people["reporter"], how=Change.How.FORM)
    assert write_cells(office.sheet, [cell], act)[0].outcome == "saved"
    assert Score.objects.get(criterion=leaves["9.2"]).self_points == D("1.5")


def test_the_grid_shows_the_adjustment_apart_and_the_total_with_it(client, office) -> None:
    leaves = add_adjustments(office.criteria_set, penalty_max="1")
    Score.objects.create(
        sheet=office.sheet, criterion=office.leaves["1.2"], self_points=9, self_state="value"
    )
    Score.objects.create(sheet=office.sheet, criterion=leaves["9.1"], self_points=2, self_state="value")
    Score.objects.create(sheet=office.sheet, criterion=leaves["9.2"], self_points=3, self_state="value")
    found = sheet_of(office.sheet)
    assert (found.total.points, found.total.maximum, found.total.total) == (D(9), D(20), 3)
    assert found.adjusted is not None and (found.adjusted.net, found.adjusted.total) == (D(1), D(10))
    client.force_login(office.people["reporter"])
    page = text(client, reverse("office:sheet", args=[office.sheet.pk]), area="9")
    assert "+1</span> <small>điểm, ngoài thang điểm</small>" in page and "điểm trừ" in page


def test_the_script_is_told_the_new_sums(client, office) -> None:
    key = add_adjustments(office.criteria_set)["9.1"].pk
    client.force_login(office.people["reporter"])
    said = client.post(
        reverse("office:cells", args=[office.sheet.pk]),
        {"row": key, f"points-{key}": "1,5", f"state-{key}": "value", f"version-{key}": "0"},
        headers={"accept": "application/json"},
    )
    sums = json.loads(said.content)["sums"]
    assert (sums["adjustment"]["points"], sums["adjusted"]["points"]) == ("+1,5", "1,5")


def test_a_penalty_made_heavier_is_a_loss_to_the_unit(client) -> None:
    office = make_office_year(stage="round1")
    leaf = add_adjustments(office.criteria_set)["9.2"]
    given = {"self_points": D("0.5"), "self_state": "value"}
    Score.objects.create(
        sheet=office.sheet, criterion=leaf, appraised_points=D(2), appraised_state="value", **given
    )
    page = appraisal_sheet(office.sheet, mine=[])
    area = page.areas[-1]
    assert (area.self_points, area.appraised_points, area.gap) == (D("-0.5"), D(-2), D("1.5"))
    assert (page.judged, len(page.counted)) == (0, 3)
    row = next(one for one in gap_table(office.year).rows if one.sheet.pk == office.sheet.pk)
    assert (row.total.points, row.judged) == (D("1.5"), 0)
    client.force_login(office.people["appraiser"])
    shown = text(client, reverse("office:appraisal", args=[office.sheet.pk]), area="9")
    assert "ngoài thang điểm" in shown and "−2" in shown


# Building a set.


@pytest.fixture
def draft(client) -> OfficeYear:
    office = make_office_year(stage="prepare")
    CriteriaSet.objects.filter(pk=office.criteria_set.pk).update(organiser=office.organiser)
    client.force_login(office.people["administrator"])
    return office


def test_the_builder_declares_checks_and_tries_a_penalty(client, draft) -> None:
    slug = draft.criteria_set.slug
    area = {"code": "9", "title": "Điểm trừ", "max_points": "", "origin": ""}
    client.post(reverse("office:criteria_node_new", args=[slug]), area)
    parent = Criterion.objects.get(criteria_set=draft.criteria_set, code="9")
    leaf = {
        "parent": str(parent.pk),
        "code": "9.1",
        "title": "Vi phạm",
        "max_points": "3",
        "origin": "appraised",
    }
    client.post(reverse("office:criteria_node_new", args=[slug]), leaf)
    node = Criterion.objects.get(criteria_set=draft.criteria_set, code="9.1")
    address = reverse("office:criteria_rule", args=[slug, node.pk])
    client.post(f"{address}?kind=penalty", {"event_label": "lần vi phạm", "points_each": "0,5"})
    node.refresh_from_db()
    assert (node.adjustment, node.rule["yearly_cap"]) == ("penalty", "3.00")
    draft.criteria_set.refresh_from_db()
    assert not [fault for fault in editing.faults(draft.criteria_set) if fault.path.startswith("[9")]
    trial = text(client, reverse("office:criteria_trial", args=[slug, node.pk]), applies="1", event="9")
    assert "−3,00" in trial


def test_a_new_cap_of_the_component_is_the_rules_cap(draft) -> None:
    leaf = add_adjustments(draft.criteria_set)["9.1"]
    leaf.max_points = D("1.5")
    saved = editing.save_node(leaf, Act(actor=draft.people["administrator"], how=Change.How.FORM))
    assert saved.rule["yearly_cap"] == "1.5"


def test_a_surveyed_component_cannot_be_a_bonus(draft) -> None:
    rule = {"kind": "bonus", "event": {"name": "event", "label": "giải"}, "points_each": "1"}
    act = Act(actor=draft.people["administrator"], how=Change.How.FORM)
    with pytest.raises(ValidationError, match="do thẩm định xác định"):
        editing.save_rule(draft.leaves["2.2"], {**rule, "not_applicable": "leaves_maximum"}, act)


def test_caps_of_the_year_are_edited_exported_and_read_in_again(client, draft) -> None:
    add_adjustments(draft.criteria_set)
    CriteriaSet.objects.filter(pk=draft.criteria_set.pk).update(status="verified", max_points=25)
    facts = {"name": "Bộ", "status": "verified", "max_points": "25", "bonus_max": "2,5", "penalty_max": "4"}
    client.post(reverse("office:criteria_settings", args=[draft.criteria_set.slug]), facts)
    draft.criteria_set.refresh_from_db()
    assert (draft.criteria_set.bonus_max, draft.criteria_set.penalty_max) == (D("2.5"), D(4))
    exported = client.get(reverse("office:criteria_export", args=[draft.criteria_set.slug])).json()
    assert (exported["bonus_max"], exported["penalty_max"]) == ("2.5", "4")
    assert exported["areas"][-1]["children"][1]["rule"]["kind"] == "penalty"
    copy = editing.copy_set(
        draft.criteria_set,
        slug="ban-moi",
        name="Bản mới",
        organiser=draft.organiser,
        act=Act(actor=draft.people["administrator"], how=Change.How.FORM),
    )
    assert (copy.bonus_max, copy.penalty_max) == (D("2.5"), D(4))


def test_a_spreadsheet_declares_them() -> None:
    rows = [
        list(criteria_rows.HEADERS),
        ["1", "Chỉ đạo", 3, "", "", "", ""],
        ["1.1", "Kế hoạch", 3, "TĐ", "Có/không", "", ""],
        ["2", "Điểm cộng, điểm trừ", "", "", "", "điểm cộng tối đa=3; điểm trừ tối đa=2,5", ""],
        ["2.1", "Giải thưởng", 2, "TĐ", "Điểm thưởng", "mỗi=giải thưởng; điểm=0,5", ""],
        ["2.2", "Vi phạm", 2, "TĐ", "Điểm phạt", "mỗi=vi phạm; điểm=1", ""],
    ]
    found = parse_set(criteria_rows.document(rows, slug="bo", name="Bộ", status="verified"))
    assert (found.max_points, found.bonus_max, found.penalty_max) == (D(3), D(3), D("2.5"))
    assert [leaf.rule["kind"] for leaf in found.areas[1].children] == ["bonus", "penalty"]
    assert found.areas[1].is_outside and found.areas[1].max_points is None
