"""A month's answers at a unit's desks become a figure of the unit, when one of its people says so."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from districts import access
from districts.audit import Act
from districts.models import Unit
from reports.models import Satisfaction, Scope
from reports.summaries.ratings import RatingMonth, months_of_desks

from .figures import MAY_NOT_WRITE, RowResult, RowWrite, may_write, write_rows

NOTHING = "Không có lượt đánh giá nào trong tháng này."
NOT_OVER = "Tháng này chưa kết thúc; hãy ghi khi đã hết tháng."


@transaction.atomic
def confirm_month(unit: Unit, month: str, act: Act, seen: int | None = None) -> RowResult:
    """Write what the desks counted in a month ("2026-10") as the unit's own rating of that month.

    The counts are read here, not taken from the page, and only of a month that is over. `seen` is the version of the
    figure that the person saw beside them, 0 where there was none: what was typed since is not written over. Raises
    Denied.
    """
    if act.actor is not None:
        access.require(may_write(act.actor, unit), MAY_NOT_WRITE)
    found = next((one for one in months_of_desks(unit) if f"{one.period.start:%Y-%m}" == month), None)
    if found is None:
        return RowResult("refused", None, NOTHING)
    if not found.is_over:
        return RowResult("refused", None, NOT_OVER)
    return write_rows(unit, [_write(found, seen)], act)[0]


def _write(month: RatingMonth, seen: int | None) -> RowWrite:
    counted = month.counted
    period: dict[str, dt.date] = {"starts_on": month.period.start, "ends_on": month.period.end}
    key = {"scope": Scope.OWN, "kind": Satisfaction.Kind.RATING, **period}
    values = {
        "satisfied": counted.satisfied,
        "respondents": counted.respondents,
        "level_counts": counted.level_counts,
        "is_random_sample": False,
    }
    # Factors typed by hand were of other counts.
    return RowWrite(Satisfaction, key, values, expected_version=seen, parts={})
