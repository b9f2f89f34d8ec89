"""A year's ranking on a map: which unit stands where, and the step its published figure falls in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from districts.models import Unit
from reports.maps.steps import Step, movement_step_of, movement_steps, sequence, step_of
from reports.maps.tiles import Tile
from reports.models import Boundary, ScopeKind, Standing, Unranked
from reports.tile_layouts import tiles_of

from .ranking import Ranking
from .results import UnitResult

TOTAL, MOVEMENT = "total", "movement"
TILES, BOUNDARIES = "tiles", "boundaries"
# Fewer figures than this show nothing side by side.
FEWEST = 2


@dataclass(frozen=True)
class MappedUnit:
    """A unit with its published figure of what the map shows; where there is none, `reason` says why."""

    unit: Unit
    name: str
    address: str
    value: Decimal | None = None
    rank: int | None = None
    rank_of: int | None = None
    rank_change: int | None = None
    reason: str = ""
    # As the source worded a figure that it gave only as a bound.
    wording: str = ""
    step: Step | None = None
    tile: Tile | None = None
    boundary: Boundary | None = None


@dataclass(frozen=True)
class UnitMap:
    """One year's units on a map; `placed` from north-west to south-east, `unplaced` have no place on it."""

    ranking: Ranking
    by: str
    # What the map can show: keys and titles, areas by their code.
    measures: tuple[tuple[str, str], ...]
    shape: str
    shapes: tuple[str, ...]
    placed: tuple[MappedUnit, ...]
    unplaced: tuple[MappedUnit, ...]
    steps: tuple[Step, ...]

    @property
    def units(self) -> tuple[MappedUnit, ...]:
        """All units, the ranked ones first."""
        return tuple(sorted(self.placed + self.unplaced, key=_by_rank))

    @property
    def with_figures(self) -> int:
        return sum(one.value is not None for one in self.units)

    @property
    def of(self) -> int:
        """How many units there are: those of the year's roster where it is known."""
        return max(self.ranking.coverage.roster or 0, len(self.placed) + len(self.unplaced))

    @property
    def compares(self) -> bool:
        return self.with_figures >= FEWEST

    @property
    def is_movement(self) -> bool:
        return self.by == MOVEMENT

    @property
    def title(self) -> str:
        return dict(self.measures)[self.by]

    @property
    def origins(self) -> list[tuple[str, str]]:
        """Where the outlines come from: source and licence, each once."""
        drawn = [one.boundary for one in self.placed if one.boundary and self.shape == BOUNDARIES]
        return sorted({(boundary.source, boundary.licence) for boundary in drawn})


def unit_map(ranking: Ranking, by: str = TOTAL, shape: str = "") -> UnitMap | None:
    """Return the year on a map, None where neither tiles nor outlines are there; four queries at most.

    An unknown `by` is the total, an unknown `shape` the first there is.
    """
    year = ranking.year
    tiles = {
        (tile.scheme, tile.code): tile
        for tile in tiles_of(year.organiser.slug, year.group.slug)
        if tile.is_in(year.year)
    }
    # Who asked for the year has often asked for this with it.
    is_outlined = not ranking.publication or getattr(year, "is_outlined", True)
    if not tiles and not is_outlined:
        return None
    found = {(one.unit.scheme_id, one.unit.code): one for one in ranking.results}
    others = _units(set(tiles) - set(found))
    whose = _whose(ranking) | Q(unit__in=others)
    outlines = _outlines(whose, wanted=shape == BOUNDARIES) if is_outlined else {}
    if not found or not (set(tiles) & {*found, *map(_key, others)} or outlines):
        return None
    measures = _measures(ranking)
    by = by if by in dict(measures) else TOTAL
    shapes = (*([TILES] if tiles else []), *([BOUNDARIES] if outlines else []))
    shape = shape if shape in shapes else shapes[0]
    if shape == BOUNDARIES and any("path" in one.get_deferred_fields() for one in outlines.values()):
        outlines = _outlines(Q(pk__in=[one.pk for one in outlines.values()]), wanted=True)
    told = [*_told(ranking, by), *(_untold(unit, ranking) for unit in others)]
    steps, stepped = _stepped(told, by)
    here = [_at(one, tiles.get(_key(one.unit)), outlines.get(one.unit.pk), shape) for one in stepped]
    return UnitMap(
        ranking=ranking,
        by=by,
        measures=measures,
        shape=shape,
        shapes=shapes,
        placed=tuple(sorted((one for one in here if one.tile or one.boundary), key=_by_place)),
        unplaced=tuple(one for one in here if not (one.tile or one.boundary)),
        steps=steps,
    )


def _key(unit: Unit) -> tuple[str, str]:
    return unit.scheme_id, unit.code


