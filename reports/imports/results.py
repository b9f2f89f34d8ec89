"""Results an old decision printed, from a file or a form: taken as printed, checked against themselves."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from django.db import transaction
from django.db.models import Q, QuerySet

from districts.audit import Act, Entry, record
from districts.models import Level, Unit
from districts.names import fold
from reports import readers
from reports.models import AssessmentYear, OfficialResult, Source
from reports.numbers_vi import number
from reports.readers import ReadError, text_of
from reports.sheet_files import Table

from .findings import Fate, Finding, Shown, Summary, at_cell
from .layout import HEADER_ROWS, IDENTITY_SHEET, INSTRUCTIONS_SHEET, labelled
from .places import UnitIndex

Kind = Literal["points", "change", "place", "places", "text"]
MAX_PRINTED = Decimal(100)


@dataclass(frozen=True)
class ResultField:
    """A column of an annex: the figure's name, its title, what else the column may be called, how it is read."""

    name: str
    title: str
    kind: Kind
    labels: tuple[str, ...] = ()


RESULT_FIELDS = (
    ResultField(
        "total", "Tổng điểm", "points", ("chi so cchc", "chi so", "tong", "ket qua", "par index", "diem")
    ),
    ResultField("total_max", "Điểm tối đa", "points", ("toi da",)),
    ResultField("rank", "Hạng", "place", ("xep hang", "thu hang", "vi thu")),
    ResultField("rank_of", "Trên tổng số", "place", ("tong so don vi", "so don vi")),
    ResultField("grade", "Xếp loại", "text", ("loai", "phan loai")),
    ResultField("appraised_points", "Điểm thẩm định", "points", ("tham dinh",)),
    ResultField("appraised_max", "Tối đa thẩm định", "points"),
    ResultField("appraised_rank", "Hạng thẩm định", "place"),
    ResultField(
        "survey_points", "Điểm điều tra xã hội học", "points", ("dieu tra xa hoi hoc", "diem dtxhh", "dtxhh")
    ),
    ResultField("survey_max", "Tối đa điều tra xã hội học", "points"),
    ResultField("survey_rank", "Hạng điều tra xã hội học", "place", ("hang dtxhh",)),
    ResultField("total_change", "Tăng, giảm điểm", "change", ("tang giam diem so voi nam truoc",)),
    ResultField("rank_change", "Tăng, giảm bậc", "places", ("tang giam hang",)),
    ResultField("position", "Vị trí nêu trong văn bản", "text", ("vi tri",)),
)
TEXT_LENGTHS = {"grade": 60, "position": 120}
FIELDS: Mapping[str, ResultField] = {one.name: one for one in RESULT_FIELDS}
_LABELS = {
    "ma don vi": "unit_code",
    "ma": "unit_code",
    "don vi": "unit_name",
    "ten don vi": "unit_name",
    "nam": "year",
    **{label: one.name for one in RESULT_FIELDS for label in (fold(one.title), *one.labels)},
}
_NO_HEADER = (
    "Không tìm thấy hàng tiêu đề có “Đơn vị” (hoặc “Mã đơn vị”) và ít nhất một cột như “Tổng điểm”, “Hạng”; "
    "hãy dùng tệp mẫu và không trộn ô ở hàng này."
)

Figure = Decimal | int | str | None


@dataclass(frozen=True)
class ResultRow:
    """A unit's line: the figures it prints, and the stored row they would go to."""

    unit: Unit
    table: Table
    row: int
    figures: Mapping[str, Figure]
    columns: Mapping[str, int]
    before: OfficialResult | None

    @property
    def changes(self) -> dict[str, tuple[Figure, Figure]]:
        """Return before and after of each figure that is printed and differs."""
        stand = {name: getattr(self.before, name) if self.before else None for name in self.figures}
        return {name: (stand[name], value) for name, value in self.figures.items() if stand[name] != value}

    @property
    def fate(self) -> Fate:
        if self.before is None:
            return Fate.NEW
        return Fate.CHANGED if self.changes else Fate.UNCHANGED


