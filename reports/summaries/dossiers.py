"""A unit's dossiers in a year: counts as printed, periods never overlapping, rates with their counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol, TypeVar

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from districts.models import Unit
from districts.prepared import Prepared
from reports.check_sentences import FindingText, dossier_findings, dossier_gaps
from reports.models import DossierCount, Quality, Scope, Source
from reports.numbers_vi import date_vi
from reports.periods import Period, finest_series

from .contents import UNIT, rows_of
from .results import Figure

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Counts of what happened in a period are added over adjoining periods …
FLOWS = (
    *(
        "received_online",
        "received_direct",
        "resolved",
        "resolved_early",
        "resolved_on_time",
        "resolved_late",
    ),
    *("on_time_or_early", "returned", "withdrawn", "apologised", "rescheduled"),
    *("digitised_on_receipt", "digitised_results"),
)
# … what was there when it began comes from the first, what was left when it ended from the last.
OPENING = ("carried_over",)
CLOSING = (
    "pending",
    "pending_on_time",
    "pending_late",
    "awaiting_supplement",
    "suspended",
    "late_unspecified",
)
# The order of form II.06/VPCP/KSTT, columns 3 to 13, and what stands beside it; True is a part of the total above.
FORM = (
    *(("received", False), ("received_online", True), ("received_direct", True), ("carried_over", True)),
    *(("resolved", False), ("resolved_early", True), ("resolved_on_time", True), ("on_time_or_early", True)),
    *(("resolved_late", True), ("pending", False), ("pending_on_time", True), ("pending_late", True)),
    *(("late_unspecified", False), ("awaiting_supplement", False), ("suspended", False), ("returned", False)),
    *(("withdrawn", False), ("apologised", False), ("rescheduled", False)),
    *(("digitised_on_receipt", False), ("digitised_results", False)),
)
COUNTS = tuple(name for name, _part in FORM)
DOSSIERS: Prepared[DossierCount] = Prepared(
    lambda: (
        DossierCount.objects.public()
        .filter(unit=UNIT, field=None)
        .select_related("source")
        .order_by("starts_on", "pk")
    )
)
LABELS = {f.name: f.verbose_name for f in DossierCount._meta.fields}
OF_RESOLVED, OF_RECEIVED = gettext_lazy("trên hồ sơ đã giải quyết"), gettext_lazy("trên hồ sơ tiếp nhận")
# What a share is called, and what it is a share of.
NAMES = {
    "on_time": (gettext_lazy("Trước và đúng hạn"), OF_RESOLVED),
    "early": (gettext_lazy("Trước hạn"), OF_RESOLVED),
    "online": (gettext_lazy("Nộp trực tuyến"), gettext_lazy("trên hồ sơ nộp trong kỳ")),
    "digitised_on_receipt": (gettext_lazy("Số hóa khi tiếp nhận"), OF_RECEIVED),
    "digitised_results": (gettext_lazy("Số hóa"), OF_RESOLVED),
    "returned": (gettext_lazy("Trả lại, không đủ điều kiện"), OF_RECEIVED),
    "apologised": (gettext_lazy("Có thư xin lỗi"), gettext_lazy("trên hồ sơ quá hạn")),
}


class Dated(Protocol):
    """What has a period."""

    @property
    def starts_on(self) -> dt.date: ...
    @property
    def ends_on(self) -> dt.date: ...


Row = TypeVar("Row", bound=Dated)


@dataclass(frozen=True)
class Rate:
    """A share in percent with the two counts behind it; `printed` is what the source itself says."""

    label: str
    of: str
    numerator: int | None
    denominator: int | None
    printed: Decimal | None = None
    # What it is compared by, unit with unit.
    key: str = ""

    @property
    def percent(self) -> Decimal | None:
        """Return the share of 100, unrounded, or None where a count is missing or nothing was counted."""
        return percent_of(self.numerator, self.denominator)

    @property
    def is_known(self) -> bool:
        return self.percent is not None or self.printed is not None


@dataclass(frozen=True)
class Line:
    """A count in the order of form II.06; a part is shown under the total it belongs to."""

    label: StrPromise | str
    figure: Figure
    is_part: bool


@dataclass(frozen=True)
class DossierSummary:
    """The dossiers of one scope of a unit over one period."""

    scope: str
    scope_label: str
    period: Period
    label: str
    counts: dict[str, Figure]
    rates: tuple[Rate, ...]
    sources: tuple[Source, ...]
    months: tuple[DossierCount, ...]
    row: DossierCount | None
    # What is left out because it would tell the same days twice.
    unused: tuple[DossierCount, ...] = ()

    @cached_property
    def lines(self) -> list[Line]:
        """Return the known counts in the order of the form."""
        return [
            Line(LABELS[name], self.counts[name], is_part) for name, is_part in FORM if name in self.counts
        ]

    @cached_property
    def series(self) -> str:
        """Return the name of the periods that were added up: “Tháng 1/2024 – Tháng 12/2024”; empty for one period."""
        labels = [label_of_row(row) for row in self.months]
        return f"{labels[0]} – {labels[-1]}" if labels else ""

    @cached_property
    def unused_labels(self) -> list[str]:
        """Return the periods that overlap the shown ones and are not added to them."""
        return list(dict.fromkeys(label_of_row(row) for row in self.unused))

    @cached_property
    def reasons(self) -> list[tuple[str, str]]:
        """Return how the unit explains gaps, with the period where several are added up."""
        rows = self.months or ((self.row,) if self.row else ())
        return [(label_of_row(row) if self.months else "", row.gap_reason) for row in rows if row.gap_reason]

    @cached_property
    def month_gaps(self) -> list[tuple[str, FindingText]]:
        """Return what does not agree within each of the periods that were added up."""
        return [(label_of_row(row), found) for row in self.months for found in dossier_gaps(row)]

    @cached_property
    def findings(self) -> tuple[FindingText, ...]:
        """Return whether the printed counts agree; periods added up are not a source's own counts."""
        return dossier_findings(self.row) if self.row else ()


