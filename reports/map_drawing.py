"""A map of units as a drawing: squares and outlines with their colours, words and addresses, and the legend."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import cos, radians

from django.utils.translation import gettext as _

from reports import numbers_vi
from reports.maps.steps import Step
from reports.maps.tiles import short_lines
from reports.summaries.unit_map import BOUNDARIES, MappedUnit, UnitMap

SQUARE, GAP = 100, 6
# More columns than these do not fit a telephone: the map is then scrolled.
NARROW = 8
GRID = 10_000
BREADTH = 1000
DOWN, SAME, UP = "▼", "=", "▲"


@dataclass(frozen=True)
class Line:
    """A line of words in a square, at its height."""

    text: str
    y: int
    is_value: bool = False


@dataclass(frozen=True)
class Mark:
    """A unit as it is drawn: at `x`, `y` a square (or the words of an outline), `path` where it has an outline."""

    address: str
    label: str
    css: str
    x: int
    y: int
    lines: tuple[Line, ...]
    path: str = ""

    @property
    def middle(self) -> int:
        return self.x + (SQUARE - GAP) // 2


@dataclass(frozen=True)
class Entry:
    """A line of the legend: colour, what it means, how many units have it."""

    css: str
    text: str
    count: int
    sign: str = ""


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    marks: tuple[Mark, ...]
    legend: tuple[Entry, ...]
    is_wide: bool = False
    # Brings outlines from the grid of the globe to a plane that is true in the middle of the map.
    transform: str = ""
    # How far apart the hatching's bars are there, in steps of that grid.
    hatch: int = 0

    @property
    def shown_width(self) -> int:
        """How wide it is on a screen that has room."""
        return self.width * 92 // 100 if not self.transform else 640


def draw(shown: UnitMap) -> Drawing:
    """Return the drawing of a map; all figures are printed as on the other pages."""
    if shown.shape == BOUNDARIES:
        return _outlines(shown)
    tiles = [(one, one.tile) for one in shown.placed if one.tile]
    left, top = (min(getattr(tile, side) for _one, tile in tiles) for side in ("column", "row"))
    columns = max(tile.column for _one, tile in tiles) - left + 1
    rows = max(tile.row for _one, tile in tiles) - top + 1
    marks = tuple(
        Mark(
            address=one.address,
            label=label_of(one, shown),
            css=_css(one, shown),
            x=(tile.column - left) * SQUARE + GAP // 2,
            y=(tile.row - top) * SQUARE + GAP // 2,
            lines=_lines(one, shown, tile.short, (tile.row - top) * SQUARE + GAP // 2),
        )
        for one, tile in tiles
    )
    return Drawing(columns * SQUARE, rows * SQUARE, marks, _legend(shown), is_wide=columns > NARROW)


def _lines(one: MappedUnit, shown: UnitMap, short: str, top: int) -> tuple[Line, ...]:
    names = short_lines(one.unit.name, short)
    heights = (29, 54) if len(names) == 2 else (42,)
    written = [Line(name, top + height) for name, height in zip(names, heights, strict=True)]
    return (*written, Line(_value(one, shown), top + 82, is_value=True))


def _value(one: MappedUnit, shown: UnitMap) -> str:
    if one.value is None:
        return numbers_vi.NOTHING
    about = "≈" if one.wording else ""
    return (
        f"{about}{numbers_vi.signed_points(one.value) if shown.is_movement else numbers_vi.points(one.value)}"
    )


def _outlines(shown: UnitMap) -> Drawing:
    drawn = [(one, one.boundary) for one in shown.placed if one.boundary]
    west, north = min(b.west for _one, b in drawn), min(b.north for _one, b in drawn)
    east, south = max(b.east for _one, b in drawn), max(b.south for _one, b in drawn)
    shrink = cos(radians((north + south) / 2 / GRID))
    scale = BREADTH / max((east - west) * shrink, south - north, 1)
    across, down = shrink * scale, scale
    marks = tuple(
        Mark(
            address=one.address,
            label=label_of(one, shown),
            css=_css(one, shown),
            x=round((boundary.label_x - west) * across) - (SQUARE - GAP) // 2,
            y=round((boundary.label_y - north) * down),
            lines=(Line(_sign(one, shown), round((boundary.label_y - north) * down) + 12, is_value=True),),
            path=boundary.path,
        )
        for one, boundary in drawn
    )
    return Drawing(
        width=max(round((east - west) * across), 1),
        height=max(round((south - north) * down), 1),
        marks=marks,
        legend=_legend(shown),
        transform=f"matrix({across:.6f} 0 0 {down:.6f} {-west * across:.3f} {-north * down:.3f})",
        hatch=max(round(12 / down), 2),
    )


def _sign(one: MappedUnit, shown: UnitMap) -> str:
    """Return what is written on an outline: its place, or the direction of its movement."""
    if one.value is None:
        return numbers_vi.NOTHING
    if shown.is_movement:
        return _direction(one.step, shown) if one.step else ""
    return str(one.rank) if one.rank else ""


def _css(one: MappedUnit, shown: UnitMap) -> str:
    if one.value is None:
        return "is-unknown"
    return _step_css(one.step, shown) if one.step else "is-only"


def _step_css(step: Step, shown: UnitMap) -> str:
    if not shown.is_movement:
        return f"step-{step.number}"
    return {-2: "down-2", -1: "down-1", 0: "same", 1: "up-1", 2: "up-2"}[step.number]


def label_of(one: MappedUnit, shown: UnitMap) -> str:
    """Return a unit's figure in words, as a screen reader says it: "Huyện X: 92,41 điểm, hạng 3/30"."""
    if one.value is None:
        return _("%(name)s: %(reason)s") % {"name": one.name, "reason": one.reason}
    said = {
        "name": one.name,
        "points": numbers_vi.points(one.value),
        "change": numbers_vi.number(abs(one.value)),
        "rank": numbers_vi.rank(one.rank, one.rank_of),
    }
    if shown.is_movement:
        return _movement_label(one, said)
    if one.rank:
        return _("%(name)s: %(points)s điểm, hạng %(rank)s") % said
    return _("%(name)s: %(points)s điểm") % said