@dataclass(frozen=True)
class ResultCheck:
    """What a file would store of a year's results; nothing is written where it has an error."""

    year: AssessmentYear
    source: Source
    rows: list[ResultRow]
    findings: list[Finding] = field(default_factory=list)

    @property
    def summary(self) -> Summary:
        lines = [line for row in self.rows for line in _shown(row)]
        unchanged = sum(row.fate == Fate.UNCHANGED for row in self.rows)
        return Summary(lines, self.findings, unchanged, len(self.rows))

    @property
    def digest(self) -> str:
        """Return what tells whether the same file would still do the same."""
        told = hashlib.sha256()
        for row in self.rows:
            told.update(repr((row.unit.pk, row.fate, sorted(row.changes.items()))).encode())
        return told.hexdigest()


def units_of(year: AssessmentYear) -> QuerySet[Unit]:
    """Return the units a year's results may speak of: those of the group's levels below the organiser's units."""
    above = year.organiser.units.values("pk")
    path = Q(parent__in=above) | Q(parent__parent__in=above) | Q(pk__in=year.sheets.values("unit"))
    known = Q(pk__in=year.official_results.values("unit"))
    return (
        Unit.objects.filter((path & Q(level__in=year.group.levels or Level.values)) | known)
        .prefetch_related("versions")
        .order_by("sort_key", "scheme_id", "code")
    )


def check_results(year: AssessmentYear, source: Source, tables: Sequence[Table]) -> ResultCheck:
    """Check a whole file of printed results; figures are never refused for contradicting themselves, but flagged."""
    findings: list[Finding] = []
    headers = [found for table in tables if (found := _header(table))]
    if len(headers) != 1:
        message = _NO_HEADER if not headers else "Có nhiều trang tính có kết quả; hãy để lại một trang."
        return ResultCheck(year, source, [], [Finding(message)])
    table, header, columns = headers[0]
    findings += _identity_findings(year, tables)
    index = UnitIndex(units_of(year), among=f"thuộc {year.organiser.name}")
    standing = {
        row.unit_id: row for row in OfficialResult.objects.filter(assessment_year=year, source=source)
    }
    rows: list[ResultRow] = []
    seen: dict[int, int] = {}
    for row_number in range(header + 1, len(table.rows)):
        row = _read_row(year, table, row_number, columns, index, findings)
        if row and row.unit.pk in seen:
            first = seen[row.unit.pk] + 1
            findings.append(
                at_cell(table, row_number, _unit_column(columns), f"Lặp lại đơn vị ở hàng {first}.")
            )
        elif row:
            seen[row.unit.pk] = row_number
            rows.append(
                ResultRow(row.unit, table, row_number, row.figures, columns, standing.get(row.unit.pk))
            )
    if not rows and not findings:
        findings.append(Finding("Tệp không có dòng kết quả nào."))
    return ResultCheck(year, source, rows, [*findings, *contradictions(rows)])


@transaction.atomic
def apply_results(check: ResultCheck, act: Act) -> int:
    """Store the rows of a check that has no error; returns how many rows were new or changed."""
    written = [row for row in check.rows if row.fate != Fate.UNCHANGED]
    stored = [(row, _stored(check, row)) for row in written]
    record([entry for row, result in stored for entry in _entries(check.year, row, result)], act)
    return len(written)


def _stored(check: ResultCheck, row: ResultRow) -> OfficialResult:
    result = row.before or OfficialResult(assessment_year=check.year, unit=row.unit, source=check.source)
    for name, value in row.figures.items():
        setattr(result, name, value)
    result.full_clean(exclude=["source", "assessment_year", "unit"], validate_unique=False)
    result.save()
    return result


def _entries(year: AssessmentYear, row: ResultRow, result: OfficialResult) -> Iterator[Entry]:
    for name, (before, after) in row.changes.items():
        yield Entry(
            model="reports.officialresult",
            object_id=result.pk,
            label=f"{row.unit.full_name} · {FIELDS[name].title}",
            field=name,
            before=None if before in (None, "") else str(before),
            after=None if after is None else str(after),
            unit_id=row.unit.pk,
            context=f"{year.organiser.slug}/{year.year}/{year.group.slug}",
        )