def dossiers_of_unit(unit: Unit) -> list[DossierSummary]:
    """Return a unit's dossiers, all fields together: a summary a year and scope, newest first. One query."""
    return [one for rows in dossier_rows(unit).values() for one in summaries_of_year(rows)]


def dossier_rows(unit: Unit) -> dict[int, list[DossierCount]]:
    """Return the rows of a unit's dossiers, all fields together, by year, newest first. One query."""
    by_year: dict[int, list[DossierCount]] = {}
    for row in rows_of(unit, DOSSIERS):
        by_year.setdefault(row.ends_on.year, []).append(row)
    return dict(sorted(by_year.items(), reverse=True))


def summaries_of_year(rows: Iterable[DossierCount]) -> list[DossierSummary]:
    """Return a summary a scope of the rows of one year."""
    by_scope: dict[str, list[DossierCount]] = {scope: [] for scope in Scope.values}
    for row in rows:
        by_scope[row.scope].append(row)
    return [summary_of(scope, own) for scope, own in by_scope.items() if own]


def summary_of(scope: str, rows: list[DossierCount]) -> DossierSummary:
    """Return one scope's counts from the rows of one year, over the periods that cover most of it."""
    # Of one period a unit's own figures go before what others printed of it.
    chosen = finest_rows(sorted(rows, key=lambda r: r.source.reported_by_id is not None))
    used = {row.pk for row in chosen}
    period = period_of(chosen)
    counts = _added(chosen) if len(chosen) > 1 else _printed(chosen[0])
    return DossierSummary(
        scope=scope,
        scope_label=str(Scope(scope).label),
        period=period,
        label=period_label(period),
        counts=counts,
        rates=tuple(_rates(counts, chosen[0] if len(chosen) == 1 else None)),
        sources=tuple({r.source_id: r.source for r in chosen}.values()),
        months=chosen if len(chosen) > 1 else (),
        row=chosen[0] if len(chosen) == 1 else None,
        unused=tuple(r for r in rows if r.pk not in used),
    )


