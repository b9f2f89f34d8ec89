"""Which units does the fictional province have? Names and temperaments; no name is that of a real unit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from .chance import Chance

YEARS = (2020, 2021, 2022, 2023, 2024)
SECOND_SET_FROM = 2023
SCHEME = "minh-hoa"
ORGANISER = "tinh-minh-hoa"
SOURCE = "du-lieu-mau"
NOTE = "Dữ liệu mẫu: tỉnh, đơn vị và mọi số liệu đều do phần mềm sinh tự động để minh họa."
PROVINCE_CODE = "MH00"
MERGED_ON = dt.date(2022, 1, 1)
TOWN_FROM = dt.date(2023, 7, 1)


@dataclass(frozen=True)
class Place:
    """A unit with what its invented figures come from.

    `quality` is thousandths of what could be achieved, `drift` what two years add to it; `dossiers` a usual month's
    receipts at its own one-stop shop.
    """

    code: str
    type: str
    name: str
    quality: int
    drift: int
    dossiers: int
    communes: int
    first_year: int = YEARS[0]
    last_year: int = YEARS[-1]

    @property
    def full_name(self) -> str:
        return f"{self.type} {self.name}"

    def is_in(self, year: int) -> bool:
        return self.first_year <= year <= self.last_year

    def level(self, year: int, area: str) -> int:
        """Return the thousandths it tends to in an area of the index (1–8) in a year."""
        strength = Chance(self.code, "area", area).between(-110, 110)
        mood = Chance(self.code, "year", year).between(-45, 45)
        return self.quality + self.drift * (year - YEARS[0]) // 2 + strength + mood


PLACES = (
    Place("MH01", "Thành phố", "Minh Giang", 800, 22, 1150, 14),
    Place("MH02", "Thị xã", "Long Vân", 745, 35, 820, 12),
    Place("MH03", "Thị xã", "Hòa Khê", 690, 48, 640, 13),
    Place("MH04", "Huyện", "Sông Mẫu", 640, 40, 560, 17),
    Place("MH05", "Huyện", "Đông Khánh", 720, 18, 610, 19),
    Place("MH06", "Huyện", "Yên Bằng", 560, 52, 430, 15),
    Place("MH07", "Huyện", "Lâm Khê", 600, 30, 390, 16),
    Place("MH08", "Huyện", "Phú Vân", 770, 4, 700, 20),
    Place("MH09", "Huyện", "Khánh Giang", 660, 38, 520, 18),
    Place("MH10", "Huyện", "Thượng Khê", 470, 45, 260, 11),
    Place("MH11", "Huyện", "Nam Lộc", 700, 30, 580, 21),
    Place("MH12", "Huyện", "Tân Khê", 610, 25, 340, 10, last_year=2021),
    Place("MH13", "Huyện", "Hạ Khê", 520, 25, 210, 8, last_year=2021),
    Place("MH14", "Huyện", "Tân Hạ", 600, 42, 540, 18, first_year=2022),
)
MERGED, MERGED_INTO = ("MH12", "MH13"), "MH14"
# Was a district of the same name until it became a town.
TOWN, TOWN_BEFORE = "MH03", "Huyện"
UNREPORTED = ("MH10", 2021)
# Has no public service units that year: component 6.3.1 does not apply to it.
WITHOUT_SERVICE_UNITS = ("MH10", 2024, "6.3.1")
# Two units whose totals are made equal, by the survey's points for this component.
TIED_YEAR, TIED, TIED_ON = 2024, ("MH04", "MH14"), "4.4.1"
# The answers to its survey are there too, counted by option.
ANSWERED_YEAR = 2024
# First published with two digits of this unit's points in the wrong order, then corrected.
CORRECTED_YEAR, SLIP = 2023, ("MH09", "7.3.2")


def roster(year: int) -> list[Place]:
    return [place for place in PLACES if place.is_in(year)]
