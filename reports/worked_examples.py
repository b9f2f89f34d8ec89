"""The worked examples of the methodology page: small enough to do by hand, computed by what computes the real ones."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.analytics.certainty import Asked, Entry, Question, Simulation, simulate
from reports.analytics.change import Explanation, Piece, explain
from reports.analytics.inflation import Judged, Misjudged, misjudged_alike
from reports.analytics.likeness import nearest
from reports.analytics.losses import Cell, Weakness, weaknesses
from reports.analytics.oddities import Claims, Oddity, Thresholds, digit_patterns, jumps
from reports.analytics.restated import Former, Rule, received, restated
from reports.analytics.what_if import Field, Outcome, Reach, outcome, smallest_set, with_points
from reports.numbers_vi import count, number, percent, points, rank, signed_points
from reports.ranking import RankingRule
from reports.scoring import Leaf, Part, Rules, State, round_half_up

Row = tuple[str, ...]


def change_example() -> Explanation:
    """Return two areas of which one rose and one fell, and a total that was rounded for itself."""
    pieces = [
        Piece("1", _("Lĩnh vực 1"), Decimal("10.4"), Decimal(15), Decimal("11.0"), Decimal(15)),
        Piece("2", _("Lĩnh vực 2"), Decimal("20.3"), Decimal(25), Decimal("20.1"), Decimal(25)),
    ]
    return explain(pieces, Decimal("0.3"), digits=1)


def change_rows() -> list[Row]:
    """Return the example as the page prints it, the total last."""
    found = change_example()
    rows = [
        (p.title, points(p.before, 1), points(p.after, 1), signed_points(p.change, 1)) for p in found.pieces
    ]
    rounding = (_("Do làm tròn"), "", "", signed_points(found.remainder, 1))
    total = (
        _("Tổng điểm"),
        points(Decimal("30.8"), 1),
        points(Decimal("31.1"), 1),
        signed_points(found.total, 1),
    )
    return [*rows, rounding, total]


def likeness_rows() -> list[Row]:
    """Return three units, their shares of two areas, and how far each is from the first."""
    profiles = {
        "A": {"1": Fraction(80, 100), "2": Fraction(60, 100)},
        "B": {"1": Fraction(90, 100), "2": Fraction(60, 100)},
        "C": {"1": Fraction(70, 100), "2": Fraction(90, 100)},
    }
    away = dict(nearest("A", profiles, 2))
    return [
        (
            key,
            rate_text(own["1"]),
            rate_text(own["2"]),
            number(round_half_up(away[key], 1)) if key in away else "–",
        )
        for key, own in profiles.items()
    ]


def losses_example() -> Weakness:
    """Return a component on which two of three units lose, both less than the year before."""
    maximum = Decimal(2)
    points_of = {
        1: (Decimal(0), Decimal(1)),
        2: (Decimal(2), Decimal(2)),
        3: (Decimal("0.5"), Decimal("1.5")),
    }
    cells = [Cell("1.1", unit, maximum - now, maximum - before) for unit, (before, now) in points_of.items()]
    return weaknesses(cells)[0]


def losses_rows() -> list[Row]:
    found = losses_example()
    return [
        (_("Đơn vị mất điểm"), f"{found.losing}/{found.counted}"),
        (_("Cộng điểm mất"), number(found.total)),
        (_("Trung bình mỗi đơn vị mất điểm"), number(round_half_up(found.mean, 2))),
        (_("Đã lấy lại so với năm trước"), f"{found.regained}/{found.were_losing}"),
        (_("Lấy lại, trung vị"), number(found.regain)),
    ]


def what_if_example() -> tuple[Outcome, Reach | None]:
    """Return what C makes with 15 on its first component, and how few components bring it to the second place."""
    leaves = [
        Leaf("1", "1", Part.APPRAISED, Decimal(15), State.VALUE, Decimal(10)),
        Leaf("2", "1", Part.APPRAISED, Decimal(8), State.VALUE, Decimal(6)),
        Leaf("3", "2", Part.APPRAISED, Decimal(59), State.VALUE, Decimal(59)),
    ]
    field = Field((Fraction(80), Fraction(78)), RankingRule.COMPETITION, 3)
    raised = with_points(leaves, {"1": Decimal(15)})
    return outcome(raised, Rules(), field), smallest_set(leaves, Rules(), field, 2)


def what_if_rows() -> list[Row]:
    made, reach = what_if_example()
    assert reach is not None
    return [
        (_("Đã công bố"), points(Decimal(75), 0), rank(3, 3)),
        (_("Nếu tiêu chí 1 đạt 15"), points(made.result.total.points, 0), rank(made.place.rank, made.size)),
        (
            _("Cần thêm để đạt hạng 2"),
            number(round_half_up(reach.needed, 2)),
            ngettext("%(n)s tiêu chí", "%(n)s tiêu chí", len(reach.keys)) % {"n": len(reach.keys)},
        ),
    ]


def certainty_example() -> Simulation:
    """Return a unit of 70 appraised points whose survey (10 points) two people answered, and one that has 77."""
    weights = (Fraction(1), Fraction(0))
    asked = Asked(Decimal(10), ((Fraction(100), (Question((1, 1), weights),)),), digits=2)
    entries = {1: Entry(Fraction(70), (asked,)), 2: Entry(Fraction(77), ())}
    return simulate(entries, Rules(), RankingRule.COMPETITION)


def certainty_rows() -> list[Row]:
    found = certainty_example()
    unit, (pair,) = found.units[1], found.pairs
    return [
        (_("Tổng điểm có thể: 70, 75, 80"), _("1/4, 1/2, 1/4 số lần")),
        (_("Đơn vị 1 vượt đơn vị 2, tính bằng tay"), percent(Decimal(25), 1)),
        (_("Đơn vị 1 vượt đơn vị 2, máy rút phiếu"), percent(round_half_up(100 * pair.turned, 1), 1)),
        (_("Hạng của đơn vị 1"), f"{unit.rank} ({unit.low}–{unit.high})"),
    ]


def restated_rows() -> list[Row]:
    """Return two districts of 80 and 70 points, of which the first received three times the dossiers, as one."""
    formers = [
        Former(1, Decimal(80), Decimal(100), 3000),
        Former(2, Decimal(70), Decimal(100), 1000),
    ]
    main, weighed = (restated(formers, rule).points for rule in Rule)
    assert main is not None and weighed is not None
    return [
        (_("Theo phần chính"), points(round_half_up(main, 2))),
        (_("Theo số hồ sơ tiếp nhận"), points(round_half_up(weighed, 2))),
        (_("Hồ sơ tiếp nhận"), count(received(formers))),
    ]


def _judged() -> list[Judged]:
    claims = {1: ("2", "1"), 2: ("2", "1.5"), 3: ("1", "1")}
    return [
        Judged(unit, 2025, "1", "1.1", Decimal(claimed), Decimal(given), Decimal(2))
        for unit, (claimed, given) in claims.items()
    ]


def inflation_example() -> Misjudged:
    """Return a component of 2 points that two of three units score too high."""
    return misjudged_alike(_judged())[0]


def inflation_rows() -> list[Row]:
    found = inflation_example()
    return [
        (_("Chênh lệch từng đơn vị"), " · ".join(signed_points(cell.gap, 1) for cell in _judged())),
        (_("Đơn vị tự chấm cao hơn thẩm định"), f"{found.over}/{found.counted}"),
        (_("Chênh lệch trung bình"), signed_points(round_half_up(found.mean_gap, 2), 2)),
        (_("So với điểm tối đa"), rate_text(found.mean_share)),
    ]


def jump_example() -> Oddity:
    """Return a claim of 80 % after 60, 62 and 64 %."""
    before = (Fraction(64, 100), Fraction(62, 100), Fraction(60, 100))
    return jumps([Claims(1, "1", Fraction(80, 100), before)])[0]


def digits_example() -> Oddity:
    """Return five counts that all end in 0 or 5; the real list wants at least twenty."""
    return digit_patterns({1: [40, 35, 120, 215, 60]}, Thresholds(least_counts=5))[0]


def oddity_rows() -> list[Row]:
    jump, digits = jump_example().said, digits_example().said
    return [
        (_("Trung vị ba năm trước"), _percent(jump["median"], 0)),
        (_("Độ lệch tuyệt đối trung vị"), _percentage_points(jump["spread"])),
        (_("Năm nay cách trung vị"), _percentage_points(jump_example().value or 0)),
        (_("Số tận cùng là 0 hoặc 5"), f"{digits['hits']}/{digits['n']}"),
        (_("Nếu ngẫu nhiên, trung bình"), number(round_half_up(Fraction(digits["expected"]), 1))),
        (_("Xác suất ngẫu nhiên sau khi nhân với 11 phép thử"), _percent(digits["chance"], 2)),
    ]


def _percentage_points(share: Fraction | int | str) -> str:
    return _("%(n)s điểm phần trăm") % {"n": number(round_half_up(100 * Fraction(share), 1))}


def _percent(share: Fraction | int | str, digits: int) -> str:
    return percent(round_half_up(100 * Fraction(share), digits), digits)


def all_rows() -> dict[str, list[Row]]:
    """Return the examples as the page prints them, by analysis."""
    return {
        "change": change_rows(),
        "likeness": likeness_rows(),
        "losses": losses_rows(),
        "what_if": what_if_rows(),
        "certainty": certainty_rows(),
        "restated": restated_rows(),
        "inflation": inflation_rows(),
        "oddities": oddity_rows(),
    }


def rate_text(share: Fraction) -> str:
    return percent(round_half_up(100 * share, 0), 0)
