"""Criteria sets: what the packaged files say, what the loader refuses, and what stays when it runs again."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal as D
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from districts.models import Organiser
from reports.criteria import Change, load_files
from reports.criteria_files import CriteriaFileError, packaged_files, read_set
from reports.criteria_tree import SetText, Status, walk
from reports.models import CriteriaSet, Criterion, Publication, ScoreOrigin, Source
from reports.models import Score as ScoreRow
from reports.rules import parse

from .factories import at, make_sheet, make_unit, make_year

SAMPLES = ["bo-tieu-chi-mau", "bo-tieu-chi-mau-2"]
MINI: dict[str, Any] = {
    "slug": "bo-nho",
    "name": "Bộ nhỏ",
    "status": "sample",
    "is_sample": True,
    "max_points": "10",
    "appraised_max": "7",
    "survey_max": "3",
    "defaults": {"not_applicable": "leaves_maximum", "zero_denominator": "zero"},
    "areas": [
        {
            "code": "1",
            "title": "Lĩnh vực",
            "max_points": "10",
            "children": [
                {
                    "code": "1.1",
                    "title": "Việc làm được",
                    "max_points": "7",
                    "origin": "appraised",
                    "rule": {
                        "kind": "proportional",
                        "target_percent": "100",
                        "numerator": {"name": "done", "label": "việc xong"},
                        "denominator": {"name": "all", "label": "việc được giao"},
                    },
                },
                {
                    "code": "1.2",
                    "title": "Hài lòng",
                    "max_points": "3",
                    "origin": "survey",
                    "rule": {"kind": "percent_of_max", "percent": {"name": "sipas", "label": "SIPAS"}},
                },
            ],
        }
    ],
}
Edit = Callable[[dict[str, Any]], object]


def mini_file(folder: Path, edit: Edit = lambda _set: None, name: str = "nho.json") -> Path:
    declared = json.loads(json.dumps(MINI))
    edit(declared)
    path = folder / name
    path.write_text(json.dumps(declared, ensure_ascii=False), encoding="utf-8")
    return path


def packaged(slug: str) -> SetText:
    return next(text for path in packaged_files() if (text := read_set(path)).slug == slug)


@pytest.mark.parametrize("path", packaged_files(), ids=lambda path: path.stem)
def test_every_node_of_a_packaged_set_adds_up(path: Path) -> None:
    text = read_set(path)
    for node, _depth in walk(text.areas):
        if node.children:
            assert sum(child.max_points or 0 for child in node.children) == node.max_points
    if text.areas:
        assert sum(area.max_points or 0 for area in text.areas) == text.max_points


@pytest.mark.parametrize("slug", SAMPLES)
def test_the_sample_sets_are_seventy_and_thirty_and_flagged(slug: str) -> None:
    text = packaged(slug)
    leaves = [node for node, _depth in walk(text.areas) if node.is_leaf]
    parts = [
        sum(leaf.max_points or 0 for leaf in leaves if leaf.origin == part) for part in ScoreOrigin.values
    ]
    assert parts == [D(70), D(30), 0]
    assert (text.status, text.is_sample, "chưa kiểm chứng" in text.note) == (Status.SAMPLE, True, True)


def test_the_first_sample_set_has_8_areas_41_criteria_55_components() -> None:
    depths = [depth for _node, depth in walk(packaged("bo-tieu-chi-mau").areas)]
    assert [depths.count(depth) for depth in (0, 1, 2)] == [8, 41, 55]


@pytest.mark.parametrize("slug", SAMPLES)
def test_every_component_of_the_sample_sets_has_an_explicit_rule(slug: str) -> None:
    for node, _depth in walk(packaged(slug).areas):
        if node.is_leaf:
            assert node.max_points is not None
            assert parse(node.rule, node.max_points).max_points == node.max_points


def test_the_choice_made_for_contradicting_text_is_noted() -> None:
    nodes = {node.code: node for node, _depth in walk(packaged("bo-tieu-chi-mau").areas)}
    assert nodes["3.3.2"].rule["steps"][0] == {"from_percent": "98", "points": "4"}
    assert "chọn tính theo bậc" in nodes["3.3.2"].note
    assert "chọn tính theo bậc" in nodes["3.3.3"].note


def test_frames_have_what_is_known_and_no_invented_node() -> None:
    frames = [text for path in packaged_files() if (text := read_set(path)).status == Status.FRAME]
    assert {frame.slug for frame in frames} >= {
        "ha-noi-4190-2023",
        "thanh-hoa-2024",
        "trung-uong-cap-tinh-2024",
    }
    assert all(frame.areas == () and frame.source and not frame.is_sample for frame in frames)


@pytest.mark.django_db
def test_the_packaged_sets_load() -> None:
    call_command("load_criteria", stdout=StringIO())
    ha_noi = CriteriaSet.objects.get(slug="ha-noi-4190-2023")
    assert (ha_noi.organiser and ha_noi.organiser.name) == "Thành phố Hà Nội"
    assert (ha_noi.max_points, ha_noi.appraised_max, ha_noi.survey_max) == (D(100), D(70), D(30))
    assert ha_noi.printed_counts == {"areas": 8}
    assert Criterion.objects.filter(criteria_set__slug="bo-tieu-chi-mau", is_leaf=True).count() == 55


@pytest.mark.django_db
def test_a_later_version_points_to_the_criteria_it_took_over() -> None:
    load_files(packaged_files())
    later = Criterion.objects.select_related("previous").filter(criteria_set__slug="bo-tieu-chi-mau-2")
    moved = later.get(code="3.3.2")
    assert moved.previous is not None
    assert (moved.previous.code, moved.previous.max_points, moved.max_points) == ("3.3.2", D(4), D(3))
    assert later.get(code="7.3.3").previous is None


@pytest.mark.django_db
def test_loading_again_changes_nothing(tmp_path: Path) -> None:
    first = load_files([mini_file(tmp_path)])
    before = list(Criterion.objects.order_by("order").values())
    again = load_files([mini_file(tmp_path)])
    assert ([one.change for one in first], [one.change for one in again]) == (["created"], ["unchanged"])
    assert list(Criterion.objects.order_by("order").values()) == before


@pytest.mark.django_db
def test_defaults_are_written_into_the_stored_rules(tmp_path: Path) -> None:
    load_files([mini_file(tmp_path)])
    ratio, percent = Criterion.objects.filter(is_leaf=True).order_by("order")
    assert (ratio.rule["not_applicable"], ratio.rule["zero_denominator"]) == ("leaves_maximum", "zero")
    assert (percent.rule["not_applicable"], "zero_denominator" in percent.rule) == ("leaves_maximum", False)


def _retitle(declared: dict[str, Any]) -> None:
    declared["areas"][0]["children"][0]["title"] = "Việc đã làm"


@pytest.mark.django_db
def test_a_changed_file_updates_rows_in_place(tmp_path: Path) -> None:
    load_files([mini_file(tmp_path)])
    key = Criterion.objects.get(code="1.1").pk
    assert load_files([mini_file(tmp_path, _retitle)])[0].change == Change.UPDATED
    assert Criterion.objects.get(code="1.1").pk == key
    assert Criterion.objects.get(code="1.1").title == "Việc đã làm"


@pytest.mark.django_db
def test_a_set_that_results_were_published_on_is_frozen(tmp_path: Path) -> None:
    criteria_set = load_files([mini_file(tmp_path)])[0].criteria_set
    Publication.objects.create(
        assessment_year=make_year(2024, criteria_set=criteria_set),
        criteria_set=criteria_set,
        published_at=at(2025),
        roster_size=1,
        digits=2,
    )
    assert load_files([mini_file(tmp_path)])[0].change == Change.UNCHANGED
    with pytest.raises(CriteriaFileError, match=r"^nho\.json: .*đã được dùng để công bố kết quả"):
        load_files([mini_file(tmp_path, _retitle)])


@pytest.mark.django_db
def test_a_scored_criterion_is_not_dropped(tmp_path: Path) -> None:
    criteria_set = load_files([mini_file(tmp_path)])[0].criteria_set
    make_sheet(make_year(2024, criteria_set=criteria_set), make_unit("An Bình"), {"1.1": "5"})

    def recode(declared: dict[str, Any]) -> None:
        declared["areas"][0]["children"][0]["code"] = "1.9"

    with pytest.raises(CriteriaFileError, match="đã được chấm điểm"):
        load_files([mini_file(tmp_path, recode)])
    assert ScoreRow.objects.get().criterion.code == "1.1"


def _child(declared: dict[str, Any], place: int) -> dict[str, Any]:
    child: dict[str, Any] = declared["areas"][0]["children"][place]
    return child


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda s: _child(s, 0).update(max_points="6"), r"\[1\]\.max_points: .* 9, không phải 10"),
        (lambda s: s.update(max_points="11"), r"appraised_max|max_points: .*10, không phải 11"),
        (lambda s: s.update(appraised_max="6"), r"appraised_max: 6 \+ 3 không bằng"),
        (lambda s: s.update(appraised_max="6", survey_max="4"), r"appraised_max: .* 7, không phải 6"),
        (lambda s: _child(s, 1).update(code="1.1"), r"\[1\.1\]: mã này đã dùng"),
        (lambda s: _child(s, 0)["rule"].update(kind="magic"), r"\[1\.1\]\.rule\.kind: .*“magic”"),
        (lambda s: _child(s, 0).pop("rule"), r"\[1\.1\]\.rule: thiếu"),
        (lambda s: _child(s, 0).pop("origin"), r"\[1\.1\]\.origin: thiếu"),
        (lambda s: _child(s, 0).update(max_points=7.0), r"\[1\.1\]\.max_points: phải là số viết trong ngoặc"),
        (lambda s: _child(s, 0).update(weight="1"), r"\[1\.1\]\.weight: mục này không có"),
        (
            lambda s: s.update(printed_counts={"components": 3}),
            r"printed_counts.components: ghi 3, đếm được 2",
        ),
        (lambda s: s.update(defaults={}), r"\[1\.1\]\.rule\.not_applicable: thiếu"),
        (lambda s: s.update(status="final"), r"status: “final” không hợp lệ"),
        (lambda s: s.update(valid_from="01/01/2024"), r"valid_from: “01/01/2024” không phải ngày"),
        (
            lambda s: _child(s, 0).update(previous="1.1"),
            r"\[1\.1\]\.previous: bộ tiêu chí không nêu bộ trước",
        ),
    ],
)
def test_a_wrong_set_is_refused_naming_file_and_node(tmp_path: Path, edit: Edit, message: str) -> None:
    with pytest.raises(CriteriaFileError, match=rf"^nho\.json: .*({message})"):
        read_set(mini_file(tmp_path, edit))


def adjustment(kind: str, cap: str = "2", **more: Any) -> dict[str, Any]:
    rule = {
        "kind": kind,
        "event": {"name": "events", "label": "trường hợp"},
        "points_each": "0.5",
        "yearly_cap": cap,
    }
    return {
        "code": f"9.{kind}",
        "title": kind,
        "max_points": "2",
        "origin": "appraised",
        "rule": rule,
        **more,
    }


def with_adjustments(*nodes: dict[str, Any], **area: Any) -> Edit:
    outside = {"code": "9", "title": "Điểm cộng, điểm trừ", "children": list(nodes), **area}
    return lambda s: s.update(areas=[*s["areas"], outside], bonus_max="3", penalty_max="2.5")


def test_bonuses_and_penalties_stand_outside_the_sums(tmp_path: Path) -> None:
    edit = with_adjustments(adjustment("bonus"), adjustment("penalty"))
    text = read_set(mini_file(tmp_path, edit))
    assert (text.bonus_max, text.penalty_max) == (D(3), D("2.5"))
    assert text.areas[-1].is_outside and text.areas[-1].max_points is None
    assert text.areas[-1].children[0].rule["not_applicable"] == "leaves_maximum"


@pytest.mark.django_db
def test_caps_of_the_year_are_stored_and_loading_again_changes_nothing(tmp_path: Path) -> None:
    path = mini_file(tmp_path, with_adjustments(adjustment("bonus"), adjustment("penalty")))
    stored = load_files([path])[0].criteria_set
    assert (stored.bonus_max, stored.penalty_max) == (D(3), D("2.5"))
    assert [node.adjustment for node in stored.criteria.filter(code__startswith="9.")] == ["bonus", "penalty"]
    assert load_files([path])[0].change == Change.UNCHANGED


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (with_adjustments(adjustment("bonus"), max_points="2"), r"\[9\]\.max_points: .*để trống"),
        (with_adjustments(adjustment("bonus", cap="1")), r"yearly_cap: .*phải bằng điểm tối đa 2"),
        (with_adjustments(adjustment("bonus", origin="survey")), r"origin: .*do thẩm định xác định"),
    ],
)
def test_a_wrong_adjustment_is_refused(tmp_path: Path, edit: Edit, message: str) -> None:
    with pytest.raises(CriteriaFileError, match=message):
        read_set(mini_file(tmp_path, edit))


def test_broken_json_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "hong.json"
    path.write_text('{\n "slug": ', encoding="utf-8")
    with pytest.raises(CriteriaFileError, match=r"^hong\.json: dòng 2 không đúng cú pháp"):
        read_set(path)


@pytest.mark.django_db
def test_one_bad_file_leaves_nothing_behind(tmp_path: Path) -> None:
    good = mini_file(tmp_path, lambda s: s.update(organiser={"slug": "tinh-a", "name": "Tỉnh A"}))
    bad = mini_file(tmp_path, lambda s: s.update(slug="bo-khac", previous="khong-co"), name="khac.json")
    with pytest.raises(CommandError, match=r"khac\.json: chưa có bộ tiêu chí trước “khong-co”"):
        call_command("load_criteria", good, bad, stdout=StringIO())
    assert not CriteriaSet.objects.exists()
    assert not Organiser.objects.filter(slug="tinh-a").exists()


@pytest.mark.django_db
def test_sets_that_follow_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    one = mini_file(tmp_path, lambda s: s.update(slug="mot", previous="hai"), name="mot.json")
    two = mini_file(tmp_path, lambda s: s.update(slug="hai", previous="mot"), name="hai.json")
    with pytest.raises(CriteriaFileError, match="nối vòng"):
        load_files([one, two])


@pytest.mark.django_db
def test_a_source_is_stored_with_what_is_known(tmp_path: Path) -> None:
    source = {"slug": "nguon-a", "title": "Quyết định A", "published_on": "2024-03-05", "note": "đọc qua báo"}
    load_files([mini_file(tmp_path, lambda s: s.update(source=source))])
    stored = Source.objects.get(slug="nguon-a")
    assert (stored.title, str(stored.published_on), stored.url) == ("Quyết định A", "2024-03-05", "")


@pytest.mark.django_db
def test_an_organiser_that_exists_keeps_its_name(tmp_path: Path) -> None:
    Organiser.objects.create(slug="tinh-a", name="Tỉnh A (mới)")
    load_files([mini_file(tmp_path, lambda s: s.update(organiser={"slug": "tinh-a", "name": "Tỉnh A"}))])
    assert Organiser.objects.get(slug="tinh-a").name == "Tỉnh A (mới)"


def test_points_are_read_as_exact_decimals(tmp_path: Path) -> None:
    assert read_set(mini_file(tmp_path)).areas[0].children[0].max_points == D(7)
