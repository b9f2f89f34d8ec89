"""What matters about a result, in whole Vietnamese sentences; pages, letters and reports print the same ones."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.models import AssessmentYear, RankingRule
from reports.numbers_vi import NOTHING, number, points, signed, signed_points
from reports.summaries.dashboard import Adjustment, AreaResult, Dashboard, TotalSpread
from reports.summaries.ranking import Ranking
from reports.summaries.results import Figure, PartResult, UnitResult


def result_sentences(result: UnitResult) -> list[str]:
    """Return the sentences of an index result: where it stands, how it moved, and what moved it."""
    found = [_standing(result), _movement(result), _parts(result), _contrast(result), *_cautions(result)]
    return [sentence for sentence in found if sentence]


def dashboard_sentences(summary: Dashboard) -> tuple[list[str], list[str]]:
    """Return what a dashboard says of its index: of the unit itself, and beside the others."""
    own = result_sentences(summary.result) if summary.result else []
    return own, comparison_sentences(summary)


def comparison_sentences(dashboard: Dashboard) -> list[str]:
    """Return how the unit compares with the others of its year; empty where the others are not known."""
    result, spread = dashboard.result, dashboard.spread
    found = []
    if result and result.total and dashboard.adjustment:
        found.append(_adjustment(result.total.value, dashboard.adjustment))
    if result and result.total and spread:
        found.append(_against_mean(result.total.value, spread))
    known = [a for a in dashboard.areas if _gap(a) is not None]
    if len(known) > 1:
        best, worst = max(known, key=_sortable_gap), min(known, key=_sortable_gap)
        found.append(_area_sentence(best, worst))
    return [sentence for sentence in found if sentence]


def rule_sentences(summary: Ranking) -> list[str]:
    """Return by which rules a year was rounded and ranked; a year we did not rank says so."""
    publication = summary.publication
    if publication is None:
        return [
            _(
                "Điểm và thứ hạng ghi đúng theo nguồn; hệ thống không tự xếp hạng khi chưa đủ số liệu các đơn vị."
            )
        ]
    where = {
        AssessmentYear.RoundAt.LEAF: _("Làm tròn %(digits)d chữ số thập phân ở từng tiêu chí thành phần."),
        AssessmentYear.RoundAt.PART: _("Làm tròn %(digits)d chữ số thập phân ở từng phần điểm."),
        AssessmentYear.RoundAt.TOTAL: _("Làm tròn một lần ở tổng điểm, %(digits)d chữ số thập phân."),
    }
    ties = {
        RankingRule.COMPETITION: _("Đơn vị bằng điểm đồng hạng, bỏ hạng kế tiếp (1-2-2-4)."),
        RankingRule.DENSE: _("Đơn vị bằng điểm đồng hạng, không bỏ hạng kế tiếp (1-2-2-3)."),
    }
    on = {
        AssessmentYear.RankOn.ROUNDED: _("Xếp hạng theo điểm đã làm tròn."),
        AssessmentYear.RankOn.UNROUNDED: _("Xếp hạng theo điểm chưa làm tròn."),
    }
    rounding = where[AssessmentYear.RoundAt(publication.round_at)] % {"digits": publication.digits}
    return [
        rounding,
        on[AssessmentYear.RankOn(publication.rank_on)],
        ties[RankingRule(publication.ranking_rule)],
    ]


def coverage_sentences(summary: Ranking) -> list[str]:
    """Return what a reader must know of a year that only outside documents tell of."""
    args = {
        "n": summary.coverage.units_with_figures,
        "of": summary.coverage.roster,
        "year": summary.year.year,
    }
    text = _("Mới có số liệu của %(n)d đơn vị năm %(year)d; nguồn không nêu tổng số đơn vị được đánh giá.")
    if summary.coverage.roster:
        text = _("Mới có số liệu của %(n)d/%(of)d đơn vị năm %(year)d.")
    return [
        text % args,
        _("Thứ hạng hiển thị là thứ hạng in trong nguồn; hệ thống không tự xếp hạng các đơn vị này."),
    ]


def _standing(result: UnitResult) -> str:
    args = {
        "unit": result.unit_name,
        "year": result.year.year,
        "points": points(result.total.value) if result.total else "",
        "maximum": number(result.maximum) if result.maximum else "",
        "rank": result.rank.value if result.rank else "",
        "of": result.rank_of or "?",
        "grade": result.grade,
    }
    if result.total and result.rank and result.is_tied:
        return _("Năm %(year)d, %(unit)s đạt %(points)s điểm, xếp thứ %(rank)s/%(of)s (đồng hạng).") % args
    if result.total and result.rank:
        return _("Năm %(year)d, %(unit)s đạt %(points)s điểm, xếp thứ %(rank)s/%(of)s.") % args
    if result.total and result.grade:
        return (
            _("Năm %(year)d, %(unit)s đạt %(points)s điểm, xếp loại %(grade)s; nguồn không nêu thứ hạng.")
            % args
        )
    if result.total:
        return _("Năm %(year)d, %(unit)s đạt %(points)s điểm.") % args
    if result.unranked:
        return _("Năm %(year)d, %(unit)s không được xếp hạng: %(reason)s.") % (
            args | {"reason": result.unranked}
        )
    if result.position:
        text = _(
            "Năm %(year)d, nguồn không nêu điểm và thứ hạng của %(unit)s; vị trí được nêu: %(position)s."
        )
        return text % (args | {"position": result.position})
    return _("Năm %(year)d, nguồn không nêu điểm và thứ hạng của %(unit)s.") % args


def _movement(result: UnitResult) -> str:
    change = result.points_change.value if result.points_change else None
    places = result.rank_change.value if result.rank_change else None
    args = {
        "previous": result.year.year - 1,
        "points": _without_sign(result.points_change),
        "places": _places(places) if places is not None else "",
    }
    match _direction(change), _direction(places):
        case "up", "up":
            return _("Tăng %(points)s điểm và tăng %(places)s so với năm %(previous)d.") % args
        case "up", "down":
            return _("Tăng %(points)s điểm nhưng giảm %(places)s so với năm %(previous)d.") % args
        case "up", "same":
            return _("Tăng %(points)s điểm, giữ nguyên thứ hạng so với năm %(previous)d.") % args
        case "down", "up":
            return _("Giảm %(points)s điểm nhưng tăng %(places)s so với năm %(previous)d.") % args
        case "down", "down":
            return _("Giảm %(points)s điểm và giảm %(places)s so với năm %(previous)d.") % args
        case "down", "same":
            return _("Giảm %(points)s điểm, giữ nguyên thứ hạng so với năm %(previous)d.") % args
        case "same", "up":
            return _("Điểm không đổi, tăng %(places)s so với năm %(previous)d.") % args
        case "same", "down":
            return _("Điểm không đổi, giảm %(places)s so với năm %(previous)d.") % args
        case "same", "same":
            return _("Điểm và thứ hạng không đổi so với năm %(previous)d.") % args
        case "up", None:
            return _("Tăng %(points)s điểm so với năm %(previous)d.") % args
        case "down", None:
            return _("Giảm %(points)s điểm so với năm %(previous)d.") % args
        case None, "up":
            return _("Tăng %(places)s so với năm %(previous)d (theo nguồn).") % args
        case None, "down":
            return _("Giảm %(places)s so với năm %(previous)d (theo nguồn).") % args
    if result.no_movement:
        return _("Không so sánh với năm %(previous)d: %(reason)s.") % (args | {"reason": result.no_movement})
    return ""


def _places(change: int) -> str:
    """Return how many places, in words that another sentence goes on from."""
    return ngettext("%(n)d bậc", "%(n)d bậc", abs(change)) % {"n": abs(change)}


def signed_change(change: Figure | None) -> str:
    """Return a change of points with its sign: a source's as it printed it, ours with all its decimals."""
    if change is None:
        return NOTHING
    return signed(change.value) if change.source else signed_points(change.value)


