"""What is one row of a one-stop system's list? A dossier, or a reason why it cannot be counted. Pure.

Only what counting needs is read: names, identity numbers and addresses stand in columns nobody looks at.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from districts.names import fold
from reports.readers import ReadError, text_of
from reports.sheet_files import FileError, column_letter

from .days import day_of
from .words import (
    COLUMN_NAMES,
    Channel,
    Column,
    State,
    Tier,
    channel_of,
    heading_of,
    mark_of,
    state_of,
    tier_of,
)

HEADER_ROWS = 20
REQUIRED = (Column.RECEIVED, Column.DUE, Column.FINISHED)
# So many different texts of a column are remembered at once.
KNOWN_TEXTS = 20_000
MAX_FIELDS = 300
FIELD_LENGTH = 160
SHOWN_LENGTH = 60
CLOSED = (State.RESOLVED, State.RETURNED, State.WITHDRAWN)

Row = Sequence[Any]
Rows = Iterator[tuple[int, Row]]


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
class Layout:
    """Where a list's columns are; `ignored` are headings that mean the same as the one that is read."""

    headings: tuple[str, ...]
    columns: Mapping[Column, int]
    ignored: tuple[str, ...] = ()

    @property
    def said(self) -> dict[str, str]:
        """Return which heading was taken for what, in words: "Ngày tiếp nhận" → "Ngày nhận hồ sơ"."""
        return {COLUMN_NAMES[column]: self.headings[place] for column, place in self.columns.items()}


@dataclass(frozen=True)
class Places:
    """Whose work a row is where the list says so: by code or folded name of the unit, by tier; else `default`."""

    default: Place | None = None
    by_unit: Mapping[str, Place] = field(default_factory=dict)
    by_tier: Mapping[Tier, Place] = field(default_factory=dict)


def find_layout(rows: Rows) -> Layout:
    """Read down to the heading row, which is consumed, and return where the columns are.

    Raises FileError where the first rows have no such headings; the message names the missing ones.
    """
    best: Layout | None = None
    for _, (_, row) in zip(range(HEADER_ROWS), rows, strict=False):
        layout = _layout(row)
        if all(column in layout.columns for column in REQUIRED):
            return layout
        if best is None or len(layout.columns) > len(best.columns):
            best = layout
    missing = [COLUMN_NAMES[c] for c in REQUIRED if best is None or c not in best.columns]
    raise FileError(
        f"Không tìm thấy hàng tiêu đề có đủ các cột; còn thiếu: {', '.join(f'“{name}”' for name in missing)}."
    )


def _layout(row: Row) -> Layout:
    found: dict[Column, tuple[int, int]] = {}
    ignored = []
    for place, cell in enumerate(row):
        if (meaning := heading_of(cell)) is None:
            continue
        column, rank = meaning
        if column not in found or rank < found[column][0]:
            if column in found:
                ignored.append(text_of(row[found[column][1]]))
            found[column] = (rank, place)
        else:
            ignored.append(text_of(cell))
    columns = {column: found[column][1] for column in Column if column in found}
    return Layout(tuple(text_of(cell) for cell in row), columns, tuple(ignored))


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
        cells, at = self.cells, self.layout.columns
        received, due = cells[Column.RECEIVED].of(row), cells[Column.DUE].of(row)
        finished, state = cells[Column.FINISHED].of(row), cells[Column.STATE].of(row)
        if received is None:
            raise Rejected(at[Column.RECEIVED], "Thiếu ngày tiếp nhận.")
        if state is None:
            state = State.PENDING if finished is None else State.RESOLVED
        if finished is None:
            if state in CLOSED:
                raise Rejected(at[Column.FINISHED], "Hồ sơ đã kết thúc mà thiếu ngày kết thúc xử lý.")
        elif state not in CLOSED:
            raise Rejected(at[Column.FINISHED], "Hồ sơ chưa kết thúc mà đã có ngày kết thúc xử lý.")
        elif finished < received:
            raise Rejected(at[Column.FINISHED], "Ngày kết thúc xử lý trước ngày tiếp nhận.")
        elif finished > self.today:
            raise Rejected(at[Column.FINISHED], "Ngày kết thúc xử lý ở tương lai.")
        if due is None:
            if state in (State.RESOLVED, State.PENDING):
                raise Rejected(at[Column.DUE], "Thiếu ngày hẹn trả.")
        elif due < received:
            raise Rejected(at[Column.DUE], "Ngày hẹn trả trước ngày tiếp nhận.")
        if received > self.today:
            raise Rejected(at[Column.RECEIVED], "Ngày tiếp nhận ở tương lai.")
        channel = cells[Column.CHANNEL].of(row) or self.default_channel
        if channel is None:
            raise Rejected(at[Column.CHANNEL], "Thiếu hình thức tiếp nhận.")
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


class Codes:
    """The codes of the dossiers of a list, twelve bytes each and none of them legible, to find those met twice.

    Two different codes are taken for one with a chance of about 1 to 37 million in a million dossiers.
    """

    SHELVES = 256

    def __init__(self, column: int | None) -> None:
        self.column = column
        self.hashes = [array("q") for _ in range(self.SHELVES)]
        self.rows = [array("I") for _ in range(self.SHELVES)]

    def add(self, number: int, row: Row) -> None:
        """Note the code of a row, if there is one."""
        if self.column is None or self.column >= len(row) or row[self.column] in ("", None):
            return
        raw = row[self.column]
        code = hash(raw.strip() if isinstance(raw, str) else text_of(raw))
        shelf = code % self.SHELVES
        self.hashes[shelf].append(code)
        self.rows[shelf].append(number)

    def repeated(self) -> Iterator[tuple[int, int]]:
        """Yield rows whose code an earlier row has, with that row."""
        for hashes, rows in zip(self.hashes, self.rows, strict=True):
            if len(set(hashes)) == len(hashes):
                continue
            first: dict[int, int] = {}
            for code, row in zip(hashes, rows, strict=True):
                if first.setdefault(code, row) != row:
                    yield row, first[code]