def _movement_label(one: MappedUnit, said: dict[str, str]) -> str:
    value = one.value or 0
    if value == 0:
        return _("%(name)s: không đổi so với năm trước") % said
    if value > 0:
        return _("%(name)s: tăng %(change)s điểm so với năm trước") % said
    return _("%(name)s: giảm %(change)s điểm so với năm trước") % said


def _legend(shown: UnitMap) -> tuple[Entry, ...]:
    counts = Counter(_css(one, shown) for one in shown.placed)
    steps = [
        Entry(css, _bounds(step, shown), counts[css], _direction(step, shown))
        for step in reversed(shown.steps)
        for css in [_step_css(step, shown)]
    ]
    reasons = sorted({one.reason for one in shown.placed if one.value is None})
    unknown = [
        Entry(
            "is-unknown",
            reason[:1].upper() + reason[1:],
            sum(one.value is None and one.reason == reason for one in shown.placed),
        )
        for reason in reasons
    ]
    only = [Entry("is-only", _("Đơn vị duy nhất có số liệu"), 1)] if counts["is-only"] else []
    return (*steps, *only, *unknown)


def _direction(step: Step, shown: UnitMap) -> str:
    if not shown.is_movement:
        return ""
    return SAME if step.number == 0 else (UP if step.number > 0 else DOWN) * abs(step.number)


def _bounds(step: Step, shown: UnitMap) -> str:
    said = {"low": numbers_vi.points(step.low), "high": numbers_vi.points(step.high)}
    if shown.is_movement:
        return _movement_bounds(step)
    if step.low == step.high:
        return _("%(low)s điểm") % said
    if step.is_last:
        return _("từ %(low)s đến %(high)s điểm") % said
    return _("từ %(low)s đến dưới %(high)s điểm") % said


def _movement_bounds(step: Step) -> str:
    near, far = sorted((abs(step.low), abs(step.high)))
    said = {"near": numbers_vi.points(near), "far": numbers_vi.points(far)}
    match step.number:
        case 0:
            return _("Không đổi")
        case 1:
            return _("tăng đến %(far)s điểm") % said
        case 2:
            return _("tăng trên %(near)s đến %(far)s điểm") % said
        case -1:
            return _("giảm đến %(far)s điểm") % said
        case _other:
            return _("giảm trên %(near)s đến %(far)s điểm") % said


def sentences(shown: UnitMap) -> list[str]:
    """Return what must be said before one looks: how many units have figures, and what the hatching means."""
    said = {"n": shown.with_figures, "of": shown.of}
    if shown.with_figures == 0:
        return [_("Chưa đơn vị nào có số liệu để đưa lên bản đồ.")]
    if shown.with_figures == shown.of:
        return []
    lines = [
        _(
            "Bản đồ có số liệu của %(n)s/%(of)s đơn vị. Ô gạch chéo là đơn vị không có số liệu, không phải điểm thấp."
        )
        % said
    ]
    if not shown.compares:
        lines.append(_("Mới có một đơn vị có số liệu: bản đồ chưa so sánh được các đơn vị với nhau."))
    return lines
