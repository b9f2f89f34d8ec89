"""How many dossiers came, were resolved, are open? Lists counted into the columns of form II.06/VPCP/KSTT. Pure.

Days only. A dossier belongs to a period's column 3 if it was received by the period's last day and not finished
before its first; it is carried over if it was received before that first day. Whoever was finished on the first day
is therefore carried over *and* resolved in the period, so 3 = 7 + 11 and column 6 = column 11 of the period before
hold for every list. (A program in use carries over with "finished > first day" while it resolves with ">=": what
closes on day 1 is missing from column 3.)

Early, on time, late: finished before, on, after the day due. Open dossiers are late at a period's end if they were due
before it. A list says only how a dossier stood when it was drawn; where it waits for papers or is suspended, its
clock stands still, and it counts so at the end of every period in which it was open (the note of II.06a counts such
dossiers as in time). What was returned or withdrawn without a day due was closed on time, by the same note.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from reports.periods import DAY, Period

from .reading import Channel, Dossier, Place, State

Convention = Literal["inside", "beside"]
Shape = Literal["month", "quarter", "half", "year", "whole"]
MONTHS_OF: dict[Shape, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
MAX_PERIODS = 120
# So many different kinds of dossiers are told apart before they are added up.
KINDS_AT_ONCE = 50_000
JUDGEMENTS = ("early", "on_time", "late")

# Which dossiers a kind holds: place, field, index of the period received in (−1 before the first) and finished in
# (the number of periods where not yet), index of the first period at whose end it would be late, and the rest.
Kind = tuple[Place, str, int, int, int, int, Channel, State, bool, bool]
Cell = tuple[Place, str | None, int, str]


class PeriodError(ValueError):
    """The days asked for make no periods; the message says why, in Vietnamese."""


def cut(start: dt.date, end: dt.date, shape: Shape = "month") -> list[Period]:
    """Return the adjoining months, quarters, halves or years from one day to another, or the whole as one period.

    Raises PeriodError where they do not begin and end with such a period.
    """
    if end < start:
        raise PeriodError("Ngày kết thúc kỳ phải bằng hoặc sau ngày bắt đầu.")
    if shape == "whole":
        return [Period(start, end)]
    months, periods = MONTHS_OF[shape], []
    if start.day != 1 or (start.month - 1) % months or (end + DAY).day != 1 or end.month % months:
        raise PeriodError(
            "Kỳ phải bắt đầu từ ngày đầu và kết thúc vào ngày cuối của tháng, quý, nửa năm hoặc năm."
        )
    while start <= end:
        years, month = divmod(start.month - 1 + months, 12)
        following = dt.date(start.year + years, month + 1, 1)
        periods.append(Period(start, following - DAY))
        start = following
    if len(periods) > MAX_PERIODS:
        raise PeriodError(f"Quá {MAX_PERIODS} kỳ trong một lần nhập.")
    return periods


def parse_days(text: str) -> tuple[dt.date, dt.date]:
    """Return the first and last day of "2025", "2025-03", "2025-Q1", "2025-H1" or "2025-01..2025-06".

    Raises PeriodError.
    """
    first, dots, last = text.strip().upper().partition("..")
    return (_days(first)[0], _days(last)[1]) if dots else _days(first)


def _days(text: str) -> tuple[dt.date, dt.date]:
    found = re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|H([12])|(0[1-9]|1[0-2])(?:-(\d\d))?))?", text)
    if not found:
        raise PeriodError("Kỳ ghi như 2025, 2025-03, 2025-Q1, 2025-H1 hoặc 2025-01..2025-06.")
    year, quarter, half, month, day = (int(part) if part else 0 for part in found.groups())
    first, months = 1, 12
    if quarter:
        first, months = 3 * quarter - 2, 3
    elif half:
        first, months = 6 * half - 5, 6
    elif month:
        first, months = month, 1
    try:
        start = dt.date(year, first, day or 1)
    except ValueError:
        raise PeriodError("Không có ngày này trong lịch.") from None
    last = first + months - 1
    return start, start if day else dt.date(year, last, calendar.monthrange(year, last)[1])


class Tally:
    """Adds dossiers up, in a memory that does not grow with their number; `outside` touched none of the periods."""

    def __init__(self, periods: Sequence[Period]) -> None:
        self.periods = tuple(periods)
        self.starts = [period.start for period in periods]
        self.ends = [period.end for period in periods]
        self.kinds: Counter[Kind] = Counter()
        self.cells: Counter[Cell] = Counter()
        self.counted = self.outside = self.received_before = 0
        self.first: dt.date | None = None
        self.last: dt.date | None = None

    def add(self, dossier: Dossier) -> None:
        """Count one dossier."""
        received, due, finished, state = dossier.received, dossier.due, dossier.finished, dossier.state
        self._stretch(received, finished or received)
        count = len(self.ends)
        came = -1 if received < self.starts[0] else bisect_left(self.ends, received)
        went = count if finished is None else bisect_left(self.ends, finished)
        if came == count or (finished is not None and finished < self.starts[0]):
            self.outside += 1
            return
        self.counted += 1
        judgement = 1
        late_from = count
        if due is not None and state is not State.AWAITING and state is not State.SUSPENDED:
            late_from = bisect_right(self.ends, due)
            if finished is not None:
                judgement = 0 if finished < due else 1 if finished == due else 2
        kind = (dossier.place, dossier.field, came, went, late_from, judgement, dossier.channel, state)
        self.kinds[(*kind, dossier.digitised_on_receipt, dossier.result_digitised)] += 1
        if len(self.kinds) >= KINDS_AT_ONCE:
            self._add_up()

    def results(self) -> Counter[Cell]:
        """Return the counts by (place, field, index of the period, name); the field None stands for all of them."""
        self._add_up()
        return self.cells

    def _stretch(self, first: dt.date, last: dt.date) -> None:
        if self.first is None or first < self.first:
            self.first = first
        if self.last is None or last > self.last:
            self.last = last

    def _add_up(self) -> None:
        for kind, number in self.kinds.items():
            place, field = kind[0], kind[1]
            if kind[2] < 0:
                self.received_before += number
            for index, name in _marks(kind, len(self.periods)):
                self.cells[place, None, index, name] += number
                if field:
                    self.cells[place, field, index, name] += number
        self.kinds.clear()


def _marks(kind: Kind, periods: int) -> list[tuple[int, str]]:
    """Return in which periods a kind of dossiers counts, and as what."""
    _, _, came, went, late_from, judgement, channel, state, on_receipt, result = kind
    marks = [(index, "carried_over") for index in range(came + 1, min(went + 1, periods))]
    if came >= 0:
        marks.append((came, "online" if channel is Channel.ONLINE else "direct"))
        if on_receipt:
            marks.append((came, "on_receipt"))
    stopped = {State.AWAITING: "awaiting", State.SUSPENDED: "suspended"}.get(state)
    open_in = range(max(came, 0), went)
    marks += [
        (index, stopped or ("open_late" if index >= late_from else "open_in_time")) for index in open_in
    ]
    if went < periods:
        closed = state.value if state in (State.RETURNED, State.WITHDRAWN) else ""
        marks.append((went, f"{'closed' if closed else 'resolved'}_{JUDGEMENTS[judgement]}"))
        if closed:
            marks.append((went, closed))
        if result:
            marks.append((went, "closed_results" if closed else "results"))
    return marks


def columns(
    cells: Counter[Cell],
    place: Place,
    field: str | None,
    index: int,
    *,
    convention: Convention = "inside",
    has_on_receipt: bool = True,
    has_result: bool = True,
) -> dict[str, int | None]:
    """Return one row of the form, by the fields of a dossier count; None where the list has no such column.

    "inside" counts what waits or is suspended among the open and in time, what was returned or withdrawn among the
    resolved, by its days; "beside" leaves both out, so that 3 = 7 + 11 + those. `received` is column 3, with what was
    carried over.
    """

    def of(name: str) -> int:
        return cells[place, field, index, name]

    stopped, is_inside = of("awaiting") + of("suspended"), convention == "inside"
    judged = {
        name: of(f"resolved_{name}") + (of(f"closed_{name}") if is_inside else 0) for name in JUDGEMENTS
    }
    in_time, late = of("open_in_time") + (stopped if is_inside else 0), of("open_late")
    return {
        "received": of("online") + of("direct") + of("carried_over"),
        "received_online": of("online"),
        "received_direct": of("direct"),
        "carried_over": of("carried_over"),
        "resolved": sum(judged.values()),
        **{f"resolved_{name}": number for name, number in judged.items()},
        "on_time_or_early": judged["early"] + judged["on_time"],
        "pending": in_time + late,
        "pending_on_time": in_time,
        "pending_late": late,
        "awaiting_supplement": of("awaiting"),
        "suspended": of("suspended"),
        "returned": of("returned"),
        "withdrawn": of("withdrawn"),
        "digitised_on_receipt": of("on_receipt") if has_on_receipt else None,
        "digitised_results": of("results") + (of("closed_results") if is_inside else 0)
        if has_result
        else None,
    }
