"""Which units has the fictional country? As many as the real one had until 2025; pure.

Names are numbers, so that none of them is that of a real unit: Huyện Mẫu 1.30 is the thirtieth of Tỉnh Mẫu 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

PROVINCES, DISTRICTS, COMMUNES = 63, 705, 10_598
# Two large provinces; the others have seven to fourteen districts.
LARGE = (30, 24)
SWING = 3
LAST_YEAR, YEARS, MONTHS = 2024, 10, 12
FIELDS = 20
# Of the list of units, of the country as an organiser, of its criteria and its source.
SLUG = "mau-quoc-gia"
COUNTRY_CODE = "00"
TYPES = ("Huyện", "Huyện", "Thị xã", "Huyện", "Quận", "Thành phố")
COMMUNE_TYPES = ("Xã", "Xã", "Xã", "Phường", "Thị trấn")


@dataclass(frozen=True)
class Named:
    """A unit: its code tells where it lies, 01-30-07 being the seventh commune of the thirtieth district of 01."""

    code: str
    type: str
    name: str


@dataclass(frozen=True)
class District(Named):
    communes: tuple[Named, ...]


@dataclass(frozen=True)
class Province(Named):
    slug: str
    districts: tuple[District, ...]


@dataclass(frozen=True)
class Size:
    """How much of the country is made: provinces from the first on, last years, months of a year from January on."""

    organisers: int = PROVINCES
    years: int = YEARS
    months: int = MONTHS

    @property
    def index_years(self) -> range:
        return range(LAST_YEAR - self.years + 1, LAST_YEAR + 1)

    @cached_property
    def provinces(self) -> tuple[Province, ...]:
        return tuple(_provinces())[: self.organisers]

    @property
    def districts(self) -> list[District]:
        return [district for province in self.provinces for district in province.districts]


def district_counts() -> list[int]:
    """Return how many districts each province has: DISTRICTS altogether."""
    others = PROVINCES - len(LARGE)
    even = evenly(DISTRICTS - sum(LARGE), others)
    # Of two neighbours one is larger and one smaller; the last one has no neighbour.
    swings = [SWING if i % 2 == 0 else -SWING for i in range(others - others % 2)] + [0] * (others % 2)
    return [*LARGE, *(count + swing for count, swing in zip(even, swings, strict=True))]


def evenly(whole: int, parts: int) -> list[int]:
    """Return integers that differ by one at most and add up to the whole."""
    return [whole * (i + 1) // parts - whole * i // parts for i in range(parts)]


def _provinces() -> Iterator[Province]:
    communes = evenly(COMMUNES, DISTRICTS)
    ends = accumulate(district_counts(), initial=0)
    for number, (start, end) in enumerate(pairwise(ends), 1):
        districts = tuple(_district(number, n, count) for n, count in enumerate(communes[start:end], 1))
        yield Province(f"{number:02}", "Tỉnh", f"Mẫu {number}", f"mau-{number:02}", districts)


def _district(province: int, number: int, communes: int) -> District:
    code, name = f"{province:02}-{number:02}", f"Mẫu {province}.{number}"
    own = tuple(
        Named(f"{code}-{n:02}", COMMUNE_TYPES[(number + n) % len(COMMUNE_TYPES)], f"{name}.{n}")
        for n in range(1, communes + 1)
    )
    return District(code, TYPES[(province + number) % len(TYPES)], name, own)