def _units(keys: Iterable[tuple[str, str]]) -> list[Unit]:
    by_scheme: dict[str, list[str]] = {}
    for scheme, code in keys:
        by_scheme.setdefault(scheme, []).append(code)
    if not by_scheme:
        return []
    wanted = Q()
    for scheme, codes in by_scheme.items():
        wanted |= Q(scheme=scheme, code__in=codes)
    return list(Unit.objects.filter(wanted).prefetch_related("versions"))


def _whose(ranking: Ranking) -> Q:
    """Select the boundaries of the year's units, without naming each of hundreds."""
    if ranking.publication is None:
        return Q(unit__in=[one.unit.pk for one in ranking.results])
    return Q(unit__in=Standing.objects.filter(scope__publication=ranking.publication).values("unit"))


def _outlines(whose: Q, *, wanted: bool) -> dict[int, Boundary]:
    rows = Boundary.objects.filter(whose).select_related("unit")
    return {row.unit_id: row for row in (rows if wanted else rows.defer("path"))}


def _measures(ranking: Ranking) -> tuple[tuple[str, str], ...]:
    measures = [(TOTAL, _("Tổng điểm"))]
    if any(one.points_change for one in ranking.results):
        measures.append((MOVEMENT, _("Tăng, giảm so với năm trước")))
    if ranking.publication:
        areas = (scope for scope in ranking.publication.compared if scope.kind == ScopeKind.AREA)
        measures += [(area.key, area.label) for area in areas]
    return tuple(measures)


def _told(ranking: Ranking, by: str) -> list[MappedUnit]:
    if by not in (TOTAL, MOVEMENT) and ranking.publication:
        return _of_area(ranking, by)
    return [_of_movement(one) if by == MOVEMENT else _of_total(one) for one in ranking.results]


def _of_total(result: UnitResult) -> MappedUnit:
    total, rank = result.total, result.rank
    return MappedUnit(
        unit=result.unit,
        name=result.unit_name,
        address=result.url,
        value=total.value if total else None,
        rank=rank.value if rank else None,
        rank_of=result.rank_of,
        wording=total.wording if total and total.is_bound else "",
        reason=result.unranked or _("chưa có số liệu"),
    )


def _of_movement(result: UnitResult) -> MappedUnit:
    change, places = result.points_change, result.rank_change
    return MappedUnit(
        unit=result.unit,
        name=result.unit_name,
        address=result.url,
        value=change.value if change else None,
        rank=result.rank.value if result.rank else None,
        rank_of=result.rank_of,
        rank_change=places.value if places else None,
        wording=change.wording if change and change.is_bound else "",
        reason=result.no_movement or result.unranked or _("chưa có số liệu"),
    )


def _of_area(ranking: Ranking, code: str) -> list[MappedUnit]:
    standings = Standing.objects.filter(
        scope__publication=ranking.publication, scope__kind=ScopeKind.AREA, scope__key=code
    )
    own = {standing.unit_id: standing for standing in standings}
    found = []
    for result in ranking.results:
        standing = own.get(result.unit.pk)
        unranked = standing.unranked if standing else ""
        found.append(
            MappedUnit(
                unit=result.unit,
                name=result.unit_name,
                address=result.url,
                value=standing.points if standing else None,
                rank=standing.rank if standing else None,
                rank_of=result.rank_of,
                reason=str(Unranked(unranked).label) if unranked else _("chưa có số liệu"),
            )
        )
    return found


def _untold(unit: Unit, ranking: Ranking) -> MappedUnit:
    """Return a unit that the map has a place for and the year no result of."""
    outside = _("không thuộc danh sách đánh giá năm này")
    return MappedUnit(
        unit=unit,
        name=unit.name_on(dt.date(ranking.year.year, 12, 31)),
        address=unit.get_absolute_url(),
        reason=outside if ranking.publication else _("chưa có số liệu"),
    )


def _stepped(units: list[MappedUnit], by: str) -> tuple[tuple[Step, ...], list[MappedUnit]]:
    """Return the steps of the colours and the units with theirs; none where too few have figures to compare."""
    values = [one.value for one in units if one.value is not None]
    if len(values) < FEWEST:
        return (), units
    steps = movement_steps(values) if by == MOVEMENT else sequence(values)
    choose = movement_step_of if by == MOVEMENT else step_of
    return steps, [one if one.value is None else replace(one, step=choose(one.value, steps)) for one in units]


def _at(one: MappedUnit, tile: Tile | None, boundary: Boundary | None, shape: str) -> MappedUnit:
    return replace(one, tile=tile) if shape == TILES else replace(one, boundary=boundary)


def _by_place(one: MappedUnit) -> tuple[int, int, str]:
    """Order as one reads: rows from the north, each from the west; outlines by the point they are written at."""
    if one.tile:
        return one.tile.row, one.tile.column, one.unit.code
    return (one.boundary.label_y, one.boundary.label_x, one.unit.code) if one.boundary else (0, 0, "")


def _by_rank(one: MappedUnit) -> tuple[bool, int, Decimal, str]:
    return one.value is None, one.rank or 0, -(one.value or Decimal(0)), one.unit.sort_key
