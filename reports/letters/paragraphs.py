"""What a report says of a unit or a year in running text, from the sentences and summaries of the page."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from reports import sentences
from reports.models import Quality
from reports.numbers_vi import count, date_vi, number, percent, percent_fixed, points
from reports.summaries.dashboard import Dashboard
from reports.summaries.dossiers import LABELS, DossierSummary, Rate
from reports.summaries.figures import ObservationSummary, UnitFigures
from reports.summaries.ranking import Ranking
from reports.summaries.results import Figure, UnitResult
from reports.summaries.satisfaction import SatisfactionSummary
from reports.terms import term

LEADERS = 3
MAIN_COUNTS = (
    *("received", "resolved", "resolved_early", "resolved_on_time", "on_time_or_early", "resolved_late"),
    *("pending", "pending_late", "late_unspecified"),
)
MAIN_RATES = ("on_time", "online", "digitised_results")
BEHIND = {"on_time": ("resolved_early", "resolved_on_time", "on_time_or_early")}


def unit_paragraphs(summary: Dashboard, index: Sequence[str]) -> list[str]:
    """Return the paragraphs of a report on a unit's year: index, dossiers and satisfaction, the rest; no empty one.

    `index` is what the page itself says of the index, as `index_sentences` returns it.
    """
    figures = summary.figures
    found = [
        index,
        [
            *(dossier_sentence(one) for one in summary.dossiers),
            *(satisfaction_sentence(one) for one in (figures.satisfaction if figures else ())),
        ],
        [*indicator_sentences(figures), *initiative_sentences(figures)] if figures else [],
        activity_sentences(figures) if figures else [],
        # What is copied leaves the page, and its banner, behind.
        [_("Dữ liệu mẫu: địa phương này không có thật, mọi số liệu chỉ để minh họa.")]
        if summary.organiser.is_sample
        else [],
    ]
    return [" ".join(said) for said in found if said]


def index_sentences(summary: Dashboard) -> list[str]:
    """Return what the unit's page says of its index, sentence by sentence."""
    if summary.result is None:
        return []
    return [*sentences.result_sentences(summary.result), *sentences.comparison_sentences(summary)]


def dossier_sentence(dossiers: DossierSummary) -> str:
    """Return the main counts of one scope and the main rates, each with its counts."""
    said = [
        _("%(label)s %(count)s") % {"label": label, "count": stated(figure, count(figure.value))}
        for label, figure in main_counts(dossiers)
    ]
    said += [
        _("%(label)s %(rate)s %(of)s") % {"label": one.label.lower(), "rate": rate_text(one), "of": one.of}
        for one in main_rates(dossiers)
    ]
    return _("%(period)s, hồ sơ thủ tục hành chính (%(scope)s): %(figures)s.") % {
        "period": dossiers.label,
        "scope": dossiers.scope_label,
        "figures": "; ".join(said),
    }


def main_counts(dossiers: DossierSummary) -> list[tuple[str, Figure]]:
    """Return the counts that a short text tells; those behind a rate that is told stand with it."""
    told = {key for one in main_rates(dossiers) if one.percent is not None for key in BEHIND.get(one.key, ())}
    return [
        (str(LABELS[name]), dossiers.counts[name])
        for name in MAIN_COUNTS
        if name in dossiers.counts and name not in told
    ]


def main_rates(dossiers: DossierSummary) -> list[Rate]:
    return [one for one in dossiers.rates if one.key in MAIN_RATES]


def rate_text(rate: Rate) -> str:
    """Return a share with the two counts behind it, or what the source printed."""
    if rate.percent is None:
        return _("%(rate)s (nguồn ghi)") % {"rate": percent(rate.printed)}
    return f"{percent_fixed(rate.percent, 2)} ({count(rate.numerator)}/{count(rate.denominator)})"


def satisfaction_sentence(item: SatisfactionSummary) -> str:
    """Return a share of satisfied people with how many judged; never a share without it where it is known."""
    return _("%(period)s, %(label)s (%(scope)s): %(figures)s.") % {
        "period": item.period,
        "label": item.label,
        "scope": item.scope_label,
        "figures": satisfaction_text(item),
    }


def satisfaction_text(item: SatisfactionSummary) -> str:
    said = {
        "rate": stated(item.percent, percent(item.percent.value)) if item.percent else "–",
        "a": count(item.satisfied),
        "n": count(item.respondents),
    }
    if item.satisfied is not None and item.is_rating:
        return _("%(rate)s hài lòng và rất hài lòng (%(a)s/%(n)s lượt)") % said
    if item.satisfied is not None:
        return _("%(rate)s hài lòng và rất hài lòng (%(a)s/%(n)s người trả lời)") % said
    if item.respondents is not None:
        return _("%(rate)s hài lòng và rất hài lòng (n = %(n)s)") % said
    return _("%(rate)s hài lòng và rất hài lòng (nguồn không nêu số người được hỏi)") % said


