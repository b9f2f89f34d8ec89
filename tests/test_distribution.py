from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from reports.analytics.distribution import Bin, histogram

points = st.decimals(0, 100, places=2)


def test_a_value_on_a_border_counts_in_the_upper_bin():
    assert histogram([D("80"), D("80.49"), D("80.5")]) == [
        Bin(D("80.0"), D("80.5"), 2),
        Bin(D("80.5"), D("81.0"), 1),
    ]


def test_wide_ranges_get_wider_bins_and_keep_empty_ones():
    bins = histogram([D("10"), D("95")])
    assert [b.high - b.low for b in bins] == [D(10)] * 9
    assert [b.count for b in bins] == [1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_no_value_gives_no_bin():
    assert histogram([]) == []


@given(st.lists(points, min_size=1))
def test_every_value_is_counted_once(values):
    assert sum(b.count for b in histogram(values)) == len(values)
    assert len(histogram(values)) <= 12
