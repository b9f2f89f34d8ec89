"""Where do the figures of an annex contradict each other? Told, never refused: they are stored as printed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from reports.numbers_vi import number

from .findings import Finding, at_cell
from .result_fields import ResultRow

MAX_PRINTED = Decimal(100)


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