def indicator_sentences(figures: UnitFigures) -> list[str]:
    """Return the indicators, one sentence a period, in the catalogue's order."""
    by_period: dict[tuple[str, bool], list[str]] = {}
    for item in (one for topic in figures.topics for one in topic.observations):
        said = _("%(name)s (%(scope)s) %(figure)s") % {
            "name": _inside(item.indicator.label),
            "scope": item.row.get_scope_display(),
            "figure": indicator_text(item),
        }
        by_period.setdefault((item.period, item.row.starts_on is None), []).append(said)
    return [
        (_("Đến ngày %(period)s: %(figures)s.") if is_day else _("%(period)s: %(figures)s."))
        % {"period": period, "figures": "; ".join(said)}
        for (period, is_day), said in by_period.items()
    ]


def indicator_text(item: ObservationSummary) -> str:
    """Return an indicator's value as printed: 12 lớp, trên 4.500 học viên, 610/649 (94 %)."""
    value, measure = number(item.figure.value), term(item.indicator.unit_of_measure)
    if item.row.value is None:
        text = f"{value}/{number(item.row.denominator)}"
        if item.percent is not None:
            text = f"{text} ({percent(item.percent, 1)})"
        return stated(item.figure, text if measure == "%" else f"{text} {measure}")
    return stated(item.figure, percent(item.figure.value) if measure == "%" else f"{value} {measure}")


def initiative_sentences(figures: UnitFigures) -> list[str]:
    """Return each initiative with what it dealt with and saved."""
    found = []
    for item in figures.initiatives:
        gains = [
            *([_("xử lý %(n)s hồ sơ") % {"n": count(item.dossiers)}] if item.dossiers is not None else []),
            *(
                [_("tiết kiệm %(n)s giờ") % {"n": number(item.hours_saved)}]
                if item.hours_saved is not None
                else []
            ),
            *(
                [_("tiết kiệm %(n)s đồng") % {"n": count(item.dong_saved)}]
                if item.dong_saved is not None
                else []
            ),
        ]
        text = _("Sáng kiến: %(name)s (%(gains)s).") if gains else _("Sáng kiến: %(name)s.")
        found.append(text % {"name": item.name, "gains": ", ".join(gains)})
    return found


def activity_sentences(figures: UnitFigures) -> list[str]:
    """Return what was done, one sentence a kind."""
    return [
        _("Về %(kind)s: %(titles)s.")
        % {"kind": group.title, "titles": "; ".join(_inside(row.title.rstrip(".")) for row in group.rows)}
        for group in figures.activities.groups
    ]


def year_sentences(summary: Ranking) -> list[str]:
    """Return how a group did in a year: whom the ranking covers, its spread, who leads; else what is missing."""
    if summary.publication is None:
        return sentences.coverage_sentences(summary)
    covered = summary.coverage
    found = [
        _("Năm %(year)d, %(n)d/%(of)d đơn vị có kết quả; %(ranked)d đơn vị được xếp hạng.")
        % {
            "year": summary.year.year,
            "n": covered.units_with_figures,
            "of": covered.roster or 0,
            "ranked": len(summary.ranked),
        }
    ]
    spread = summary.spread
    if spread and spread.mean is not None:
        found.append(
            _("Điểm trung bình %(mean)s; cao nhất %(best)s, thấp nhất %(lowest)s.")
            % {
                "mean": points(spread.mean),
                "best": points(spread.best),
                "lowest": points(spread.lowest),
            }
        )
    leaders = [_leader(r) for r in summary.ranked if r.rank and r.rank.value <= LEADERS]
    if leaders:
        found.append(_("Dẫn đầu: %(units)s.") % {"units": "; ".join(leaders)})
    if summary.unranked:
        found.append(
            _("Không xếp hạng: %(units)s.")
            % {"units": "; ".join(f"{r.unit_name} ({r.unranked or '–'})" for r in summary.unranked)}
        )
    return found


def publication_sentences(summary: Ranking) -> list[str]:
    """Return by which decision the year was published and, of a correction, why."""
    publication = summary.publication
    if publication is None:
        return []
    said = {
        "decision": publication.decision_number,
        "day": date_vi(publication.decided_on),
        "version": publication.version,
    }
    text = _("Theo bản công bố %(decision)s ngày %(day)s, bản số %(version)d.")
    if publication.decided_on is None:
        text = _("Theo bản công bố %(decision)s, bản số %(version)d.")
    found = [text % said]
    if summary.changes and publication.reason:
        found.append(
            _("Bản này đính chính bản trước; lý do: %(reason)s.") % {"reason": publication.reason.rstrip(".")}
        )
    return found


def _leader(result: UnitResult) -> str:
    total = points(result.total.value) if result.total else "–"
    return _("%(unit)s (%(points)s điểm)") % {"unit": result.unit_name, "points": total}


def stated(figure: Figure | None, text: str) -> str:
    """Return a printed figure with how exact it is."""
    if figure is None:
        return text
    match figure.quality:
        case Quality.LOWER:
            return _("trên %(figure)s") % {"figure": text}
        case Quality.UPPER:
            return _("dưới %(figure)s") % {"figure": text}
        case Quality.ABOUT:
            return _("khoảng %(figure)s") % {"figure": text}
        case Quality.DERIVED:
            return _("%(figure)s (số suy ra)") % {"figure": text}
    return text


def _inside(text: str) -> str:
    """Return a title as it stands within a sentence; what begins with an acronym keeps it."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
