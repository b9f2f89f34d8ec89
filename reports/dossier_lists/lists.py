"""From a file to its counts: the heading row found, every row read, what cannot be counted told. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from reports.periods import Period
from reports.row_streams import Progress, RowSheet, open_rows
from reports.workbook_archives import FileError, column_letter

from .codes import Codes
from .counting import Cell, Convention, Tally, columns
from .layout import Layout, find_layout
from .reading import Place, Places, Reader, Rejected, Rejection
from .words import Channel, Column

# More rejected rows than these are only counted.
TOLD_REJECTIONS = 10_000
REPEATED = "Mã hồ sơ này đã có ở hàng %d."


@dataclass(frozen=True)
class Counted:
    """What a list says: counts by (place, folded field, period), and what became of its rows.

    The field None stands for all of them; `fields` gives the name each was first written with. `outside` dossiers
    touched none of the periods, `received_before` were received before the first. `rejected` counts all rejected
    rows, `rejections` tells the first 10.000. `first` and `last` are the days between which anything happened.
    """

    periods: Sequence[Period]
    layout: Layout
    counts: Mapping[tuple[Place, str | None, int], Mapping[str, int | None]]
    fields: Mapping[str, str]
    rows: int
    counted: int
    outside: int
    received_before: int
    rejected: int
    rejections: Sequence[Rejection] = ()
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass
class _Rejected:
    rows: list[Rejection] = field(default_factory=list)
    number: int = 0

    def add(self, rejection: Rejection) -> None:
        self.number += 1
        if len(self.rows) < TOLD_REJECTIONS:
            self.rows.append(rejection)


def count_list(
    stream: BinaryIO,
    periods: Sequence[Period],
    places: Places,
    *,
    today: dt.date,
    convention: Convention = "inside",
    channel: Channel | None = None,
    progress: Progress | None = None,
) -> Counted:
    """Count a list over adjoining periods, in constant memory but for twelve bytes a dossier code.

    A dossier code that is met again is counted once. `channel` is that of dossiers of which the list does not say.
    Raises FileError where the file cannot be read as such a list at all.
    """
    repeated: dict[int, int] = {}
    while True:
        counting = _Counting(stream, periods, places, today, channel, repeated, progress)
        found = dict(counting.codes.repeated())
        if found.keys() <= repeated.keys():
            return counting.counted(convention)
        # The rows are known only now: once more, without them.
        repeated = found


class _Counting:
    """One pass over a list, without the rows that repeat another's code."""

    def __init__(
        self,
        stream: BinaryIO,
        periods: Sequence[Period],
        places: Places,
        today: dt.date,
        channel: Channel | None,
        repeated: Mapping[int, int],
        progress: Progress | None,
    ) -> None:
        self.sheet, self.layout = _list_in(stream, progress)
        self.reader = Reader(self.layout, places, today=today, channel=channel)
        self.codes = Codes(self.layout.columns.get(Column.CODE))
        self.tally, self.rejected, self.rows = Tally(periods), _Rejected(), 0
        self._pass(repeated)

    def _pass(self, repeated: Mapping[int, int]) -> None:
        read, add, note = self.reader.read, self.tally.add, self.codes.add
        for number, row in self.sheet.rows:
            try:
                dossier = read(row)
            except Rejected as why:
                if self.reader.is_no_dossier(row):
                    continue
                self.rejected.add(self.reader.rejection(number, row, why))
            else:
                if number in repeated:
                    self.rejected.add(self._repetition(number, repeated[number]))
                else:
                    add(dossier)
            self.rows += 1
            note(number, row)

    def _repetition(self, number: int, first: int) -> Rejection:
        place = self.codes.column or 0
        return Rejection(number, column_letter(place), self.layout.headings[place], "", REPEATED % first)

    def counted(self, convention: Convention) -> Counted:
        tally, cells = self.tally, self.tally.results()
        if not self.rows:
            raise FileError("Danh sách không có hồ sơ nào.")
        return Counted(
            periods=tally.periods,
            layout=self.layout,
            counts=_rows_of(cells, self.layout, len(tally.periods), convention),
            fields=dict(self.reader.fields),
            rows=self.rows,
            counted=tally.counted,
            outside=tally.outside,
            received_before=tally.received_before,
            rejected=self.rejected.number,
            rejections=sorted(self.rejected.rows, key=lambda one: one.row),
            first=tally.first,
            last=tally.last,
        )


def _list_in(stream: BinaryIO, progress: Progress | None) -> tuple[RowSheet, Layout]:
    """Return the first sheet that is such a list, read down to its headings."""
    error = None
    for sheet in open_rows(stream, progress):
        try:
            return sheet, find_layout(sheet.rows)
        except FileError as why:
            error = error or why
    raise error or FileError("Tệp không có dữ liệu.")


def _rows_of(
    cells: Counter[Cell], layout: Layout, periods: int, convention: Convention
) -> dict[tuple[Place, str | None, int], dict[str, int | None]]:
    """Return a row for every period of each field a place has; the total of all fields last."""
    met = sorted(
        {(place, name) for place, name, _, _ in cells}, key=lambda key: (key[0], key[1] is None, key[1] or "")
    )
    return {
        (place, name, index): columns(
            cells,
            place,
            name,
            index,
            convention=convention,
            has_on_receipt=Column.ON_RECEIPT in layout.columns,
            has_result=Column.RESULT in layout.columns,
        )
        for place, name in met
        for index in range(periods)
    }