def _identity_findings(year: AssessmentYear, tables: Sequence[Table]) -> Iterator[Finding]:
    said = {
        text_of(row[0]): text_of(row[1])
        for table in tables
        if table.name == IDENTITY_SHEET
        for row in table.rows
        if len(row) > 1
    }
    if said.get("year", str(year.year)) != str(year.year):
        yield Finding(f"Tệp này của năm {said['year']}, không phải năm {year.year}.")
    if said.get("organiser", year.organiser.slug) != year.organiser.slug:
        yield Finding(f"Tệp này của cơ quan khác, không phải của {year.organiser.name}.")


def _header(table: Table) -> tuple[Table, int, dict[str, int]] | None:
    if table.name in (IDENTITY_SHEET, INSTRUCTIONS_SHEET):
        return None
    for number_, row in enumerate(table.rows[:HEADER_ROWS]):
        columns = labelled(row, _LABELS)
        if {"unit_code", "unit_name"} & columns.keys() and columns.keys() & FIELDS.keys():
            return table, number_, columns
    return None


def _unit_column(columns: Mapping[str, int]) -> int:
    return columns.get("unit_code", columns.get("unit_name", 0))


def _read_row(
    year: AssessmentYear,
    table: Table,
    row_number: int,
    columns: Mapping[str, int],
    index: UnitIndex,
    findings: list[Finding],
) -> ResultRow | None:
    cells = {name: _cell(table.rows[row_number], column) for name, column in columns.items()}
    if not any(text_of(cells[name]) for name in cells if name in FIELDS):
        return None
    if text_of(cells.get("year")) not in ("", str(year.year)):
        findings.append(at_cell(table, row_number, columns["year"], f"Không phải năm {year.year}."))
    figures: dict[str, Figure] = {}
    for name, column in columns.items():
        if name in FIELDS:
            try:
                value = _figure(FIELDS[name], cells[name], (row_number, column) in table.broken)
            except ReadError as error:
                findings.append(at_cell(table, row_number, column, str(error)))
                continue
            if value is not None:
                figures[name] = value
            if isinstance(value, Decimal) and readers.has_two_readings(cells[name]):
                message = f"Được đọc là {number(value, 4)}."
                findings.append(at_cell(table, row_number, column, message, is_error=False))
    rank, of = figures.get("rank"), figures.get("rank_of")
    if isinstance(rank, int) and isinstance(of, int) and rank > of:
        findings.append(at_cell(table, row_number, columns["rank"], f"Hạng {rank} lớn hơn số đơn vị {of}."))
    try:
        unit = index.find(cells.get("unit_code"), cells.get("unit_name"))
    except ReadError as error:
        findings.append(at_cell(table, row_number, _unit_column(columns), str(error)))
        return None
    return ResultRow(unit, table, row_number, figures, columns, None)


def _cell(row: list[object], column: int) -> object:
    return row[column] if column < len(row) else None


def _figure(one: ResultField, raw: object, is_broken: bool) -> Figure:
    if is_broken:
        raise ReadError("Ô công thức bị lỗi; hãy sửa công thức hoặc ghi số.")
    if one.kind == "text":
        text = text_of(raw)
        limit = TEXT_LENGTHS[one.name]
        if len(text) > limit:
            raise ReadError(f"Dài hơn {limit} ký tự.")
        return text or None
    if one.kind in ("place", "places"):
        place = readers.parse_count(_without_total(raw) if one.name == "rank" else raw)
        if place is not None and not (1 if one.kind == "place" else -32_768) <= place <= 32_767:
            raise ReadError("Hạng phải từ 1 trở lên." if one.kind == "place" else "Số bậc không hợp lệ.")
        return place
    points = readers.parse_decimal(_without_percent(raw))
    if points is not None and abs(points) >= 100_000:
        raise ReadError("Số quá lớn.")
    if points is not None and points < 0 and one.kind == "points":
        raise ReadError("Điểm không thể âm.")
    return points


