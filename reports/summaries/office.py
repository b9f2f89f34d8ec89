"""How far is the year's work? Units × areas, what is late, and until when: the board and the home of the office."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from reports.models import AssessmentYear, Criterion, Deadline, PointsState, Score, ScoreOrigin, ScoreSheet

Stage = AssessmentYear.Stage
Status = ScoreSheet.Status
# Whose turn it is to fill in or to answer: the unit's.
ENTERING = frozenset({Status.OPEN, Status.RETURNED})
NOTHING_TO_SCORE = frozenset({PointsState.NOT_APPLICABLE, PointsState.NOT_ASSESSED})


class Progress(StrEnum):
    """How far an area of a sheet is; the words on the screen are in WORDS."""

    NOT_BEGUN = "not_begun"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    DECLARED_NONE = "declared_none"


WORDS = {
    Progress.NOT_BEGUN: "chưa bắt đầu",
    Progress.IN_PROGRESS: "đang nhập",
    Progress.COMPLETE: "đã đủ",
    Progress.DECLARED_NONE: "khai “không có”",
}


class State(StrEnum):
    """Where a sheet stands for who looks at the year: each sheet is in exactly one, so that their counts add up.

    As long as units score themselves it is told how far they are; after that, where the sheet stands.
    """

    NOT_BEGUN = "not_begun"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    NOT_SUBMITTED = "not_submitted"
    RETURNED = "returned"
    SUBMITTED = "submitted"
    APPRAISED = "appraised"
    REPLIED = "replied"
    CLOSED = "closed"
    NOT_REPORTED = "not_reported"


STATE_WORDS: Mapping[State, str] = {
    State.NOT_BEGUN: "chưa bắt đầu",
    State.IN_PROGRESS: "đang nhập",
    State.COMPLETE: "đã nhập đủ, chưa nộp",
    State.NOT_SUBMITTED: "chưa nộp",
    **{State(status): str(status.label) for status in Status if status != Status.OPEN},
}
# What a year's page counts at a stage even where there is none of it; anything else only where there is.
OWN_STATES: Mapping[str, frozenset[State]] = {
    Stage.SELF_SCORING: frozenset({State.NOT_BEGUN, State.IN_PROGRESS, State.COMPLETE, State.SUBMITTED}),
    Stage.SUBMITTED: frozenset({State.NOT_SUBMITTED, State.SUBMITTED}),
    Stage.ROUND1: frozenset({State.SUBMITTED, State.APPRAISED}),
    Stage.REPLY: frozenset({State.APPRAISED, State.REPLIED}),
    Stage.ROUND2: frozenset({State.REPLIED, State.APPRAISED}),
    Stage.COUNCIL: frozenset({State.APPRAISED}),
    Stage.FINAL: frozenset({State.CLOSED, State.NOT_REPORTED}),
    Stage.PUBLISHED: frozenset({State.CLOSED, State.NOT_REPORTED}),
}


@dataclass(frozen=True)
class AreaProgress:
    """How many components of an area a unit has filled in, of how many; `declared`: with nothing to score."""

    code: str
    title: str
    done: int
    declared: int
    total: int

    @property
    def progress(self) -> Progress:
        if self.done == 0 and self.total:
            return Progress.NOT_BEGUN
        if self.done < self.total:
            return Progress.IN_PROGRESS
        return Progress.DECLARED_NONE if self.total and self.declared == self.total else Progress.COMPLETE

    @property
    def words(self) -> str:
        return WORDS[self.progress]


@dataclass(frozen=True)
class Due:
    """Until when something must be done; `days` are calendar days from today, negative once they are over."""

    at: dt.datetime
    days: int
    is_late: bool

    @property
    def words(self) -> str:
        if self.is_late:
            return f"quá hạn {-self.days} ngày" if self.days else "quá hạn hôm nay"
        return f"còn {self.days} ngày" if self.days else "hạn hôm nay"


@dataclass(frozen=True)
class SheetProgress:
    """A unit's sheet with its areas in the set's order; `due` only while it is the unit's turn."""

    sheet: ScoreSheet
    areas: tuple[AreaProgress, ...]
    due: Due | None

    @property
    def done(self) -> int:
        return sum(area.done for area in self.areas)

    @property
    def total(self) -> int:
        return sum(area.total for area in self.areas)

    @property
    def progress(self) -> Progress:
        return AreaProgress("", "", self.done, sum(a.declared for a in self.areas), self.total).progress

    @property
    def state(self) -> State:
        if self.sheet.status != Status.OPEN:
            return State(self.sheet.status)
        if self.sheet.assessment_year.stage != Stage.SELF_SCORING:
            return State.NOT_SUBMITTED
        return State.COMPLETE if self.progress == Progress.DECLARED_NONE else State(self.progress)

    @property
    def words(self) -> str:
        return STATE_WORDS[self.state]

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due.is_late

    @property
    def is_handed_in(self) -> bool:
        return self.sheet.status not in {*ENTERING, Status.NOT_REPORTED}

    @property
    def is_units_turn(self) -> bool:
        return is_units_turn(self.sheet)


