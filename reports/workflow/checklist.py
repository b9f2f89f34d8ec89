"""What should be looked at before a year is published? Units, components, outside figures, ties, counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError

from reports import ranking
from reports.check_sentences import dossier_findings
from reports.checks import Level
from reports.models import (
    AssessmentYear,
    Criterion,
    DossierCount,
    OfficialResult,
    PointsState,
    Quality,
    Score,
    ScoreOrigin,
    ScoreSheet,
)
from reports.numbers_vi import points, rank
from reports.roster import TOTAL, Entry, declared_rules, scored, totals
from reports.stages import STATUS_NAMES, Status

from .council import council_decision
from .sheet_steps import LISTED
from .year_steps import units_of_year

DONE = (Status.CLOSED, Status.NOT_REPORTED)


@dataclass(frozen=True)
class CheckLine:
    """One thing looked at: `level` ok, note, warn (look before publishing) or block (the step would be refused)."""

    key: str
    level: Level
    title: str
    details: tuple[str, ...] = ()


def checklist(year: AssessmentYear) -> list[CheckLine]:
    """Return what stands against publishing a year as it is now, in a constant number of queries."""
    sheets = list(year.sheets.select_related("unit").order_by("unit__sort_key"))
    if year.basis == AssessmentYear.Basis.TOTALS:
        return [*_results(year)]
    return [
        _units(sheets),
        _silent(sheets),
        _without_sheet(year, sheets),
        *_council(year),
        _unscored(year, sheets),
        *_results(year),
        _identities(year, sheets),
    ]


def _line(key: str, level: Level, good: str, bad: str, details: list[str]) -> CheckLine:
    return CheckLine(key, level, bad, tuple(details)) if details else CheckLine(key, Level.OK, good)


def _units(sheets: list[ScoreSheet]) -> CheckLine:
    details = [
        f"{sheet.unit.full_name}: {STATUS_NAMES[Status(sheet.status)]}"
        for sheet in sheets
        if sheet.status not in DONE
    ]
    missing = any(s.status in (Status.OPEN, Status.RETURNED, Status.SUBMITTED) for s in sheets) or not sheets
    if not sheets:
        return CheckLine("units", Level.BLOCK, "Chưa có phiếu chấm điểm nào.")
    good, bad = f"Đủ {len(sheets)} phiếu đã chốt.", f"{len(details)}/{len(sheets)} phiếu chưa chốt."
    return _line("units", Level.BLOCK if missing else Level.NOTE, good, bad, details)


def _silent(sheets: list[ScoreSheet]) -> CheckLine:
    names = [sheet.unit.full_name for sheet in sheets if sheet.status == Status.NOT_REPORTED]
    bad = f"{len(names)}/{len(sheets)} đơn vị không nộp báo cáo, sẽ được công bố không có điểm và thứ hạng."
    return _line("silent", Level.WARN, "Mọi đơn vị đều đã nộp báo cáo.", bad, names)


def _without_sheet(year: AssessmentYear, sheets: list[ScoreSheet]) -> CheckLine:
    known = {sheet.unit_id for sheet in sheets}
    names = [unit.full_name for unit in units_of_year(year) if unit.pk not in known]
    bad = f"{len(names)} đơn vị thuộc nhóm không có trong danh sách đánh giá."
    return _line("roster", Level.WARN, "Mọi đơn vị thuộc nhóm đều có phiếu.", bad, names)


def _council(year: AssessmentYear) -> list[CheckLine]:
    if not year.has_council:
        return []
    decision = council_decision(year)
    return [CheckLine("council", Level.OK if decision.is_valid else Level.BLOCK, decision.message)]


def _unscored(year: AssessmentYear, sheets: list[ScoreSheet]) -> CheckLine:
    leaves = Criterion.objects.filter(criteria_set=year.criteria_set_id, is_leaf=True).order_by("order")
    asked = {leaf.pk: leaf for leaf in leaves}
    given: dict[int, set[int]] = defaultdict(set)
    for score in Score.objects.filter(sheet__assessment_year=year):
        part = "survey" if asked[score.criterion_id].origin == ScoreOrigin.SURVEY else "appraised"
        if getattr(score, f"{part}_state") != PointsState.NOT_ENTERED:
            given[score.sheet_id].add(score.criterion_id)
    details = []
    for sheet in sheets:
        # Bonuses and penalties need not be declared.
        codes = [leaf.code for pk, leaf in asked.items() if pk not in given[sheet.pk] and not leaf.adjustment]
        if codes and sheet.status != Status.NOT_REPORTED:
            listed = ", ".join(codes[:LISTED]) + (", …" if len(codes) > LISTED else "")
            details.append(f"{sheet.unit.full_name}: {len(codes)} tiêu chí ({listed})")
    good, bad = (
        "Mọi tiêu chí thành phần đều có điểm.",
        f"{len(details)} đơn vị chưa đủ điểm, sẽ không được xếp hạng.",
    )
    return _line("unscored", Level.WARN, good, bad, details)


def _results(year: AssessmentYear) -> list[CheckLine]:
    try:
        is_scored = year.basis == AssessmentYear.Basis.SCORED
        _, entries = scored(year, None) if is_scored else totals(year)
    except ValidationError as error:
        return [CheckLine("results", Level.BLOCK, " ".join(error.messages))]
    rule, rank_on = ranking.RankingRule(year.ranking_rule), declared_rules(year).rank_on
    values = {entry.unit.pk: entry.figures[TOTAL].compared(rank_on) for entry in entries}
    places = ranking.places(values, rule)
    return [_official(year, entries, places), _ties(entries, places)]


def _official(year: AssessmentYear, entries: list[Entry], places: dict[int, ranking.Place]) -> CheckLine:
    ours = {entry.unit.pk: entry for entry in entries}
    rows = OfficialResult.objects.filter(assessment_year=year).exclude(quality=Quality.DERIVED)
    stated = list(rows.select_related("unit").order_by("unit__sort_key", "pk"))
    details = [
        text for row in stated if row.unit_id in ours for text in _gaps(row, ours[row.unit_id], places)
    ]
    good = (
        f"Khớp {len(stated)} kết quả theo văn bản."
        if stated
        else "Không có số liệu của văn bản để đối chiếu."
    )
    return _line("official", Level.WARN, good, f"{len(details)} số liệu khác với văn bản.", details)


def _gaps(row: OfficialResult, entry: Entry, places: dict[int, ranking.Place]) -> list[str]:
    found, name = [], row.unit.full_name
    printed: dict[str, tuple[Decimal | None, Decimal | None]] = {
        "tổng điểm": (row.total, entry.figures[TOTAL].points),
        "điểm thẩm định": (row.appraised_points, _part(entry, "appraised")),
        "điểm điều tra xã hội học": (row.survey_points, _part(entry, "survey")),
    }
    for what, (theirs, mine) in printed.items():
        if theirs is not None and theirs != mine:
            found.append(f"{name}, {what}: văn bản {points(theirs)}, hệ thống {points(mine)}")
    place = places[entry.unit.pk].rank
    if row.rank is not None and row.rank != place:
        found.append(f"{name}, hạng: văn bản {rank(row.rank, row.rank_of)}, hệ thống {rank(place)}")
    return found


def _part(entry: Entry, key: str) -> Decimal | None:
    figure = entry.figures.get(("part", key))
    return figure.points if figure else None


def _ties(entries: list[Entry], places: dict[int, ranking.Place]) -> CheckLine:
    tied = Counter(place.rank for place in places.values() if place.is_tied)
    names = {place: [e.unit.full_name for e in entries if places[e.unit.pk].rank == place] for place in tied}
    details = [
        f"Hạng {place}: {', '.join(names[place])}" for place in sorted(names, key=lambda one: one or 0)
    ]
    return _line(
        "ties",
        Level.NOTE,
        "Không có đơn vị nào đồng hạng.",
        f"{len(details)} hạng có đơn vị đồng hạng.",
        details,
    )


def _identities(year: AssessmentYear, sheets: list[ScoreSheet]) -> CheckLine:
    rows = DossierCount.objects.filter(
        unit__in=[sheet.unit_id for sheet in sheets],
        starts_on__gte=dt.date(year.year, 1, 1),
        ends_on__lte=dt.date(year.year, 12, 31),
        field=None,
        release=None,
    )
    details = [
        f"{row.unit.full_name}, {row.starts_on:%d/%m/%Y}–{row.ends_on:%d/%m/%Y}: {finding.text}"
        for row in rows.select_related("unit", "source").order_by("unit__sort_key", "starts_on")
        for finding in dossier_findings(row)
        if finding.level in (Level.WARN, Level.BLOCK)
    ]
    good, bad = "Số liệu hồ sơ của các đơn vị tự khớp.", f"{len(details)} đẳng thức số liệu hồ sơ không khớp."
    return _line("identities", Level.WARN, good, bad, details)
