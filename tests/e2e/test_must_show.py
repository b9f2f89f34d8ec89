"""The figures of the five reports as a reader without scripts meets them."""

from __future__ import annotations

import pytest

from .conftest import OpenWindow
from .pages import PAGES

SHOWN = {
    "Phu Xuyen 2024": (
        *("92,41", "23/30", "Tăng 0,8 điểm", "tăng 7 bậc", "63,26/70", "24/30", "29,15/30", "4/30", "+1,86"),
        *("−1,06, số suy ra", "184/184", "6.790/6.790", "1.139", "4.160", "108.440.000"),
    ),
    "Tay Hoa 2023": ("88,78", "xếp loại Tốt", "98,6 %", "Tăng 0,2 điểm phần trăm"),
    "Xuan Truong 2024": (
        "1.389 + 37 = 1.426, nguồn ghi tiếp nhận 1.674: còn 248 hồ sơ chưa rõ",
        "1.068 + 479 = 1.547, khớp với số đã giải quyết",
        "1.547 + 86 + 26 + 15 = 1.674, khớp với số tiếp nhận",
        "7.056 + 1.144 + 2 = 8.202, khớp với số đã giải quyết",
        "8.202 + 6 = 8.208, nguồn ghi tiếp nhận 8.210: còn 2 hồ sơ chưa rõ",
        "99,7805 %, làm tròn là 99,8 %; nguồn ghi 99,7 %",
    ),
    "Xuan Truong 2023": ("Tăng 2 bậc", "theo nguồn"),
    "Thach That 2023": ("4190/QĐ-UBND", "8 nội dung"),
    "Ha Noi 2023": ("318",),
    "Phu Yen 2021": ("330.048", "21.755", "50", "610/649", "189", "Tăng 2 bậc", "theo nguồn"),
    "one of thirty": ("1/30 đơn vị có số liệu", "hệ thống không tự xếp hạng"),
}


@pytest.mark.parametrize(("name", "figures"), SHOWN.items(), ids=SHOWN)
def test_page_says(window: OpenWindow, name: str, figures: tuple[str, ...]):
    page = window(script=False).open(PAGES[name])
    said = " ".join((page.locator("main").inner_text()).split())
    assert [figure for figure in figures if figure not in said] == []


def test_nobody_is_ranked_by_us_where_one_of_thirty_units_has_figures(window: OpenWindow):
    page = window(script=False).open(PAGES["one of thirty"])
    ranks = page.locator("table.table tbody tr td .rank").all_inner_texts()
    assert [rank.replace(" ", "") for rank in ranks] == ["23/30"]
