"""What analyses say, in whole Vietnamese sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reports.analytics.change import Explanation, Piece
from reports.numbers_vi import number, points, signed
from reports.summaries.change import UnitChange
from reports.summaries.weaknesses import Weaknesses


def change_sentences(change: UnitChange) -> list[str]:
    """Return how the total moved and what moved it most."""
    if change.total is None:
        return [_("Một trong hai năm không có tổng điểm chính xác, nên không tính được mức thay đổi.")]
    found = [_total(change)]
    for explanation in (change.parts, change.areas):
        if explanation is not None:
            found += _drivers(explanation)
    if change.has_other_criteria:
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
        "change": number(abs(change.total)),
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
    return {"title": piece.title, "change": signed(piece.change)}


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
            "total": number(first.figures.total),
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
