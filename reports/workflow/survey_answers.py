"""Survey rounds, and the answers counted in them: written here, with the points they give, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from districts import access, audit
from districts.audit import Act
from reports import stages
from reports.models import PointsState, ScoreSheet, SurveyAnswerCount, SurveyRound
from reports.rules import Survey
from reports.stages import Cell
from reports.survey_points import calculations_of, chosen_counts, counts_of, survey_rule
from reports.survey_tally import Place, digest, refusal, words

from .cells import CellWrite, Outcome, correction_refusal
from .context import WorkflowError, context_of
from .entering import write_sheets
from .reach import CORRECTION_ONLY, NOT_ASSIGNED, Reach, YearInWork, lock_of, reach_of

NOT_YOURS = "Chỉ người quản trị, người thẩm định và người công bố của cơ quan tổ chức được lập đợt điều tra."
NOT_COUNTED = "Tiêu chí này không tính điểm từ phiếu theo phương án trả lời."
CHANGED_MEANWHILE = "Người khác vừa sửa số phiếu này; hãy xem giá trị hiện có rồi nhập lại."
HAS_ANSWERS = "Đợt này đã có phiếu; hãy xóa hết số phiếu trước khi bỏ đợt."
ROUND_FIELDS = (
    *("name", "starts_on", "ends_on", "forms_sent", "forms_valid"),
    *("is_random_sample", "design_effect", "note"),
)
ROWS_A_STATEMENT = 1000
Key = tuple[int, int]


@dataclass(frozen=True)
class AnswerWrite:
    """Counts of one component of a sheet: None takes a count away, a place that is not named stays as it is.

    `seen` is the digest of what stood at these places for the writer, None to write whatever stands there.
    """

    sheet: ScoreSheet
    criterion_id: int
    counts: Mapping[Place, int | None]
    seen: str | None = None


@dataclass(frozen=True)
class AnswerResult:
    """What became of a write, and why it was not made."""

    write: AnswerWrite
    outcome: Outcome
    message: str = ""


@transaction.atomic
def write_round(row: SurveyRound, values: Mapping[str, object], act: Act) -> SurveyRound:
    """Write fields of a new or a known round, with their audit; values that are already so change nothing.

    Raises Denied where the actor may not, ValidationError where the values cannot be.
    """
    _require_round(row, act)
    stood = SurveyRound.objects.select_for_update(of=("self",)).filter(pk=row.pk).first() if row.pk else None
    target = stood or row
    before = _told(target) if stood else dict.fromkeys(ROUND_FIELDS)
    for name, value in values.items():
        setattr(target, name, value)
    target.full_clean()
    if stood is None or before != _told(target):
        target.save()
        _record_round(target, before, _told(target), act)
    return target


@transaction.atomic
def remove_round(row: SurveyRound, act: Act) -> None:
    """Take out a round in which nothing was counted. Raises Denied, WorkflowError where something was."""
    _require_round(row, act)
    stood = SurveyRound.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if stood.answer_counts.exists():
        raise WorkflowError(HAS_ANSWERS)
    _record_round(stood, _told(stood), dict.fromkeys(ROUND_FIELDS), act)
    stood.delete()


def may_set_up(act: Act, row: SurveyRound) -> bool:
    """Return whether they may set up a round: once the result is decided, who publishes it only."""
    year = row.assessment_year
    if act.actor is None:
        return act.is_program
    if stages.is_correction(year.stage):
        return access.can_publish(act.actor, year.organiser)
    mays = (access.can_administer, access.can_appraise, access.can_publish)
    return any(may(act.actor, year.organiser) for may in mays)


@transaction.atomic
def write_answers(round_: SurveyRound, writes: Sequence[AnswerWrite], act: Act) -> list[AnswerResult]:
    """Write counts of one round, and the points that all rounds together give: a result a write, in their order.

    What is refused or in conflict is not written, the rest is. A number of queries that does not depend on how many.
    Raises Denied where the actor has no right at all to the survey of a sheet.
    """
    sheets = _locked(round_, writes)
    work = YearInWork.read(round_.assessment_year_id, act.actor)
    criteria = {write.criterion_id for write in writes}
    state = _State(round_, work, act, sheets, counts_of(sheets, criteria, round_.pk))
    results = [state.take(write) for write in writes]
    if state.before:
        state.save()
        _write_points(state, act)
    return results


@dataclass
class _State:
    """A batch: what stands in the round, and what stood before where it changes."""

    round: SurveyRound
    work: YearInWork
    act: Act
    sheets: Mapping[int, ScoreSheet]
    stored: dict[Key, dict[Place, int]]
    before: dict[Key, dict[Place, int | None]] = field(default_factory=dict)
    reaches: dict[int, tuple[Reach, str | None]] = field(default_factory=dict)

    def take(self, write: AnswerWrite) -> AnswerResult:
        """Take a write over into what stands, if it may be."""
        reach, lock = self._reach(self.sheets[write.sheet.pk])
        rule = self._rule(write.criterion_id)
        if rule is None:
            return AnswerResult(write, "refused", NOT_COUNTED)
        stored = self.stored.setdefault((write.sheet.pk, write.criterion_id), {})
        standing = {place: stored.get(place) for place in write.counts}
        if standing == dict(write.counts):
            return AnswerResult(write, "unchanged")
        assigned = None if reach.includes(write.criterion_id) else NOT_ASSIGNED
        late = correction_refusal(self.work.year, self.act.reason)
        why = assigned or lock or late or refusal(rule, write.counts)
        if why is not None:
            return AnswerResult(write, "refused", why)
        if write.seen is not None and write.seen != digest(standing):
            return AnswerResult(write, "conflict", CHANGED_MEANWHILE)
        self._set(write, stored, standing)
        return AnswerResult(write, "saved")

    def _set(
        self, write: AnswerWrite, stored: dict[Place, int], standing: Mapping[Place, int | None]
    ) -> None:
        before = self.before.setdefault((write.sheet.pk, write.criterion_id), {})
        for place, count in write.counts.items():
            before.setdefault(place, standing[place])
            if count is None:
                stored.pop(place, None)
            else:
                stored[place] = count

    def _rule(self, criterion_id: int) -> Survey | None:
        node = self.work.nodes.get(criterion_id)
        return survey_rule(node) if node is not None and node.is_leaf else None

    def _reach(self, sheet: ScoreSheet) -> tuple[Reach, str | None]:
        """Return which components of a sheet the actor reaches, and what locks them. Raises Denied for none."""
        if sheet.pk not in self.reaches:
            reach = reach_of(self.act, sheet, Cell.SURVEY, self.work)
            access.require(reach.refusal is None, reach.refusal or "")
            self.reaches[sheet.pk] = (reach, lock_of(sheet, Cell.SURVEY, self.work))
        return self.reaches[sheet.pk]

    def save(self) -> None:
        """Write what changed, and its audit."""
        rows, gone = [], []
        for key, before in self.before.items():
            for place, was in before.items():
                count = self.stored[key].get(place)
                if count is None and was is not None:
                    gone.append(_row(self.round, key, place, 0))
                elif count is not None and count != was:
                    rows.append(_row(self.round, key, place, count))
        SurveyAnswerCount.objects.bulk_create(
            [*rows, *gone],
            batch_size=ROWS_A_STATEMENT,
            update_conflicts=True,
            unique_fields=["round", "sheet", "criterion", "question", "group", "option"],
            update_fields=["count"],
        )
        # The database hands back the keys of the rows, new or known: what is to go is taken out by them.
        for start in range(0, len(gone), ROWS_A_STATEMENT):
            some = [row.pk for row in gone[start : start + ROWS_A_STATEMENT]]
            SurveyAnswerCount.objects.filter(pk__in=some).delete()
        audit.record(self._entries(), self.act)

    def _entries(self) -> Iterable[audit.Entry]:
        for key, before in self.before.items():
            sheet, criterion = self.sheets[key[0]], self.work.nodes[key[1]]
            for question, group in sorted({(place.question, place.group) for place in before}):
                stood = self.stored[key] | before
                now = {place: self.stored[key].get(place) for place in stood}
                asked = f"câu {question}" + (f", nhóm {group}" if group else "")
                yield audit.Entry(
                    model="reports.surveyround",
                    object_id=self.round.pk,
                    label=f"{criterion.code} {asked} · {self.round.name}",
                    field="answers",
                    before=words(chosen_counts(stood, question, group)),
                    after=words(chosen_counts(now, question, group)),
                    unit_id=sheet.unit_id,
                    context=context_of(self.work.year),
                )


def _row(round_: SurveyRound, key: Key, place: Place, count: int) -> SurveyAnswerCount:
    return SurveyAnswerCount(
        round=round_,
        sheet_id=key[0],
        criterion_id=key[1],
        question=place.question,
        group=place.group,
        option=place.option,
        count=count,
    )


def _write_points(state: _State, act: Act) -> None:
    """Give the changed components the points of all rounds together; where no answers are left, none."""
    leaves = [state.work.nodes[pk] for pk in {key[1] for key in state.before}]
    given = calculations_of({key[0] for key in state.before}, leaves)
    batch: dict[int, list[CellWrite]] = {}
    for key in state.before:
        told = given.get(key)
        points = (told.state, told.points) if told else (PointsState.NOT_ENTERED, None)
        batch.setdefault(key[0], []).append(CellWrite(key[1], Cell.SURVEY, *points))
    written = write_sheets([(state.sheets[pk], writes) for pk, writes in batch.items()], act)
    refused = [one.message for results in written for one in results if one.outcome == "refused"]
    if refused:
        # What was counted never stands without its points.
        raise WorkflowError(refused[0])


def _locked(round_: SurveyRound, writes: Sequence[AnswerWrite]) -> dict[int, ScoreSheet]:
    asked = {write.sheet.pk for write in writes}
    rows = ScoreSheet.objects.select_for_update(of=("self",)).select_related("unit")
    found = rows.filter(pk__in=asked, assessment_year=round_.assessment_year_id).order_by("pk")
    if len(found) != len(asked):
        raise WorkflowError("Phiếu chấm điểm không thuộc năm của đợt điều tra.")
    return {row.pk: row for row in found}


def _require_round(row: SurveyRound, act: Act) -> None:
    year = row.assessment_year
    message = CORRECTION_ONLY if stages.is_correction(year.stage) else NOT_YOURS
    access.require(may_set_up(act, row), message)
    why = correction_refusal(year, act.reason)
    if why is not None:
        raise WorkflowError(why)


def _told(row: SurveyRound) -> dict[str, str | None]:
    return {name: _text(getattr(row, name)) for name in ROUND_FIELDS}


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "có" if value else "không"
    return None if value in (None, "") else str(value)


def _record_round(
    row: SurveyRound, before: Mapping[str, str | None], after: Mapping[str, str | None], act: Act
) -> None:
    context = context_of(row.assessment_year)
    entries = (
        audit.Entry(
            model="reports.surveyround",
            object_id=row.pk,
            label=row.name,
            field=name,
            before=before[name],
            after=after[name],
            context=context,
        )
        for name in ROUND_FIELDS
    )
    audit.record(entries, act)
