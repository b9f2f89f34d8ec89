"""The packaged catalogue: unique, complete, and loading it again changes nothing."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from reports.indicators import catalogue, load_indicators
from reports.models import Indicator

WANTED = {
    "dvctt-toan-trinh",
    "can-bo-co-chu-ky-so",
    "tai-khoan-thu-cong-vu",
    "co-quan-co-quy-dinh-chuc-nang",
    "lop-tap-huan",
    "hoc-vien-tap-huan",
    "co-quan-ap-dung-iso-9001",
}


def test_each_indicator_is_named_once_and_a_ratio_says_of_what():
    entries = catalogue()
    assert (
        len({entry["slug"] for entry in entries}) == len({entry["name"] for entry in entries}) == len(entries)
    )
    assert {entry["slug"] for entry in entries} >= WANTED
    for entry in entries:
        is_ratio = entry.get("aggregation") == "ratio"
        assert is_ratio == bool(entry.get("numerator_label")) == bool(entry.get("denominator_label"))


@pytest.mark.django_db
def test_loading_again_adds_nothing_and_keeps_what_an_office_changed():
    assert load_indicators() == len(catalogue())
    Indicator.objects.filter(slug="lop-tap-huan").update(name="Lớp bồi dưỡng")
    said = io.StringIO()
    call_command("load_indicators", stdout=said)
    assert said.getvalue() == "Đã thêm 0 chỉ tiêu.\n"
    assert Indicator.objects.get(slug="lop-tap-huan").name == "Lớp bồi dưỡng"