def finest_rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the rows of the periods that cover most of a year without overlapping; of one period the last row."""
    by_period = {Period(row.starts_on, row.ends_on): row for row in rows}
    return tuple(by_period[period] for period in finest_series(by_period))


def period_of(chosen: Sequence[Dated]) -> Period:
    """Return the period that adjoining rows cover together."""
    return Period(chosen[0].starts_on, chosen[-1].ends_on)


def _printed(row: DossierCount) -> dict[str, Figure]:
    return {
        name: Figure(value, row.quality_of(name), row.wording_of(name), row.source)
        for name in COUNTS
        if (value := getattr(row, name)) is not None
    }


def _added(rows: tuple[DossierCount, ...]) -> dict[str, Figure]:
    """Add adjoining periods; a count that one of them lacks stays unknown.

    Received totals hold what was carried over (form II.06, column 3), so they are not added: the first
    period's carry-over and everything received since are.
    """
    found = {name: _sum(rows, name) for name in FLOWS}
    found |= {name: getattr(rows[0], name) for name in OPENING}
    found |= {name: getattr(rows[-1], name) for name in CLOSING}
    parts = [found[name] for name in ("carried_over", "received_online", "received_direct")]
    found["received"] = None if None in parts else sum(p for p in parts if p is not None)
    return {name: Figure(value) for name in COUNTS if (value := found[name]) is not None}


def _sum(rows: Iterable[DossierCount], name: str) -> int | None:
    values = [getattr(r, name) for r in rows]
    return None if None in values else sum(values)


def shares(counts: Mapping[str, int]) -> dict[str, tuple[int | None, int | None]]:
    """Return numerator and denominator of each usual share by its key; `counts` are the exact ones."""
    count = counts.get
    early, on_time, resolved = count("resolved_early"), count("resolved_on_time"), count("resolved")
    in_time = count("on_time_or_early")
    if in_time is None and early is not None and on_time is not None:
        in_time = early + on_time
    online, direct = count("received_online"), count("received_direct")
    submitted = online + direct if online is not None and direct is not None else None
    late = _sum_known(count("resolved_late"), count("pending_late"))
    return {
        "on_time": (in_time, resolved),
        "early": (early, resolved),
        "online": (online, submitted),
        "digitised_on_receipt": (count("digitised_on_receipt"), submitted),
        "digitised_results": (count("digitised_results"), resolved),
        "returned": (count("returned"), submitted),
        "apologised": (count("apologised"), late),
    }


def percent_of(numerator: int | None, denominator: int | None) -> Decimal | None:
    """Return the share of 100, unrounded, or None where a count is missing or nothing was counted."""
    return None if numerator is None or not denominator else Decimal(100) * numerator / denominator


def _rates(counts: Mapping[str, Figure], row: DossierCount | None) -> Iterator[Rate]:
    """Yield the known shares, of one row with what its source says."""
    exact = {name: figure.value for name, figure in counts.items() if figure.quality == Quality.EXACT}
    printed = {
        "on_time": row.printed_on_time_rate if row else None,
        "digitised_results": row.printed_digitised_rate if row else None,
    }
    for key, (numerator, denominator) in shares(exact).items():
        label, of = NAMES[key]
        rate = Rate(str(label), str(of), numerator, denominator, printed.get(key), key)
        if rate.is_known:
            yield rate


def _sum_known(*values: int | None) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def label_of_row(row: DossierCount) -> str:
    """Return the name of a row's period."""
    return period_label(Period(row.starts_on, row.ends_on))


def period_label(period: Period) -> str:
    """Return a period's name as reports print it: “Năm 2024”, “5 tháng đầu năm 2024”, “Tháng 3/2024”."""
    return _period_label(period, get_language())


@lru_cache(maxsize=1024)
def _period_label(period: Period, _language: str | None) -> str:
    shape, number = period.shape
    args = {"number": number, "year": period.end.year}
    match shape:
        case "year":
            return _("Năm %(year)d") % args
        case "half" if number == 1:
            return _("6 tháng đầu năm %(year)d") % args
        case "half":
            return _("6 tháng cuối năm %(year)d") % args
        case "quarter":
            return _("Quý %(roman)s/%(year)d") % (args | {"roman": ("I", "II", "III", "IV")[number - 1]})
        case "month":
            return _("Tháng %(number)d/%(year)d") % args
        case "months_from_january":
            return _("%(number)d tháng đầu năm %(year)d") % args
    return _("Từ %(start)s đến %(end)s") % {"start": date_vi(period.start), "end": date_vi(period.end)}