def _without_sign(change: Figure | None) -> str:
    if change is None:
        return ""
    amount = abs(change.value)
    return number(amount) if change.source else points(amount)


def _direction(change: Decimal | int | None) -> str | None:
    if change is None:
        return None
    return "up" if change > 0 else "down" if change < 0 else "same"


def _parts(result: UnitResult) -> str:
    appraised, survey = result.appraised, result.survey
    if not (appraised and survey and appraised.points and survey.points):
        return ""
    args = _part_args("a", appraised) | _part_args("s", survey)
    if appraised.rank and survey.rank:
        return (
            _(
                "Điểm thẩm định %(a_points)s/%(a_max)s, xếp thứ %(a_rank)s/%(a_of)s; "
                "điều tra xã hội học %(s_points)s/%(s_max)s, xếp thứ %(s_rank)s/%(s_of)s."
            )
            % args
        )
    text = _("Điểm thẩm định %(a_points)s; điều tra xã hội học %(s_points)s.")
    if appraised.points.is_derived:
        text = _("Điểm thẩm định %(a_points)s; điều tra xã hội học %(s_points)s (số suy ra từ nguồn).")
    return text % args


def _part_args(prefix: str, part: PartResult) -> dict[str, object]:
    return {
        f"{prefix}_points": points(part.points.value) if part.points else "",
        f"{prefix}_max": number(part.maximum) if part.maximum else "?",
        f"{prefix}_rank": part.rank.value if part.rank else "",
        f"{prefix}_of": part.rank_of or "?",
    }


