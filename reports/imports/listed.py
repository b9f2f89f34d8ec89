"""What a list of dossiers says of each unit, as numbers: whose work a row is, and which fields it is about."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from districts.models import Level, Unit
from districts.names import fold
from reports.dossier_lists import Convention, Counted, Place, Places, Rejection, Tier
from reports.models import DossierField, Scope
from reports.periods import Period
from reports.spreadsheets import Sheet, xlsx_response


@dataclass(frozen=True)
class Listed:
    """The counts of one unit out of a list, as they wait: `rows` by (scope, folded field or None, period)."""

    convention: Convention
    fields: Mapping[str, str]
    rows: Mapping[tuple[str, str | None, Period], Mapping[str, int | None]]
    rejected: int = 0

    @property
    def scopes(self) -> list[str]:
        return sorted({scope for scope, _, _ in self.rows})

    @property
    def periods(self) -> list[Period]:
        return sorted({period for _, _, period in self.rows})

    def as_json(self) -> dict[str, Any]:
        return {
            "convention": self.convention,
            "fields": dict(self.fields),
            "rejected": self.rejected,
            "rows": [
                [scope, name, period.start.isoformat(), period.end.isoformat(), dict(values)]
                for (scope, name, period), values in self.rows.items()
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        day = dt.date.fromisoformat
        rows = {
            (scope, name, Period(day(start), day(end))): values
            for scope, name, start, end, values in stored["rows"]
        }
        return cls(stored["convention"], stored["fields"], rows, stored["rejected"])


def places_of(unit: Unit, scope: str = "") -> Places:
    """Return where a unit's dossiers count: its own office's, and those its communes resolve; or all as one scope.

    Rows may name the unit, its communes and its agencies by code or by name; a bare name only where it names one.
    """
    own = Place(str(unit.pk), scope or Scope.OWN)
    communes = Place(str(unit.pk), scope or (Scope.OWN if unit.level == Level.COMMUNE else Scope.COMMUNES))
    units = [unit, *unit.children.filter(level__in=(Level.COMMUNE, Level.AGENCY))]
    bare = Counter(fold(one.name) for one in units)
    known: dict[str, Place] = {}
    for one in units:
        names = [one.code, fold(one.full_name), *([fold(one.name)] if bare[fold(one.name)] == 1 else [])]
        known |= dict.fromkeys(names, communes if one.level == Level.COMMUNE else own)
    return Places(own, known, {Tier.OWN: own, Tier.COMMUNE: communes})


def places_in(units: Iterable[Unit]) -> Places:
    """Return where dossiers count that name their unit by its code, each as its unit's own office's."""
    found = {unit.code: Place(str(unit.pk), Scope.OWN) for unit in units}
    return Places(None, found)


def listed_by_unit(counted: Counted, convention: Convention) -> dict[int, Listed]:
    """Return a list's counts by key of the unit."""
    found: dict[int, dict[tuple[str, str | None, Period], Mapping[str, int | None]]] = {}
    for (place, name, index), values in counted.counts.items():
        found.setdefault(int(place.unit), {})[place.scope, name, counted.periods[index]] = values
    return {
        unit: Listed(
            convention,
            {name: counted.fields[name] for _, name, _ in rows if name is not None},
            rows,
            counted.rejected,
        )
        for unit, rows in found.items()
    }


def known_fields() -> dict[str, DossierField]:
    """Return the fields of procedures there are, by folded name and by the words of their address."""
    fields = list(DossierField.objects.all())
    by_slug = {fold(one.slug): one for one in fields}
    return by_slug | {fold(one.name): one for one in fields}


def unknown_fields(listed: Iterable[Listed]) -> dict[str, str]:
    """Return the fields of lists that are not known, by folded name."""
    known = known_fields()
    return {key: name for one in listed for key, name in one.fields.items() if key not in known}


def rejections_workbook(rejections: Iterable[Rejection]) -> bytes:
    """Return rejected rows as a workbook made in memory: for whoever sent them, and kept nowhere."""
    rows = [(one.row, one.column, one.heading, one.value, one.message) for one in rejections]
    return xlsx_response(
        [Sheet("Hàng bị loại", ["Hàng", "Cột", "Tiêu đề", "Giá trị", "Lý do"], rows)], "loi"
    ).content
