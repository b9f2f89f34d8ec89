"""What if a unit had other points? A form whose answers stand in the address; nothing of it is ever stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from reports import insight_sentences
from reports.analytics.what_if import with_area
from reports.models import Criterion
from reports.numbers_vi import number
from reports.readers import ReadError, parse_decimal, whole_number
from reports.scoring import Leaf
from reports.summaries.places import find_place
from reports.summaries.what_if import Component, Sheet, published_sheet, reached, thought

# Longer than any number that can be meant.
MOST_TEXT = 20


@dataclass(frozen=True)
class Field:
    """A component, or an area as a whole, with what was typed for it and why it cannot be so."""

    name: str
    label: str
    text: str
    error: str
    component: Component | None = None


@dataclass(frozen=True)
class AreaFields:
    area: Criterion
    whole: Field
    fields: tuple[Field, ...]

    @property
    def is_touched(self) -> bool:
        return any(field.text for field in (self.whole, *self.fields))


def what_if(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    """Show a unit's total and place with other points, everybody else's being as published."""
    place = find_place(organiser, year, code)
    sheet = published_sheet(place[0], year, place[1]) if place else None
    if sheet is None or place is None:
        raise Http404(_("Năm này không công bố điểm thành phần của đơn vị."))
    found, unit = place
    points, areas = _read(sheet, request.GET)
    rank, rank_error = _rank(sheet, request.GET.get("rank", ""))
    outcome = thought(sheet, points)
    reach = reached(sheet, rank, points) if rank else None
    context = {
        "sheet": sheet,
        "areas": areas,
        "changed": len(points),
        "outcome": outcome,
        "sentences": insight_sentences.outcome_sentences(sheet, outcome) if points else [],
        "distance": insight_sentences.distance_sentences(outcome),
        "rank": request.GET.get("rank", "")[:MOST_TEXT],
        "rank_error": rank_error,
        "reached": reach,
        "reach_sentence": insight_sentences.reach_sentence(reach, rank) if rank else "",
        "has_errors": bool(rank_error) or any(f.error for a in areas for f in (a.whole, *a.fields)),
        "organiser": found,
        "unit": unit,
        "year": year,
        "crumbs": [
            (found.name, found.get_absolute_url()),
            (str(year), sheet.year.get_absolute_url()),
            (sheet.unit_name, reverse("reports:dashboard", args=[found.slug, year, unit.code])),
            (_("Giả định"), ""),
        ],
        "is_sample": found.is_sample,
    }
    return render(request, "reports/what_if.html", context)


def _read(sheet: Sheet, asked: QueryDict) -> tuple[dict[str, Decimal], list[AreaFields]]:
    """Return the points that were typed and can be, by component, and all fields with their errors.

    What is typed for an area as a whole is spread over its components; what is typed for one of them goes before.
    """
    points: dict[str, Decimal] = {}
    found = []
    for area, components in sheet.areas:
        whole = _whole(area, components, asked.get(f"a-{area.code}", ""), points)
        fields = tuple(_field(one, asked.get(f"c-{one.leaf.key}", ""), points) for one in components)
        found.append(AreaFields(area, whole, fields))
    return points, found


def _whole(area: Criterion, components: Sequence[Component], text: str, points: dict[str, Decimal]) -> Field:
    own = [one.leaf for one in components]
    value, error = _number(text)
    if value is not None:
        try:
            changed = with_area(own, area.code, value)
        except ValueError:
            most = sum(
                (leaf.maximum for leaf in own if not leaf.leaves_maximum and not leaf.adjusts), Decimal(0)
            )
            error = _("Lĩnh vực này nhận từ 0 đến %(most)s điểm, khi mọi tiêu chí đã có điểm.") % {
                "most": number(most, 4)
            }
        else:
            points.update(_different(own, changed))
    return Field(f"a-{area.code}", _("Cả lĩnh vực"), text[:MOST_TEXT], error)


def _different(before: Sequence[Leaf], after: Sequence[Leaf]) -> dict[str, Decimal]:
    pairs = zip(before, after, strict=True)
    return {new.key: new.points for old, new in pairs if new.points is not None and new.points != old.points}


def _field(one: Component, text: str, points: dict[str, Decimal]) -> Field:
    value, error = _number(text)
    if value is not None and not one.is_open:
        error = _("Tiêu chí này không áp dụng cho đơn vị.")
    elif value is not None and not 0 <= value <= one.leaf.maximum:
        error = _("Nhập từ 0 đến %(most)s điểm.") % {"most": number(one.leaf.maximum, 4)}
    elif value is not None:
        points[one.leaf.key] = value
    return Field(f"c-{one.leaf.key}", one.criterion.title, text[:MOST_TEXT], error, one)


def _number(text: str) -> tuple[Decimal | None, str]:
    if not text.strip():
        return None, ""
    try:
        return parse_decimal(text), ""
    except ReadError as error:
        return None, str(error)


def _rank(sheet: Sheet, text: str) -> tuple[int | None, str]:
    if not text.strip():
        return None, ""
    rank = whole_number(text.strip(), least=1, most=sheet.field.size)
    if rank is None:
        return None, _("Nhập một thứ hạng từ 1 đến %(size)s.") % {"size": sheet.field.size}
    return rank, ""