@dataclass(frozen=True)
class Board:
    """A year: every unit's progress, and how many sheets stand where."""

    year: AssessmentYear
    areas: tuple[Criterion, ...]
    rows: tuple[SheetProgress, ...]
    due: Due | None

    @property
    def states(self) -> list[tuple[State, str, int]]:
        """The states of the year's stage with how many sheets are in each; together they are all sheets."""
        counts, own = Counter(row.state for row in self.rows), OWN_STATES.get(self.year.stage, frozenset())
        return [(one, STATE_WORDS[one], counts[one]) for one in State if counts[one] or one in own]

    @property
    def late(self) -> int:
        return sum(row.is_late for row in self.rows)


def is_units_turn(sheet: ScoreSheet) -> bool:
    """Return whether the year waits for this unit: to fill in, or to reply to the appraisal."""
    stage = sheet.assessment_year.stage
    if stage == Stage.SELF_SCORING:
        return sheet.status in ENTERING
    # In the first round only what was sent back or reopened.
    if stage == Stage.ROUND1:
        return sheet.status == Status.RETURNED
    return stage == Stage.REPLY and sheet.status == Status.APPRAISED


def board(year: AssessmentYear, now: dt.datetime | None = None) -> Board:
    """Return a year's board, in six queries whatever its size."""
    sheets = year.sheets.select_related("unit").order_by("unit__sort_key", "unit__code")
    rows = _with_year(sheets, year)
    progress = progress_of(rows, now)
    areas = _trees([year.criteria_set_id]).get(year.criteria_set_id or 0, _Tree((), {}))
    due = due_of(year, list(year.deadlines.all()), now or timezone.now())
    return Board(year, areas.areas, tuple(progress), due)


def progress_of(sheets: Sequence[ScoreSheet], now: dt.datetime | None = None) -> list[SheetProgress]:
    """Return how far sheets are, in three queries; their years must be there already."""
    now = now or timezone.now()
    trees = _trees({sheet.assessment_year.criteria_set_id for sheet in sheets})
    deadlines = _deadlines({sheet.assessment_year_id for sheet in sheets})
    done: Counter[tuple[int, str]] = Counter()
    declared: Counter[tuple[int, str]] = Counter()
    scores = Score.objects.filter(sheet__in=[sheet.pk for sheet in sheets]).exclude(
        self_state=PointsState.NOT_ENTERED
    )
    by_leaf = {leaf: area.code for tree in trees.values() for leaf, area in tree.leaves.items()}
    for sheet_id, leaf_id, state in scores.values_list("sheet_id", "criterion_id", "self_state"):
        if leaf_id in by_leaf:
            done[sheet_id, by_leaf[leaf_id]] += 1
            declared[sheet_id, by_leaf[leaf_id]] += state in NOTHING_TO_SCORE
    return [_progress(sheet, trees, deadlines, done, declared, now) for sheet in sheets]


