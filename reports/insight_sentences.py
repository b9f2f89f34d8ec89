"""What analyses say, in whole Vietnamese sentences."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.analytics.change import Explanation, Piece
from reports.analytics.what_if import Outcome
from reports.numbers_vi import number, points, rank, signed_points
from reports.scoring import round_half_up
from reports.summaries.certainty import YearCertainty
from reports.summaries.change import UnitChange
from reports.summaries.weaknesses import Weaknesses
from reports.summaries.what_if import Reached, Sheet
from reports.terms import term


def change_sentences(change: UnitChange) -> list[str]:
    """Return how the total moved and what moved it most."""
    if change.total is None:
        return [_("Một trong hai năm không có tổng điểm chính xác, nên không tính được mức thay đổi.")]
    found = [_total(change)]
    explanation = change.areas or change.parts
    if explanation is not None:
        found += _drivers(explanation)
    # Where no areas are known of both years, nothing says that the criteria are others.
    if change.has_other_criteria and change.areas is not None:
        found.append(
            _(
                "Bộ tiêu chí đã đổi: điểm từng lĩnh vực của hai năm chỉ so sánh được theo tỷ lệ so với điểm tối đa."
            )
        )
    return found


def _total(change: UnitChange) -> str:
    assert change.total is not None
    said = {
        "year": change.now.year.year,
        "previous": change.before.year.year,
        "change": points(abs(change.total)),
        "before": points(change.before.total.value) if change.before.total else "–",
        "after": points(change.now.total.value) if change.now.total else "–",
    }
    if change.total > 0:
        return (
            _("Tổng điểm năm %(year)d tăng %(change)s điểm so với năm %(previous)d (%(before)s → %(after)s).")
            % said
        )
    if change.total < 0:
        return (
            _("Tổng điểm năm %(year)d giảm %(change)s điểm so với năm %(previous)d (%(before)s → %(after)s).")
            % said
        )
    return _("Tổng điểm năm %(year)d bằng năm %(previous)d (%(after)s).") % said


def _drivers(explanation: Explanation) -> list[str]:
    found = []
    if explanation.risen is not None:
        found.append(_("Tăng nhiều nhất: %(title)s (%(change)s điểm).") % _said(explanation.risen))
    if explanation.fallen is not None:
        found.append(_("Giảm nhiều nhất: %(title)s (%(change)s điểm).") % _said(explanation.fallen))
    return found


def _said(piece: Piece) -> dict[str, str]:
    return {"title": piece.title, "change": signed_points(piece.change)}


def weakness_sentences(weak: Weaknesses) -> list[str]:
    """Return where most units lose, and what was most often regained."""
    if not weak.components:
        return [_("Không đơn vị nào bị mất điểm ở tiêu chí thành phần nào.")]
    first = weak.components[0]
    found = [
        _("Nhiều đơn vị mất điểm nhất: %(title)s (%(losing)s/%(counted)s đơn vị, cộng %(total)s điểm).")
        % {
            "title": first.criterion,
            "losing": first.figures.losing,
            "counted": first.figures.counted,
            "total": points(first.figures.total),
        }
    ]
    regained = max(weak.components, key=lambda one: one.figures.regained)
    if regained.figures.regained:
        found.append(
            _(
                "Nhiều đơn vị lấy lại điểm nhất so với năm trước: %(title)s (%(regained)s/%(were)s đơn vị đã từng mất)."
            )
            % {
                "title": regained.criterion,
                "regained": regained.figures.regained,
                "were": regained.figures.were_losing,
            }
        )
    return found


def outcome_sentences(sheet: Sheet, outcome: Outcome) -> list[str]:
    """Return what other points would make of the total, the place and the grade, beside what was published."""
    before, after = sheet.published, outcome
    if after.result.total.points is None:
        return [_("Vẫn chưa đủ điểm thành phần để có tổng điểm.")]
    said = {
        "total": points(after.result.total.points, sheet.rules.digits),
        "rank": rank(after.place.rank, after.size),
        "before": points(before.result.total.points, sheet.rules.digits),
        "before_rank": rank(before.place.rank, before.size),
    }
    found = [
        _(
            "Tổng điểm sẽ là %(total)s (đã công bố: %(before)s); thứ hạng %(rank)s (đã công bố: %(before_rank)s)."
        )
        % said
    ]
    if after.place.is_tied:
        found.append(_("Đơn vị sẽ đồng hạng với đơn vị khác."))
    if after.result.grade != before.result.grade and after.result.grade:
        found.append(_("Xếp loại sẽ là %(grade)s.") % {"grade": term(after.result.grade)})
    return found


def distance_sentences(outcome: Outcome) -> list[str]:
    """Return how far the next place and the next grade are."""
    found = []
    if outcome.to_next_place is not None:
        found.append(
            _("Khoảng cách đến đơn vị xếp hạng liền trước: %(points)s điểm.")
            % {"points": number(_decimal(outcome.to_next_place), 4)}
        )
    elif outcome.place.rank == 1:
        found.append(_("Không còn đơn vị nào xếp trên."))
    if outcome.next_band is not None and outcome.to_next_grade is not None:
        found.append(
            _("Còn %(points)s điểm nữa thì xếp loại %(grade)s.")
            % {"points": number(_decimal(outcome.to_next_grade), 4), "grade": term(outcome.next_band.name)}
        )
    return found


def reach_sentence(reach: Reached | None, wanted: int) -> str:
    """Return how few components reach a place."""
    if reach is None:
        return _("Dù mọi tiêu chí đạt điểm tối đa, đơn vị vẫn chưa đạt hạng %(rank)s.") % {"rank": wanted}
    if not reach.components:
        return _("Đơn vị đã ở hạng %(rank)s hoặc cao hơn.") % {"rank": wanted}
    return ngettext(
        "Để đạt hạng %(rank)s cần thêm ít nhất %(points)s điểm; ít nhất phải nâng %(n)s tiêu chí dưới đây.",
        "Để đạt hạng %(rank)s cần thêm ít nhất %(points)s điểm; ít nhất phải nâng %(n)s tiêu chí dưới đây.",
        len(reach.components),
    ) % {"rank": wanted, "points": number(_decimal(reach.needed), 4), "n": len(reach.components)}


def _decimal(value: Fraction) -> Decimal:
    return round_half_up(value, 4)


def certainty_sentences(sure: YearCertainty) -> list[str]:
    """Return how sure the ranks of a year are, or why nothing can be said."""
    if sure.reason:
        return [sure.reason]
    said = {"apart": sure.apart, "of": len(sure.neighbours), "draws": sure.draws}
    found = [
        _("%(apart)s/%(of)s cặp đơn vị liền nhau giữ nguyên thứ tự trong ít nhất 95 %% số lần rút lại phiếu.")
        % said
    ]
    widest = max(sure.rows, key=lambda row: row.certainty.high - row.certainty.low)
    if not widest.is_single:
        found.append(
            _("Kém chắc chắn nhất: %(unit)s, hạng %(rank)s, trong khoảng từ %(low)s đến %(high)s.")
            % {
                "unit": widest.standing.unit_name,
                "rank": widest.certainty.rank,
                "low": widest.certainty.low,
                "high": widest.certainty.high,
            }
        )
    return found
