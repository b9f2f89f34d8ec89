"""What stands beside the index in the fictional province: satisfaction, indicators, initiatives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from reports.scoring import round_half_up

from .chance import Chance, share
from .dossiers import Counts
from .places import Place

Year = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Survey:
    """A year's SIPAS or counter ratings; levels from "1", the lowest."""

    satisfied: int
    respondents: int
    percent: Decimal
    level_counts: dict[str, int]


@dataclass(frozen=True)
class IndicatorText:
    """A catalogue entry of reports.models.Indicator."""

    slug: str
    name: str
    topic: str
    unit_of_measure: str
    direction: str


@dataclass(frozen=True)
class Practice:
    """An initiative with what it saved in its year."""

    code: str
    year: int
    name: str
    description: str
    minutes_a_dossier: int
    dong_a_dossier: int


PROCEDURES = IndicatorText(
    "mau-tthc-cong-khai", "Thủ tục hành chính công khai tại bộ phận một cửa", "procedures", "thủ tục", "none"
)
ONLINE_SERVICES = IndicatorText(
    "mau-dich-vu-cong-toan-trinh", "Dịch vụ công trực tuyến toàn trình", "digital", "dịch vụ", "up"
)
CLASSES = IndicatorText(
    "mau-lop-tap-huan", "Lớp tập huấn nghiệp vụ một cửa đã mở", "personnel", "lớp", "none"
)
INDICATORS = (PROCEDURES, ONLINE_SERVICES, CLASSES)

PRACTICES = (
    Practice(
        "MH01",
        2022,
        "Hẹn giờ nộp hồ sơ",
        "Người dân chọn giờ nộp hồ sơ qua trang của bộ phận một cửa.",
        35,
        0,
    ),
    Practice(
        "MH02", 2023, "Trả kết quả tại nhà", "Công chức trả kết quả tại nhà cho người cao tuổi.", 110, 40_000
    ),
    Practice("MH03", 2024, "Ngày thứ Sáu không viết", "Biểu mẫu được điền sẵn từ dữ liệu đã có.", 25, 5_000),
    Practice(
        "MH05", 2021, "Tổ công nghệ lưu động", "Hỗ trợ nộp hồ sơ trực tuyến tại thôn, tổ dân phố.", 90, 30_000
    ),
    Practice("MH08", 2024, "Một lần khai báo", "Dùng lại giấy tờ đã số hóa của lần nộp trước.", 45, 15_000),
    Practice("MH14", 2023, "Điểm hỗ trợ liên xã", "Ba điểm hỗ trợ dịch vụ công sau khi sắp xếp.", 60, 25_000),
)


def sipas(place: Place, year: int) -> Survey:
    """Return a survey at home of a random sample of some 240 people."""
    chance = Chance(place.code, year, "sipas")
    asked = chance.between(180, 320)
    return _survey(asked, 780 + place.level(year, "8") * 190 // 1000, chance)


def ratings(place: Place, year: int, own: Counts) -> Survey:
    """Return the ratings at the one-stop shop: those who choose to rate, mostly content."""
    chance = Chance(place.code, year, "ratings")
    turns = share(own.resolved, chance.between(110, 420))
    return _survey(turns, 905 + place.level(year, "3") * 90 // 1000, chance)


def _survey(asked: int, permille: int, chance: Chance) -> Survey:
    satisfied = share(asked, min(1000, permille))
    very = share(satisfied, chance.between(350, 620))
    neutral = share(asked - satisfied, 700)
    poor = share(asked - satisfied - neutral, 800)
    worst = asked - satisfied - neutral - poor
    levels = {"5": very, "4": satisfied - very, "3": neutral, "2": poor, "1": worst}
    return Survey(satisfied, asked, round_half_up(Fraction(100 * satisfied, asked), 2), levels)


def observations(place: Place, year: int) -> Iterator[tuple[IndicatorText, int]]:
    """Yield a year's values of the sample's indicators for one unit."""
    chance = Chance(place.code, year, "indicators")
    yield PROCEDURES, 262 + 4 * (year - 2020) + chance.between(-3, 3)
    yield ONLINE_SERVICES, 38 + 24 * (year - 2020) + place.level(year, "7") // 40 + chance.between(-4, 4)
    yield CLASSES, chance.between(2, 9)


def saved(practice: Practice, own: Counts) -> tuple[int, int, int]:
    """Return the dossiers, hours and đồng an initiative saved in its year."""
    dossiers = share(own.resolved, Chance(practice.code, practice.year, practice.name).between(60, 190))
    return dossiers, dossiers * practice.minutes_a_dossier // 60, dossiers * practice.dong_a_dossier


def whole_year(year: int) -> Year:
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def bound_figures(counts: Iterable[tuple[str, Counts]], percent: Decimal) -> dict[str, int | Decimal]:
    """Return a unit's own figures of a year under the names rules are bound by."""
    found: dict[str, int | Decimal] = {"satisfaction.sipas.percent": percent}
    for scope, own in counts:
        found |= {f"dossiers.{scope}.{name}": value for name, value in vars(own).items()}
        found[f"dossiers.{scope}.received_in_period"] = own.received_online + own.received_direct
    return found