def _contrast(result: UnitResult) -> str:
    """Say so where one part fell while the total rose, or rose while it fell: a total hides that."""
    total = result.points_change
    if result.adjustment:
        # What bonuses and penalties moved would have to be told too; the sentence about them does.
        return ""
    changes = [(p, p.points_change) for p in result.parts if p.points_change]
    if total is None or len(changes) < 2:
        return ""
    for part, change in changes:
        if change and change.value * total.value < 0:
            args = {
                "part": part.title.lower(),
                "change": signed_change(change),
                "total": signed_change(total),
                "others": "; ".join(
                    f"{p.title.lower()} {signed_change(c)}" for p, c in changes if p is not part and c
                ),
            }
            if change.value < 0 and change.is_derived:
                return (
                    _(
                        "Tổng điểm tăng (%(total)s) dù %(part)s giảm (%(change)s, số suy ra): bù lại, %(others)s."
                    )
                    % args
                )
            if change.value < 0:
                return (
                    _("Tổng điểm tăng (%(total)s) dù %(part)s giảm (%(change)s): bù lại, %(others)s.") % args
                )
            return _("Tổng điểm giảm (%(total)s) dù %(part)s tăng (%(change)s); %(others)s.") % args
    return ""


def _cautions(result: UnitResult) -> list[str]:
    return [_("Lưu ý khi so sánh: %(remark)s.") % {"remark": remark} for remark in result.remarks]


def _adjustment(total: Decimal, adjustment: Adjustment) -> str:
    args = {
        "total": points(total),
        "bonus": points(adjustment.bonus),
        "penalty": points(adjustment.penalty),
    }
    if adjustment.bonus is not None and adjustment.penalty is not None:
        return (
            _("Tổng điểm %(total)s, trong đó điểm cộng %(bonus)s, điểm trừ %(penalty)s (ngoài thang điểm).")
            % args
        )
    if adjustment.bonus is not None:
        return _("Tổng điểm %(total)s, trong đó điểm cộng %(bonus)s (ngoài thang điểm).") % args
    if adjustment.penalty is not None:
        return _("Tổng điểm %(total)s, trong đó điểm trừ %(penalty)s (ngoài thang điểm).") % args
    return ""


def _against_mean(total: Decimal, spread: TotalSpread) -> str:
    if spread.mean is None or spread.best is None:
        return ""
    args = {
        "gap": points(abs(total - spread.mean)),
        "mean": points(spread.mean),
        "behind": points(spread.best - total),
        "best": points(spread.best),
    }
    if total == spread.best:
        return _("Cao nhất trong các đơn vị; hơn mức trung bình (%(mean)s) %(gap)s điểm.") % args
    if total >= spread.mean:
        return (
            _(
                "Cao hơn mức trung bình (%(mean)s) %(gap)s điểm; kém đơn vị cao nhất (%(best)s) %(behind)s điểm."
            )
            % args
        )
    return (
        _("Thấp hơn mức trung bình (%(mean)s) %(gap)s điểm; kém đơn vị cao nhất (%(best)s) %(behind)s điểm.")
        % args
    )


def _gap(area: AreaResult) -> Decimal | None:
    """Return the distance to the mean as a share of the maximum, comparable between areas."""
    if area.points is None or area.mean is None or not area.maximum:
        return None
    return (area.points - area.mean) / area.maximum


def _sortable_gap(area: AreaResult) -> Decimal:
    return _gap(area) or Decimal(0)


def _area_sentence(best: AreaResult, worst: AreaResult) -> str:
    best_gap, worst_gap = _sortable_gap(best), _sortable_gap(worst)
    args = {"best": best.title, "worst": worst.title}
    if best_gap > 0 > worst_gap:
        text = _("So với mức trung bình, mạnh nhất ở lĩnh vực “%(best)s”, yếu nhất ở “%(worst)s”.")
    elif best_gap > 0:
        text = _("Bằng hoặc cao hơn mức trung bình ở mọi lĩnh vực; nổi trội nhất là “%(best)s”.")
    else:
        text = _("Chưa vượt mức trung bình ở lĩnh vực nào; cách xa nhất là “%(worst)s”.")
    return text % args
