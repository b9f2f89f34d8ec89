"""What is one row of a one-stop system's list? A dossier, or a reason why it cannot be counted. Pure.

Only what counting needs is read: names, identity numbers and addresses stand in columns nobody looks at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from districts.names import fold
from reports.readers import ReadError, text_of
from reports.row_streams import Row
from reports.workbook_archives import FileError, column_letter

from .days import day_of
from .layout import REQUIRED, Layout
from .words import (
    Channel,
    Column,
    State,
    Tier,
    channel_of,
    mark_of,
    state_of,
    tier_of,
)

# So many different texts of a column are remembered at once.
KNOWN_TEXTS = 20_000
MAX_FIELDS = 300
FIELD_LENGTH = 160
SHOWN_LENGTH = 60
CLOSED = (State.RESOLVED, State.RETURNED, State.WITHDRAWN)


class Place(NamedTuple):
    """Whose work a dossier is: the key of a unit, and a scope of it ("own", "communes", "territory")."""

    unit: str
    scope: str


class Dossier(NamedTuple):
    """One dossier, days only. `finished` is set where it was resolved, returned or withdrawn, and only there.

    `due` may be missing where no clock runs: waiting for papers, suspended, returned, withdrawn. `field` is folded,
    empty where the list has no such column.
    """

    received: dt.date
    due: dt.date | None
    finished: dt.date | None
    state: State
    channel: Channel
    field: str
    place: Place
    digitised_on_receipt: bool
    result_digitised: bool


class Rejected(Exception):
    """A row cannot be counted; the message says why, in Vietnamese, and never repeats what stands in it."""

    def __init__(self, column: int | None, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Rejection:
    """A rejected row for whoever sent it: `row` as a spreadsheet shows it, the value cut to a readable length."""

    row: int
    column: str
    heading: str
    value: str
    message: str


@dataclass(frozen=True)
class Places:
    """Whose work a row is where the list says so: by code or folded name of the unit, by tier; else `default`."""

    default: Place | None = None
    by_unit: Mapping[str, Place] = field(default_factory=dict)
    by_tier: Mapping[Tier, Place] = field(default_factory=dict)


_UNKNOWN = object()


class _Cells:
    """One column of the list; each text is understood once. No text is ever part of an exception, nor of its causes."""

    def __init__(self, place: int, parse: Callable[[Any], Any]) -> None:
        self.place, self.parse, self.known = place, parse, dict[Any, Any]()

    def of(self, row: Row) -> Any:
        raw = row[self.place]
        known = self.known.get(raw, _UNKNOWN)
        return self._learn(raw) if known is _UNKNOWN else known

    def _learn(self, raw: Any) -> Any:
        try:
            value = self.parse(raw)
        except ReadError as error:
            raise Rejected(self.place, str(error)) from None
        if len(self.known) >= KNOWN_TEXTS:
            self.known.clear()
        self.known[raw] = value
        return value


class _Nothing(_Cells):
    """A column the list does not have."""

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def of(self, row: Row) -> Any:
        return self.value


class Reader:
    """Understands rows one after the other, in constant memory; `fields` are the names met, by folded name."""

    def __init__(
        self, layout: Layout, places: Places, *, today: dt.date, channel: Channel | None = None
    ) -> None:
        self.layout, self.places, self.today, self.default_channel = layout, places, today, channel
        self.width = len(layout.headings)
        self.needed = max(layout.columns.values()) + 1
        self.fields: dict[str, str] = {}
        parsers: dict[Column, Callable[[Any], Any]] = {
            Column.CHANNEL: channel_of,
            Column.FIELD: self._field,
            Column.STATE: state_of,
            Column.ON_RECEIPT: mark_of,
            Column.RESULT: mark_of,
            Column.UNIT: self._unit,
            Column.TIER: tier_of,
        }
        parsers |= dict.fromkeys(REQUIRED, day_of)
        absent: dict[Column, Any] = {Column.FIELD: "", Column.ON_RECEIPT: False, Column.RESULT: False}
        at = layout.columns
        self.cells = {
            c: _Cells(at[c], parse) if c in at else _Nothing(absent.get(c)) for c, parse in parsers.items()
        }
        if Column.CHANNEL not in at and channel is None:
            raise FileError(
                "Thiếu cột “Hình thức tiếp nhận”; hãy thêm cột hoặc chọn hình thức chung cho cả danh sách."
            )

    def read(self, row: Row) -> Dossier:
        """Return the dossier of a row. Raises Rejected."""
        if len(row) != self.width:
            row = self._evened(row)
        cells = self.cells
        received, due = cells[Column.RECEIVED].of(row), cells[Column.DUE].of(row)
        finished, state = cells[Column.FINISHED].of(row), cells[Column.STATE].of(row)
        if state is None:
            state = State.PENDING if finished is None else State.RESOLVED
        self._require_order(received, due, finished, state)
        channel = cells[Column.CHANNEL].of(row) or self.default_channel
        if channel is None:
            raise Rejected(self.layout.columns[Column.CHANNEL], "Thiếu hình thức tiếp nhận.")
        return Dossier(
            received,
            due,
            finished,
            state,
            channel,
            cells[Column.FIELD].of(row),
            cells[Column.UNIT].of(row) or self._by_tier(row),
            cells[Column.ON_RECEIPT].of(row),
            cells[Column.RESULT].of(row),
        )

    def _require_order(
        self, received: dt.date | None, due: dt.date | None, finished: dt.date | None, state: State
    ) -> None:
        """Refuse days that are missing, out of order or still to come."""
        wrong: tuple[Column, str] | None = None
        if received is None:
            wrong = Column.RECEIVED, "Thiếu ngày tiếp nhận."
        elif received > self.today:
            wrong = Column.RECEIVED, "Ngày tiếp nhận ở tương lai."
        elif finished is None and state in CLOSED:
            wrong = Column.FINISHED, "Hồ sơ đã kết thúc mà thiếu ngày kết thúc xử lý."
        elif finished is not None:
            wrong = self._wrong_end(received, finished, state)
        if wrong is None and received is not None:
            wrong = _wrong_due(received, due, state)
        if wrong is not None:
            raise Rejected(self.layout.columns[wrong[0]], wrong[1])

    def _wrong_end(self, received: dt.date, finished: dt.date, state: State) -> tuple[Column, str] | None:
        if state not in CLOSED:
            return Column.FINISHED, "Hồ sơ chưa kết thúc mà đã có ngày kết thúc xử lý."
        if finished < received:
            return Column.FINISHED, "Ngày kết thúc xử lý trước ngày tiếp nhận."
        return (Column.FINISHED, "Ngày kết thúc xử lý ở tương lai.") if finished > self.today else None

    def rejection(self, number: int, row: Row, why: Rejected) -> Rejection:
        """Return what its sender is told of a rejected row."""
        if why.column is None or why.column >= len(row):
            return Rejection(number, "", "", "", str(why))
        value = text_of(row[why.column])
        shown = f"{value[:SHOWN_LENGTH]}…" if len(value) > SHOWN_LENGTH else value
        heading = self.layout.headings[why.column] if why.column < self.width else ""
        return Rejection(number, column_letter(why.column), heading, shown, str(why))

    def is_no_dossier(self, row: Row) -> bool:
        """Return whether a row is empty, numbers the columns, or sums them up, as lists print it at their ends."""
        texts = [text_of(cell) for cell in row]
        filled = [text for text in texts if text]
        if not filled or all(text.strip("()").isdecimal() and len(text) < 5 for text in filled):
            return True
        received = self.layout.columns[Column.RECEIVED]
        has_day = received < len(texts) and any(sign.isdigit() for sign in texts[received])
        return not has_day and fold(filled[0]).startswith(("tong cong", "tong so", "cong"))

    def _by_tier(self, row: Row) -> Place:
        tier = self.cells[Column.TIER].of(row)
        place = self.places.by_tier.get(tier, self.places.default)
        if place is None:
            at = self.layout.columns
            raise Rejected(at.get(Column.UNIT, at.get(Column.TIER)), "Không rõ đơn vị giải quyết.")
        return place

    def _evened(self, row: Row) -> Row:
        """Rows of another length than the headings hide a separator inside a value: never guessed."""
        if len(row) > self.width and any(text_of(cell) for cell in row[self.width :]):
            raise Rejected(
                None,
                f"Hàng có {len(row)} ô, tiêu đề có {self.width} ô; giá trị có dấu ngăn cách phải đặt trong ngoặc kép.",
            )
        if len(row) < self.needed:
            raise Rejected(None, f"Hàng chỉ có {len(row)} ô, tiêu đề có {self.width} ô.")
        return row

    def _unit(self, cell: object) -> Place | None:
        text = text_of(cell)
        if not text:
            return None
        known = self.places.by_unit
        found = known.get(text) or known.get(fold(text))
        if found is None:
            raise ReadError("Không có đơn vị giải quyết này trong phạm vi được nhập.")
        return found

    def _field(self, cell: object) -> str:
        name = text_of(cell)
        key = fold(name)
        if not key:
            raise ReadError("Thiếu lĩnh vực.")
        if len(name) > FIELD_LENGTH or sum(sign.isdigit() for sign in name) > 8:
            raise ReadError("Không giống tên một lĩnh vực.")
        if key not in self.fields and len(self.fields) >= MAX_FIELDS:
            raise ReadError(f"Cột lĩnh vực có hơn {MAX_FIELDS} giá trị khác nhau, không phải là lĩnh vực.")
        self.fields.setdefault(key, name)
        return key


def _wrong_due(received: dt.date, due: dt.date | None, state: State) -> tuple[Column, str] | None:
    if due is None:
        has_clock = state is State.RESOLVED or state is State.PENDING
        return (Column.DUE, "Thiếu ngày hẹn trả.") if has_clock else None
    return (Column.DUE, "Ngày hẹn trả trước ngày tiếp nhận.") if due < received else None
