"""The identities of form II.06, on the counts the five reports print and on counts that cannot be."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.checks import Finding, Level, Verdict, check_dossiers, implied_wholes

XUAN_TRUONG = {
    "received": 1674,
    "received_direct": 37,
    "received_online": 1389,
    "resolved": 1547,
    "resolved_early": 1068,
    "resolved_on_time": 479,
    "pending": 86,
    "awaiting_supplement": 26,
    "returned": 15,
    "digitised_results": 1524,
    "printed_digitised_rate": Decimal("98.500"),
}
XUAN_TRUONG_COMMUNES = {
    "received": 8210,
    "received_direct": 1,
    "received_online": 8209,
    "resolved": 8202,
    "resolved_early": 7056,
    "resolved_on_time": 1144,
    "resolved_late": 2,
    "returned": 6,
    "digitised_results": 8184,
    "printed_digitised_rate": Decimal("99.700"),
}
PHU_YEN = {"received": 351000, "resolved_on_time": 330048, "pending": 21755, "late_unspecified": 50}


def finding(key, counts, **qualities) -> Finding:
    return next(f for f in check_dossiers(counts, qualities) if f.identity.key == key)


@pytest.mark.parametrize(
    ("counts", "key", "verdict", "right", "gap"),
    [
        (XUAN_TRUONG, "received", Verdict.UNKNOWN, 1426, 248),
        (XUAN_TRUONG, "resolved", Verdict.HOLDS, 1547, 0),
        (XUAN_TRUONG, "balance", Verdict.HOLDS, 1674, 0),
        (XUAN_TRUONG, "digitised_rate", Verdict.HOLDS, Decimal("98.5"), 0),
        (XUAN_TRUONG_COMMUNES, "received", Verdict.HOLDS, 8210, 0),
        (XUAN_TRUONG_COMMUNES, "resolved", Verdict.HOLDS, 8202, 0),
        (XUAN_TRUONG_COMMUNES, "balance", Verdict.UNKNOWN, 8208, 2),
        (XUAN_TRUONG_COMMUNES, "digitised_rate", Verdict.BROKEN, Decimal("99.8"), Decimal("-0.1")),
    ],
)
def test_counts_of_xuan_truong_agree_as_far_as_they_do(counts, key, verdict, right, gap):
    found = finding(key, counts)
    assert (found.verdict, found.right, found.gap) == (verdict, right, gap)


def test_what_the_channels_do_not_explain_may_have_been_carried_over():
    found = finding("received", XUAN_TRUONG)
    assert found.missing == ("carried_over",)
    assert found.level == Level.WARN


def test_a_rate_cut_off_instead_of_rounded_is_told_apart_from_a_wrong_one():
    truncated = finding("digitised_rate", XUAN_TRUONG_COMMUNES)
    assert (truncated.is_truncated, truncated.level) == (True, Level.NOTE)
    assert truncated.exact == Decimal("99.7805")
    wrong = finding("digitised_rate", {**XUAN_TRUONG_COMMUNES, "printed_digitised_rate": Decimal("99.6")})
    assert (wrong.is_truncated, wrong.level) == (False, Level.WARN)


def test_a_lower_bound_that_fits_the_sum_decides_nothing():
    found = finding("balance", PHU_YEN, received="lower")
    assert found.verdict == Verdict.UNKNOWN
    assert found.terms == ("resolved_on_time", "pending", "late_unspecified")
    assert found.right == 351853
    assert found.gap == -853


def test_the_same_count_taken_as_exact_would_be_broken():
    assert finding("balance", PHU_YEN).verdict == Verdict.BROKEN


def test_a_lower_bound_above_the_sum_is_broken():
    assert finding("balance", {**PHU_YEN, "received": 352000}, received="lower").verdict == Verdict.BROKEN


def test_missing_parts_of_a_sum_that_is_too_small_leave_it_unknown_and_of_one_too_big_do_not():
    too_small = {"resolved": 10, "resolved_early": 4, "resolved_on_time": 5}
    too_big = {"resolved": 10, "resolved_early": 6, "resolved_on_time": 5}
    assert finding("resolved", too_small).verdict == Verdict.UNKNOWN
    assert finding("resolved", too_big).verdict == Verdict.BROKEN


def test_dossiers_waiting_for_papers_may_be_inside_pending_as_the_form_has_them():
    inside = {"received": 100, "resolved": 80, "pending": 20, "awaiting_supplement": 5, "returned": 3}
    found = finding("balance", inside)
    assert (found.verdict, found.terms) == (Verdict.HOLDS, ("resolved", "pending"))


def test_a_declared_convention_allows_only_its_own_reading():
    inside = {"received": 100, "resolved": 80, "pending": 20, "awaiting_supplement": 5, "returned": 3}
    beside = {**inside, "received": 108}

    def verdicts(counts, convention):
        (found,) = [f for f in check_dossiers(counts, convention=convention) if f.identity.key == "balance"]
        return found.verdict, found.gap

    assert verdicts(inside, "inside") == (Verdict.HOLDS, 0)
    assert verdicts(inside, "beside") == (Verdict.BROKEN, -8)
    assert verdicts(beside, "beside") == (Verdict.HOLDS, 0)
    assert verdicts(beside, "inside") == (Verdict.BROKEN, 8)


def test_letters_of_apology_are_for_late_dossiers_resolved_or_pending():
    late = {"resolved_late": 4, "pending_late": 3, "apologised": 7}
    assert finding("apologised", late).verdict == Verdict.HOLDS
    assert finding("apologised", {**late, "apologised": 8}).level == Level.BLOCK
    assert finding("rescheduled", {"resolved_late": 4, "rescheduled": 5}).verdict == Verdict.UNKNOWN
    assert finding("rescheduled", {"resolved_late": 4, "rescheduled": 4}).verdict == Verdict.HOLDS


def test_more_digitised_than_resolved_is_refused_on_entry():
    found = finding("digitised_results", {"resolved": 10, "digitised_results": 11})
    assert (found.verdict, found.level) == (Verdict.BROKEN, Level.BLOCK)


def test_what_is_not_printed_is_not_checked():
    assert check_dossiers({"received": 10, "resolved": None}) == []


def test_a_rate_without_its_whole_implies_it():
    found = finding("on_time_rate", {"on_time_or_early": 4936, "printed_on_time_rate": Decimal("98.520")})
    assert (found.verdict, found.implied) == (Verdict.UNKNOWN, (5010, 5010))


@pytest.mark.parametrize(
    ("part", "rate", "wholes"),
    [
        (4936, "98.52", (5010, 5010)),
        (19, "32", (59, 60)),
        (17329, "100", (17329, 17416)),
        (1, "99.99", None),
        (5, "0", None),
    ],
)
def test_wholes_that_a_printed_percentage_allows(part, rate, wholes):
    assert implied_wholes(part, Decimal(rate)) == wholes


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_whole_is_among_those_its_own_rounded_rate_implies(part, rest):
    whole = part + rest
    rate = Decimal((part * 10000 * 2 + whole) // (2 * whole)).scaleb(-2)
    wholes = implied_wholes(part, rate)
    assert wholes is None or wholes[0] <= whole <= wholes[1]
    assert wholes is not None or rate <= Decimal("0.01")


@given(*[st.integers(0, 10**5)] * 5)
def test_counts_that_add_up_hold_and_one_dossier_more_breaks_them(early, on_time, late, pending, waiting):
    resolved = early + on_time + late
    counts = {
        "resolved_early": early,
        "resolved_on_time": on_time,
        "resolved_late": late,
        "resolved": resolved,
        "received": resolved + pending + waiting,
        "pending": pending,
        "awaiting_supplement": waiting,
    }
    assert {f.verdict for f in check_dossiers(counts)} == {Verdict.HOLDS}
    assert finding("resolved", {**counts, "resolved": resolved + 1}).verdict == Verdict.BROKEN


FORM_COUNTS = st.tuples(*[st.integers(0, 10**5)] * 9)
# Which identities a count of the form stands in.
STANDS_IN = {
    "received": {"received", "balance"},
    "received_online": {"received"},
    "received_direct": {"received"},
    "carried_over": {"received"},
    "resolved": {"resolved", "balance"},
    "resolved_early": {"resolved"},
    "resolved_on_time": {"resolved"},
    "resolved_late": {"resolved"},
    "pending": {"pending", "balance"},
    "pending_on_time": {"pending"},
    "pending_late": {"pending"},
}


@given(FORM_COUNTS, st.sampled_from(sorted(STANDS_IN)), st.integers(1, 1000))
def test_a_consistent_form_holds_and_one_altered_count_breaks_exactly_its_identities(drawn, name, more):
    early, on_time, late, pending_on_time, pending_late, online, direct, apologised, digitised = drawn
    resolved, pending = early + on_time + late, pending_on_time + pending_late
    # What was received less than it was resolved and left must have been there before.
    online, direct = min(online, resolved + pending), 0 if online >= resolved + pending else direct
    direct = min(direct, resolved + pending - online)
    counts = {
        "received_online": online,
        "received_direct": direct,
        "carried_over": resolved + pending - online - direct,
        "received": resolved + pending,
        "resolved_early": early,
        "resolved_on_time": on_time,
        "resolved_late": late,
        "resolved": resolved,
        "pending_on_time": pending_on_time,
        "pending_late": pending_late,
        "pending": pending,
    }
    extra = {"apologised": min(apologised, late), "digitised_results": min(digitised, resolved)}
    assert {one.verdict for one in check_dossiers(counts | extra, convention="inside")} == {Verdict.HOLDS}
    altered = counts | {name: counts[name] + more}
    broken = {one.identity.key: one for one in check_dossiers(altered, convention="inside")}
    wrong = {key for key, one in broken.items() if one.verdict is Verdict.BROKEN}
    assert wrong == STANDS_IN[name]
    assert {abs(broken[key].gap or 0) for key in wrong} == {more}
