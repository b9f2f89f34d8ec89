"""Which unit does a row mean? By code, or by name where no code is given; never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from districts import names
from districts.models import Unit
from reports.readers import ReadError, text_of

MAX_NAMED = 5


def unit_code(unit: Unit) -> str:
    """Return the code that names a unit in our workbooks, with its scheme: codes are reused."""
    return f"{unit.scheme_id}:{unit.code}"


class UnitIndex:
    """The units a file may speak of, found by code and by every name they had; one query for the names."""

    def __init__(self, units: Iterable[Unit], *, among: str) -> None:
        self.among = among
        self._by_code: dict[str, set[Unit]] = defaultdict(set)
        self._by_name: dict[str, set[Unit]] = defaultdict(set)
        self._names: dict[int, set[str]] = defaultdict(set)
        for unit in units:
            for code in (unit_code(unit), unit.code, unit.code.lstrip("0")):
                self._by_code[code.casefold()].add(unit)
            self._learn(unit, unit.type, unit.name)
            for version in unit.versions.all():
                self._learn(unit, version.type, version.name)

    def _learn(self, unit: Unit, type_: str, name: str) -> None:
        for spelling in (name, f"{type_} {name}"):
            for key in (names.canonical(spelling), names.fold(spelling)):
                self._by_name[key].add(unit)
                self._names[unit.pk].add(key)

    def find(self, code: object, name: object) -> Unit:
        """Return the unit of a row; where code and name are given they must agree. Raises ReadError."""
        code_text, name_text = text_of(code).removeprefix("'"), text_of(name).removeprefix("'")
        if not code_text:
            return self._named(name_text)
        found = self._by_code.get(code_text.casefold(), set())
        if len(found) > 1 and name_text:
            found = {unit for unit in found if self._is_called(unit, name_text)} or found
        unit = self._only(found, f"Không có đơn vị mã “{code_text}” {self.among}.")
        if name_text and not self._is_called(unit, name_text):
            raise ReadError(f"Mã “{code_text}” là {unit.full_name}, không khớp tên “{name_text}”.")
        return unit

    def _named(self, name: str) -> Unit:
        if not name:
            raise ReadError("Thiếu mã và tên đơn vị.")
        missing = f"Không có đơn vị tên “{name}” {self.among}."
        for spell in (names.canonical, names.fold):
            keys = dict.fromkeys(spell(reading) for reading in (*names.readings(name), name))
            for key in keys:
                if found := self._by_name.get(key):
                    return self._only(found, missing)
        raise ReadError(missing)

    def _is_called(self, unit: Unit, name: str) -> bool:
        spellings = {names.fold(reading) for reading in (*names.readings(name), name)}
        return not spellings.isdisjoint(self._names[unit.pk])

    def _only(self, found: set[Unit], missing: str) -> Unit:
        if not found:
            raise ReadError(missing)
        if len(found) > 1:
            some = sorted(f"{unit.full_name} (mã {unit_code(unit)})" for unit in found)[:MAX_NAMED]
            raise ReadError(f"Có nhiều đơn vị cùng tên, hãy ghi mã: {'; '.join(some)}.")
        return next(iter(found))
