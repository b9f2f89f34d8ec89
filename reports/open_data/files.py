"""Open data as files: CSV and JSON as rows are read, a workbook of a year, the description of its package."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.models import AssessmentYear
from reports.spreadsheets import Cell, Sheet, safe_text

from .fields import DATASETS, Dataset
from .rows import Parts, Row, Shared, rows_of

# Lines that are sent together: each by itself would cost more on its way than to write.
TOGETHER = 500
# Texts of a column that are remembered.
MOST_TEXTS = 10_000


class _Line:
    """What a CSV writer writes to: the line comes back to whoever asked."""

    def write(self, line: str) -> str:
        return line


_writer = csv.writer(_Line())


class _Texts(dict[Any, str]):
    """The cells of a column as a CSV file has them; most values come back."""

    def __missing__(self, value: Any) -> str:
        if len(self) >= MOST_TEXTS:
            self.clear()
        text = self[value] = _joined([value])
        return text


def _joined(values: Iterable[Any]) -> str:
    """Return cells as they stand within a line."""
    # The last cell, an empty one, goes again with the end of the line: alone, an empty cell would be quoted.
    return str(_writer.writerow([*map(_guarded, values), ""]))[:-3]


def csv_parts(dataset: Dataset, rows: Iterable[Parts]) -> Iterator[str]:
    """Yield a CSV file, UTF-8 with BOM, comma separated, decimal point; never a cell that a spreadsheet would run."""
    names = [field.name for field in dataset.fields]
    yield "\ufeff" + _joined(names) + "\r\n"
    columns: list[tuple[str, _Texts]] = []

    def shared(part: Shared) -> str:
        part.text = _joined(part[name] for name in names if name in part)
        return part.text

    def own(part: Row) -> str:
        if not columns:
            columns.extend((name, _Texts()) for name in names if name in part)
        return ",".join([texts[part[name]] for name, texts in columns])

    for some in _together(rows):
        lines = [
            ",".join([part.text or shared(part) if type(part) is Shared else own(part) for part in row])
            for row in some
        ]
        yield "\r\n".join([*lines, ""])


def json_parts(dataset: Dataset, rows: Iterable[Row], about: Mapping[str, Any]) -> Iterator[str]:
    """Yield a JSON document: what it is, then its rows; figures are exact decimal strings."""
    head = json.dumps({"dataset": dataset.slug, **about}, ensure_ascii=False)
    yield f'{head[:-1]}, "rows": ['
    between = "\n"
    for some in _together(rows):
        yield between + ",\n".join(json.dumps(exact(row), ensure_ascii=False) for row in some)
        between = ",\n"
    yield "\n]}\n"


def _together(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(rows)
    return iter(lambda: list(islice(rest, TOGETHER)), [])


def exact(row: Row) -> dict[str, Any]:
    """Return a row as JSON has it: decimals as strings, days as ISO 8601, empty texts of codes as null."""
    return {name: _json(value) for name, value in row.items()}


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if value == "" else value


def decimal_text(value: Decimal) -> str:
    """Return a decimal as it is, without an exponent and without zeros at its end: 92.4100 → "92.41"."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(value: Any) -> Cell:
    """Return a value as a cell of a CSV file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | str) or value is None:
        return value
    raise TypeError(f"no cell of {type(value).__name__}")


def workbook_sheets(year: AssessmentYear) -> Iterator[Sheet]:
    """Yield the sheets of a year's workbook: each dataset that has rows, what the columns mean, where it is from."""
    for dataset in DATASETS.values():
        rows = [[_cell(row[field.name]) for field in dataset.fields] for row in rows_of(dataset.slug, year)]
        if rows:
            yield Sheet(dataset.slug, [field.name for field in dataset.fields], rows)
    yield Sheet(
        _("Giải thích cột"),
        [_("Bảng"), _("Cột"), _("Kiểu"), _("Ý nghĩa"), _("Đơn vị tính"), _("Các mã")],
        list(_dictionary()),
    )
    yield Sheet(
        _("Giới thiệu"),
        [_("Mục"), _("Nội dung")],
        [(str(key), str(value)) for key, value in about(year).items() if value],
    )


def _cell(value: Any) -> Cell:
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return _guarded(value)


def _guarded(value: Any) -> Cell:
    """Return a cell, a text that a spreadsheet would run made harmless; a negative number is no such text."""
    return safe_text(value) if isinstance(value, str) else plain(value)


def _dictionary() -> Iterator[tuple[str, ...]]:
    for dataset in DATASETS.values():
        for field in dataset.fields:
            codes = "; ".join(f"{code} = {meaning}" for code, meaning in (field.values or {}).items())
            yield dataset.slug, field.name, field.type, str(field.title), str(field.unit), codes


def about(year: AssessmentYear) -> dict[str, Any]:
    """Return what stands at the head of each file: whose figures they are, which version, under which licence."""
    publication = year.current_publication
    return {
        "title": _("Chỉ số cải cách hành chính %(year)s, %(name)s (%(group)s)")
        % {"year": year.year, "name": year.organiser.name, "group": year.group.label},
        "organiser": year.organiser.slug,
        "year": year.year,
        "group": year.group.slug,
        "is_sample": year.organiser.is_sample,
        "version": publication.version if publication else None,
        "published_on": timezone.localdate(publication.published_at).isoformat() if publication else None,
        "decision": publication.decision_number or None if publication else None,
        "licence": settings.DATA_LICENCE,
        "licence_url": settings.DATA_LICENCE_URL,
    }


def package(year: AssessmentYear, datasets: Iterable[str], address: str = "") -> dict[str, Any]:
    """Return a Frictionless data package that describes a year's CSV files; `address` stands before their names."""
    told = about(year)
    return {
        "profile": "tabular-data-package",
        "name": f"cchc-{year.organiser.slug}-{year.year}-{year.group.slug}",
        "title": told["title"],
        "version": str(told["version"] or 1),
        "licenses": licences(),
        "sample": year.organiser.is_sample,
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": slug,
                "title": str(DATASETS[slug].title),
                "path": f"{address}{slug}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": DATASETS[slug].schema,
            }
            for slug in datasets
        ],
    }


def licences() -> list[dict[str, str]]:
    """Return the licence as packages name it."""
    return [{"name": settings.DATA_LICENCE, "path": settings.DATA_LICENCE_URL}]
