"""A year is prepared: who is assessed by which criteria, under which rules and until when; before it is opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import transaction

from districts import access, audit
from districts.audit import Act
from reports.models import AssessmentYear, Deadline

from .context import WorkflowError, context_of

FIELDS = (
    *("criteria_set", "has_second_round", "has_council", "ranking_rule", "rank_on", "round_at", "digits"),
    *("is_rescaled", "grade_bands", "note"),
)
NOT_YOURS = "Chỉ người có quyền công bố của cơ quan được lập kỳ đánh giá và đặt thời hạn."
OPENED = "Kỳ đánh giá đã mở: không đổi được bộ tiêu chí và quy tắc, chỉ đổi được thời hạn và ghi chú."


@transaction.atomic
def save_year(year: AssessmentYear, deadlines: Mapping[str, dt.datetime | None], act: Act) -> AssessmentYear:
    """Store a new year, or the changed rules and deadlines of one; the rules only before it is opened.

    Raises WorkflowError where it was opened, ValidationError where the year is there already or makes no sense.
    """
    if act.actor is not None:
        access.require(access.can_publish(act.actor, year.organiser), NOT_YOURS)
    before = AssessmentYear.objects.select_for_update(of=("self",)).filter(pk=year.pk).first()
    changed = [name for name in FIELDS if _text(before, name) != _text(year, name)]
    if before is not None and before.stage != before.Stage.PREPARE and set(changed) - {"note"}:
        raise WorkflowError(OPENED)
    year.full_clean()
    # Where the year stands by now is not the form's to say.
    year.save(update_fields=None if before is None else FIELDS)
    entries = [_entry(year, name, _text(before, name), _text(year, name)) for name in FIELDS]
    audit.record([*entries, *_save_deadlines(year, deadlines)], act)
    return year


def _save_deadlines(
    year: AssessmentYear, deadlines: Mapping[str, dt.datetime | None]
) -> Iterable[audit.Entry]:
    known = {deadline.stage: deadline for deadline in year.deadlines.all()}
    for stage, at in deadlines.items():
        before = known.get(stage)
        if at is None and before is not None:
            before.delete()
        elif at is not None:
            Deadline.objects.update_or_create(assessment_year=year, stage=stage, defaults={"at": at})
        old = before.at.isoformat() if before else None
        yield _entry(year, f"deadline_{stage}", old, at.isoformat() if at else None)


def _entry(year: AssessmentYear, name: str, before: str | None, after: str | None) -> audit.Entry:
    return audit.Entry(
        model="reports.assessmentyear",
        object_id=year.pk,
        label=str(year),
        field=name,
        before=before,
        after=after,
        context=context_of(year),
    )


def _text(year: AssessmentYear | None, name: str) -> str | None:
    value = getattr(year, name, None)
    return None if value is None or value in ("", []) else str(value)
