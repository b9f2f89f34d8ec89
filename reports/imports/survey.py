"""A survey's answers from a file: counted rows or one form a row; checked whole, compared, then written at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from districts.audit import Act
from reports.models import Criterion, ImportBatch, SurveyRound
from reports.numbers_vi import number
from reports.rules import Survey
from reports.sheet_files import Table
from reports.survey_points import calculation_of, counts_of, survey_components
from reports.survey_tally import Place, digest, tally, words
from reports.workflow.survey_answers import AnswerWrite, write_answers

from .findings import Fate, Finding, Shown, Summary
from .layout import identity
from .scores import ImportRefused, Progress
from .survey_layout import answer_layouts
from .survey_reading import AnswerReading, Asked

SHEETS_AT_ONCE = 100
MIXED = "Tệp vừa có số phiếu đã đếm vừa có từng phiếu; hãy tải lên hai tệp riêng."


@dataclass(frozen=True)
class AnswerCheck:
    """What a file would do to a round."""

    round: SurveyRound
    asked: Sequence[Asked]
    findings: Sequence[Finding]
    points: Sequence[Shown] = ()
    rows: int = 0
    blanks: int = 0

    @property
    def changes(self) -> list[Asked]:
        return [one for one in self.asked if one.fate != Fate.UNCHANGED]

    @property
    def summary(self) -> Summary:
        changes = self.changes
        lines = [*map(_shown, changes), *self.points]
        return Summary(lines, self.findings, len(self.asked) - len(changes), self.rows, self.blanks)

    @property
    def digest(self) -> str:
        """Return what tells whether the same file would still do the same."""
        told = hashlib.sha256()
        for one in self.changes:
            key = (one.sheet.pk, one.criterion.pk, digest(one.counts), digest(one.before))
            told.update(repr(key).encode())
        return told.hexdigest()


def check_answers(
    batch: ImportBatch, tables: list[Table], act: Act, progress: Progress | None = None
) -> AnswerCheck:
    """Check a whole file against a round of the batch's year, as `act` would write it: some ten queries."""
    rounds = SurveyRound.objects.select_related("assessment_year__organiser", "assessment_year__group")
    round_ = rounds.get(pk=batch.counts["settings"]["round"], assessment_year=batch.assessment_year)
    components = survey_components(round_.assessment_year)
    layouts, findings = answer_layouts(tables, {leaf.code: rule for leaf, rule in components.items()})
    findings = [*_identity_findings(round_, identity(tables)), *findings]
    if len({layout.is_raw for layout in layouts}) > 1:
        findings.append(Finding(MIXED))
    if any(one.is_error for one in findings):
        return AnswerCheck(round_, [], findings)
    reading = AnswerReading(round_, act, components, findings)
    for layout in layouts:
        reading.read(layout, progress)
    asked = reading.asked()
    return AnswerCheck(
        round_, asked, findings, _points(round_, asked, components), reading.rows, reading.blanks
    )


def apply_answers(check: AnswerCheck, act: Act, progress: Progress | None = None) -> int:
    """Write what a check found, with the points it gives, in one transaction; returns how many values were written.

    Raises ImportRefused where the workflow refuses, or where somebody has counted meanwhile.
    """
    if errors := check.summary.errors:
        raise ImportRefused(errors)
    by_sheet: dict[int, dict[int, list[Asked]]] = {}
    for one in check.changes:
        by_sheet.setdefault(one.sheet.pk, {}).setdefault(one.criterion.pk, []).append(one)
    sheets = list(by_sheet.values())
    refused: list[Finding] = []
    with transaction.atomic():
        for start in range(0, len(sheets), SHEETS_AT_ONCE):
            some = [asked for one in sheets[start : start + SHEETS_AT_ONCE] for asked in one.values()]
            results = write_answers(check.round, [_write(asked) for asked in some], act)
            for asked, result in zip(some, results, strict=True):
                if result.outcome in ("refused", "conflict"):
                    refused.append(_said(asked[0].place, result.message))
            if progress:
                progress(start + len(some), len(sheets))
        if refused:
            raise ImportRefused(refused)
    return sum(len(one.counts) for one in check.changes)


def _write(asked: Sequence[Asked]) -> AnswerWrite:
    counts = {place: count for one in asked for place, count in one.counts.items()}
    before = {place: count for one in asked for place, count in one.before.items()}
    return AnswerWrite(asked[0].sheet, asked[0].criterion.pk, counts, digest(before))


def _identity_findings(round_: SurveyRound, said: Mapping[str, str]) -> Iterator[Finding]:
    year = round_.assessment_year
    expected = {
        "organiser": (year.organiser.slug, "Tệp này của cơ quan khác."),
        "year": (str(year.year), f"Tệp này của năm {said.get('year', '')}, không phải năm {year.year}."),
        "group": (year.group.slug, "Tệp này của nhóm đơn vị khác."),
        "round": (str(round_.pk), f"Tệp này của đợt điều tra khác, không phải “{round_.name}”."),
    }
    for key, (value, message) in expected.items():
        if key in said and said[key] != value:
            yield Finding(message)


def _points(
    round_: SurveyRound, asked: Sequence[Asked], components: Mapping[Criterion, Survey]
) -> list[Shown]:
    """Return the points that change with the answers, all rounds together. One query."""
    changes: dict[tuple[int, int], list[Asked]] = {}
    for one in asked:
        if one.fate != Fate.UNCHANGED:
            changes.setdefault((one.sheet.pk, one.criterion.pk), []).append(one)
    standing = counts_of({key[0] for key in changes}, {key[1] for key in changes}) if changes else {}
    lines = []
    for key, some in changes.items():
        rule, stood = components[some[0].criterion], standing.get(key, {})
        before, after = _said_points(rule, stood), _said_points(rule, _after(stood, some))
        if before != after:
            what = f"{some[0].criterion.code} · điểm điều tra"
            lines.append(Shown(Fate.CHANGED, some[0].sheet.unit.full_name, what, before, after, ""))
    return lines


def _after(stood: Mapping[Place, int], asked: Sequence[Asked]) -> dict[Place, int]:
    """All rounds together, with this file's counts in place of what its round has; nothing where nobody counted."""
    found = dict(stood)
    for one in asked:
        for place, count in one.counts.items():
            was = one.before[place]
            if count is None and found.get(place, 0) == (was or 0):
                found.pop(place, None)
            else:
                found[place] = found.get(place, 0) - (was or 0) + (count or 0)
    return found


def _said_points(rule: Survey, counts: Mapping[Place, int]) -> str:
    told = tally(rule, counts)
    if told is None:
        return "chưa nhập"
    points = calculation_of(told.outcome).points
    return "không áp dụng" if points is None else number(points, 4)


def _shown(one: Asked) -> Shown:
    group = f" · nhóm {one.group}" if one.group else ""
    return Shown(
        one.fate,
        one.sheet.unit.full_name,
        f"{one.criterion.code} · câu {one.question}{group}",
        words({place.option: count for place, count in one.before.items()}) or "chưa nhập",
        words({place.option: count for place, count in one.counts.items()}) or "chưa nhập",
        one.place.place,
    )


def _said(place: Finding, message: str) -> Finding:
    return Finding(message, place.sheet, place.row, place.column, place.value)