def due_of(year: AssessmentYear, deadlines: Iterable[Deadline], now: dt.datetime) -> Due | None:
    """Return until when the year's present stage is open, None where nobody said."""
    at = next((one.at for one in deadlines if one.stage == year.stage), None)
    return None if at is None else _due(at, now)


@dataclass(frozen=True)
class _Tree:
    """The areas of a set, and the area of each component that a unit scores itself."""

    areas: tuple[Criterion, ...]
    leaves: Mapping[int, Criterion]


def _progress(
    sheet: ScoreSheet,
    trees: Mapping[int, _Tree],
    deadlines: Mapping[int, list[Deadline]],
    done: Mapping[tuple[int, str], int],
    declared: Mapping[tuple[int, str], int],
    now: dt.datetime,
) -> SheetProgress:
    tree = trees.get(sheet.assessment_year.criteria_set_id or 0, _Tree((), {}))
    totals = Counter(area.code for area in tree.leaves.values())
    areas = tuple(
        AreaProgress(
            area.code,
            area.title,
            done.get((sheet.pk, area.code), 0),
            declared.get((sheet.pk, area.code), 0),
            totals[area.code],
        )
        for area in tree.areas
    )
    return SheetProgress(sheet, areas, _sheet_due(sheet, deadlines.get(sheet.assessment_year_id, []), now))


def _sheet_due(sheet: ScoreSheet, deadlines: list[Deadline], now: dt.datetime) -> Due | None:
    if not is_units_turn(sheet):
        return None
    if sheet.reopened_until is not None:
        return _due(sheet.reopened_until, now)
    return due_of(sheet.assessment_year, deadlines, now)


def _due(at: dt.datetime, now: dt.datetime) -> Due:
    days = (timezone.localdate(at) - timezone.localdate(now)).days
    return Due(at, days, at < now)


def _deadlines(years: Iterable[int]) -> dict[int, list[Deadline]]:
    found: dict[int, list[Deadline]] = {}
    for one in Deadline.objects.filter(assessment_year__in=list(years)):
        found.setdefault(one.assessment_year_id, []).append(one)
    return found


def _trees(sets: Iterable[int | None]) -> dict[int, _Tree]:
    nodes: dict[int, Criterion] = {}
    known = [pk for pk in sets if pk is not None]
    for node in Criterion.objects.filter(criteria_set__in=known).order_by("criteria_set", "order"):
        nodes[node.pk] = node
    trees: dict[int, tuple[list[Criterion], dict[int, Criterion]]] = {pk: ([], {}) for pk in known}
    for node in nodes.values():
        areas, leaves = trees[node.criteria_set_id]
        if node.parent_id is None:
            areas.append(node)
        # Bonuses and penalties are nobody's duty.
        if node.is_leaf and node.origin != ScoreOrigin.SURVEY and not node.adjustment:
            leaves[node.pk] = _area(node, nodes)
    return {pk: _tree(areas, leaves) for pk, (areas, leaves) in trees.items()}


def _tree(areas: list[Criterion], leaves: dict[int, Criterion]) -> _Tree:
    """Leave out areas in which a unit scores nothing itself."""
    used = {area.pk for area in leaves.values()}
    return _Tree(tuple(area for area in areas if area.pk in used), leaves)


def _area(node: Criterion, nodes: Mapping[int, Criterion]) -> Criterion:
    while node.parent_id is not None:
        node = nodes[node.parent_id]
    return node


def _with_year(sheets: Iterable[ScoreSheet], year: AssessmentYear) -> list[ScoreSheet]:
    rows = list(sheets)
    for sheet in rows:
        sheet.assessment_year = year
    return rows