def _without_total(raw: object) -> object:
    """A rank printed as 23/30 is the 23."""
    return text_of(raw).partition("/")[0] if isinstance(raw, str) and "/" in raw else raw


def _without_percent(raw: object) -> object:
    """Decisions print the index, which is points out of 100, also as 92,41 %."""
    return text_of(raw).removesuffix("%") if isinstance(raw, str) else raw


def contradictions(rows: Sequence[ResultRow]) -> Iterator[Finding]:
    """Warn of what the printed figures say against each other: sums, maxima, ranks, ties."""
    for row in rows:
        yield from _sum_warnings(row)
    for points, place in (
        ("total", "rank"),
        ("appraised_points", "appraised_rank"),
        ("survey_points", "survey_rank"),
    ):
        yield from _rank_warnings(rows, points, place)


def _warn(row: ResultRow, name: str, message: str) -> Finding:
    return at_cell(row.table, row.row, row.columns.get(name), message, is_error=False)


def _sum_warnings(row: ResultRow) -> Iterator[Finding]:
    total, *parts = (row.figures.get(name) for name in ("total", "appraised_points", "survey_points"))
    if isinstance(total, Decimal) and isinstance(parts[0], Decimal) and isinstance(parts[1], Decimal):
        gap = total - parts[0] - parts[1]
        unit = Decimal(1).scaleb(-max(_digits(total), _digits(parts[0]), _digits(parts[1])))
        if gap and abs(gap) <= unit:
            yield _warn(row, "total", f"Tổng các phần lệch {number(gap, 4)} so với tổng điểm, do làm tròn.")
        elif gap:
            yield _warn(row, "total", f"Tổng các phần lệch {number(gap, 4)} so với tổng điểm.")
    for points, maximum in (
        ("total", "total_max"),
        ("appraised_points", "appraised_max"),
        ("survey_points", "survey_max"),
    ):
        value, limit = row.figures.get(points), row.figures.get(maximum, MAX_PRINTED)
        if isinstance(value, Decimal) and isinstance(limit, Decimal) and value > limit:
            yield _warn(row, points, f"Vượt điểm tối đa {number(limit, 4)}.")


def _digits(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _rank_warnings(rows: Sequence[ResultRow], points: str, place: str) -> Iterator[Finding]:
    ranked = [
        (value, rank, row)
        for row in rows
        if isinstance(value := row.figures.get(points), Decimal)
        and isinstance(rank := row.figures.get(place), int)
    ]
    ranked.sort(key=lambda found: (-found[0], found[1]))
    for (more, ahead, better), (less, behind, worse) in pairwise(ranked):
        if more == less and ahead != behind:
            name = better.unit.full_name
            yield _warn(worse, place, f"Bằng điểm {name} nhưng khác hạng ({ahead} và {behind}).")
        elif more > less and behind <= ahead:
            name = better.unit.full_name
            yield _warn(worse, place, f"Điểm thấp hơn {name} nhưng hạng {behind} không sau hạng {ahead}.")
    yield from _gap_warnings([(rank, row) for _, rank, row in ranked], place)


def _gap_warnings(ranked: Iterable[tuple[int, ResultRow]], place: str) -> Iterator[Finding]:
    """Ranks jump only over ties: 1-2-2-4, or 1-2-2-3 where ties take one place."""
    by_rank: dict[int, list[ResultRow]] = defaultdict(list)
    for rank, row in ranked:
        by_rank[rank].append(row)
    sizes = Counter({rank: len(found) for rank, found in by_rank.items()})
    for before, after in pairwise(sorted(by_rank)):
        if after not in (before + 1, before + sizes[before]):
            yield _warn(by_rank[after][0], place, f"Thiếu hạng giữa {before} và {after}.")


def _shown(row: ResultRow) -> Iterator[Shown]:
    place = at_cell(row.table, row.row, _unit_column(row.columns), "").place
    for name, (before, after) in row.changes.items():
        yield Shown(row.fate, row.unit.full_name, FIELDS[name].title, _words(before), _words(after), place)


def _words(value: Figure) -> str:
    return number(value, 4) if isinstance(value, Decimal) else "–" if value in (None, "") else str(value)
