"""The appraisal of many sheets is finished at once: all that lack nothing move, of the others it is told why not."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from districts import access, audit
from districts.audit import Act
from districts.models import User
from reports import stages
from reports.models import AssessmentYear, Score, ScoreSheet
from reports.stages import Status, Step

from .reach import is_let_in
from .sheet_steps import advance, audit_entries, leaves_of, plan_of, told, told_unscored, without_value

# Of these nothing is left to finish.
FINISHED = {Status.APPRAISED, Status.CLOSED, Status.NOT_REPORTED}
STAGES = {stages.Stage.ROUND1, stages.Stage.REPLY, stages.Stage.ROUND2, stages.Stage.COUNCIL}


def may_finish_all(user: User, year: AssessmentYear) -> bool:
    """Return whether a person may finish the appraisal of all sheets of a year: its appraisers and publishers."""
    return access.can_appraise(user, year.organiser) or access.can_publish(user, year.organiser)


@dataclass(frozen=True)
class Finished:
    """What became of the sheets of a year under one order: how many moved, which stayed and why."""

    done: int
    left: tuple[tuple[ScoreSheet, str], ...]


@transaction.atomic
def finish_complete(year: AssessmentYear, act: Act) -> Finished:
    """Say of every sheet of a year that lacks nothing that it is appraised; tell of the others why not.

    Sheets already past this step are not spoken of. Constant queries for any number of sheets.
    """
    sheets = list(
        ScoreSheet.objects.select_for_update(of=("self",))
        .filter(assessment_year=year)
        .select_related("unit")
        .order_by("unit__sort_key")
    )
    # After the locks, as for a single sheet.
    now = AssessmentYear.objects.select_related("organiser", "group").get(pk=year.pk)
    allowed = act.is_program or (act.actor is not None and may_finish_all(act.actor, now))
    access.require(allowed, f"Bạn không có quyền thực hiện “{stages.LABELS[Step.FINISH_APPRAISAL]}”.")
    codes = _unscored_by_sheet(now)
    ready, left = [], []
    for row in sheets:
        refusal = _finish_refusal(row, now, codes.get(row.pk, []))
        if refusal is None:
            ready.append(row)
        elif row.status not in FINISHED:
            left.append((row, refusal))
    _move_all(ready, now, act)
    return Finished(len(ready), tuple(left))


def _finish_refusal(row: ScoreSheet, year: AssessmentYear, codes: list[str]) -> str | None:
    is_reopened = is_let_in(row, timezone.now())
    refusal = stages.allowed(
        year.stage, row.status, Step.FINISH_APPRAISAL, plan=plan_of(year), is_reopened=is_reopened
    )
    if refusal is not None:
        return refusal.message
    return told_unscored(codes, "appraised") if codes else None


def _move_all(rows: list[ScoreSheet], year: AssessmentYear, act: Act) -> None:
    before = {row.pk: told(row) for row in rows}
    for row in rows:
        advance(row, year, Step.FINISH_APPRAISAL, None)
    ScoreSheet.objects.bulk_update(rows, ["status"], batch_size=500)
    audit.record((entry for row in rows for entry in audit_entries(row, year, before[row.pk], "")), act)


def _unscored_by_sheet(year: AssessmentYear) -> dict[int, list[str]]:
    """Return the codes of leaves to be appraised and not, by sheet. Three queries."""
    states: dict[int, dict[int, tuple[str, str]]] = {
        pk: {} for pk in year.sheets.values_list("pk", flat=True)
    }
    rows = Score.objects.filter(sheet__assessment_year=year)
    for sheet, leaf, said, by_unit in rows.values_list(
        "sheet_id", "criterion_id", "appraised_state", "self_state"
    ).iterator():
        states[sheet][leaf] = (said, by_unit)
    leaves = leaves_of(year, "appraised")
    return {sheet: without_value(leaves, known) for sheet, known in states.items()}
