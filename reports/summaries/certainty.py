"""How sure are the ranks of a published year? From the answers its survey counted, where they can tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.analytics.certainty import (
    Asked,
    Certainty,
    Entry,
    Pair,
    Question,
    observed_points,
    simulate,
)
from reports.automatic import DIGITS
from reports.models import (
    AssessmentYear,
    Criterion,
    Publication,
    ScopeKind,
    ScoreOrigin,
    Standing,
    SurveyRound,
)
from reports.ranking import RankingRule
from reports.roster import declared_rules
from reports.rules import Survey
from reports.scoring import ADJUSTMENT, Leaf, Part, RankOn, Result, RoundAt, Rules, round_half_up, score_sheet
from reports.survey_points import Key, counts_of, survey_rule
from reports.survey_tally import Place, answers_of

from .what_if import published_leaves

# The digits that a component's points may have been entered with.
STORED_DIGITS = (DIGITS, 3, 2)


@dataclass(frozen=True)
class RankRow:
    """A unit's published rank with the ranks it gets in 95 % of the draws; positions of the bar as SVG lengths."""

    standing: Standing
    certainty: Certainty
    ranked: int

    @property
    def is_single(self) -> bool:
        return self.certainty.low == self.certainty.high

    @property
    def left(self) -> str:
        return self._position(self.certainty.low - 1)

    @property
    def width(self) -> str:
        return self._position(self.certainty.high - self.certainty.low + 1)

    @property
    def mark(self) -> str:
        """Where the published rank stands: the middle of its place."""
        return self._position(self.certainty.rank - 0.5)

    def _position(self, places: float) -> str:
        return f"{100 * places / self.ranked:.2f}%"


@dataclass(frozen=True)
class Neighbours:
    """Two units next to each other by rank, with how often their order turned, in percent."""

    upper: Standing
    lower: Standing
    pair: Pair

    @property
    def turned(self) -> Decimal:
        return round_half_up(100 * self.pair.turned, 1)


@dataclass(frozen=True)
class YearCertainty:
    """How sure the ranks are, or why nothing can be said; `held` are survey components whose answers are unknown."""

    publication: Publication
    rows: tuple[RankRow, ...] = ()
    neighbours: tuple[Neighbours, ...] = ()
    draws: int = 0
    respondents: tuple[int, int] = (0, 0)
    has_design_effect: bool = False
    held: tuple[Criterion, ...] = ()
    reason: str = ""

    @property
    def apart(self) -> int:
        """How many neighbours keep their order in at least 95 % of the draws."""
        return sum(one.pair.is_apart for one in self.neighbours)


def certainty_of(year: AssessmentYear) -> YearCertainty | None:
    """Return how sure the ranks of a public year are; None where it is not scored by components. Six queries."""
    publication = year.current_publication
    if publication is None or publication.criteria_set_id is None:
        return None
    nodes = {node.pk: node for node in Criterion.objects.filter(criteria_set=publication.criteria_set_id)}
    rules = {pk: rule for pk, node in nodes.items() if (rule := survey_rule(node)) is not None}
    standings = {
        row.unit_id: row
        for row in Standing.objects.filter(
            scope__publication=publication, scope__kind=ScopeKind.TOTAL, rank__isnull=False
        )
        .select_related("unit", "scope")
        .order_by("rank", "unit__sort_key")
    }
    leaves = published_leaves(publication, nodes, None)
    rounds = list(SurveyRound.objects.filter(assessment_year=year, answer_counts__isnull=False).distinct())
    sheets = dict(year.sheets.values_list("unit", "pk"))
    counts = counts_of(sheets.values(), rules)
    reason = _missing(rounds, standings, sheets, rules, counts)
    if reason:
        return YearCertainty(publication, reason=reason)
    declared_effects = (one.design_effect or Decimal(1) for one in rounds)
    effect = max((one for one in declared_effects if one > 0), default=Decimal(1))
    declared = declared_rules(publication)
    asked = {
        pk: {
            key: found
            for key, rule in rules.items()
            if (sheets[pk], key) in counts
            and key in leaves[pk]
            and (found := _asked(rule, counts[sheets[pk], key], effect, leaves[pk][key].points)) is not None
        }
        for pk in standings
    }
    answered = {key for _sheet, key in counts}
    if any(len(own) < len(answered) for own in asked.values()):
        return YearCertainty(
            publication, reason=_("Số phiếu đang có không cho đúng điểm đã công bố, nên không tính.")
        )
    entries = {pk: _entry(leaves[pk], asked[pk], declared) for pk in standings}
    made = simulate(entries, declared, RankingRule(publication.ranking_rule))
    if any(made.units[pk].rank != row.rank for pk, row in standings.items()):
        return YearCertainty(
            publication, reason=_("Tính lại không ra đúng thứ hạng đã công bố, nên không nêu khoảng nào.")
        )
    return YearCertainty(
        publication,
        rows=tuple(RankRow(row, made.units[pk], len(standings)) for pk, row in standings.items()),
        neighbours=tuple(Neighbours(standings[one.upper], standings[one.lower], one) for one in made.pairs),
        draws=made.draws,
        respondents=_respondents(counts),
        has_design_effect=any(one.design_effect for one in rounds),
        held=tuple(
            node
            for pk, node in nodes.items()
            if node.is_leaf and node.origin == ScoreOrigin.SURVEY and node.pk not in answered
        ),
    )


def _missing(
    rounds: Sequence[SurveyRound],
    standings: Mapping[int, Standing],
    sheets: Mapping[int, int],
    rules: Mapping[int, Survey],
    counts: Mapping[Key, object],
) -> str:
    """Return why no rank's certainty can be told, "" where nothing hinders."""
    if not counts:
        return _("Chưa có số phiếu theo từng phương án trả lời, nên không tính được sai số chọn mẫu.")
    if len(standings) < 2:
        return _("Chưa có hai đơn vị được xếp hạng, nên không có thứ hạng nào để so sánh.")
    if not all(one.is_random_sample for one in rounds):
        return _("Người trả lời không được chọn ngẫu nhiên, nên sai số chọn mẫu không có ý nghĩa.")
    asked = {criterion for criterion in rules if any(key[1] == criterion for key in counts)}
    lacking = [pk for pk in standings if any((sheets.get(pk), one) not in counts for one in asked)]
    if lacking:
        return ngettext(
            "%(n)d đơn vị chưa có số phiếu của mọi tiêu chí được hỏi, nên không so sánh các thứ hạng.",
            "%(n)d đơn vị chưa có số phiếu của mọi tiêu chí được hỏi, nên không so sánh các thứ hạng.",
            len(lacking),
        ) % {"n": len(lacking)}
    return ""


def _asked(
    rule: Survey, counts: Mapping[Place, int], design_effect: Decimal, published: Decimal | None
) -> Asked | None:
    """Return a component's answers with the digits of its published points; None where they do not give these."""
    answers = answers_of(rule, counts)
    weights = tuple(Fraction(option.weight_percent) / 100 for option in rule.options)
    groups = tuple(
        (
            Fraction(group.weight_percent),
            tuple(
                Question(tuple(asked[option.key] for option in rule.options), weights)
                for asked in answers[group.key]
            ),
        )
        for group in rule.asked_groups
    )
    told = (Asked(rule.max_points, groups, digits, design_effect) for digits in STORED_DIGITS)
    return next((one for one in told if observed_points(one) == published), None)


def _entry(leaves: Mapping[int, Leaf], asked: Mapping[int, Asked], rules: Rules) -> Entry:
    """Return what makes a unit's total; what stays is rounded as the year's rules round it."""
    scored = score_sheet(list(leaves.values()), rules)
    assert scored.total.exact is not None
    adjustment = scored.parts.get(ADJUSTMENT, Result())
    rounds_late = rules.rank_on == RankOn.UNROUNDED or rules.round_at == RoundAt.TOTAL
    outside = adjustment.exact if rounds_late else adjustment.points
    own = {key: leaf for key, leaf in leaves.items() if not leaf.adjusts and leaf.counted is not None}
    given = sum((Fraction(leaf.counted or 0) for leaf in own.values()), Fraction(0))
    on_scale = scored.total.exact - (adjustment.exact or 0)
    steady = [leaf.counted or Decimal(0) for leaf in own.values() if leaf.part == Part.APPRAISED]
    held = [
        leaf.counted or Decimal(0)
        for key, leaf in own.items()
        if leaf.part == Part.SURVEY and key not in asked
    ]
    return Entry(
        _kept(steady, rules, is_part=True),
        tuple(asked.values()),
        _kept(held, rules, is_part=False),
        on_scale / given if given else Fraction(1),
        Fraction(outside or 0),
    )


def _kept(values: Sequence[Decimal], rules: Rules, *, is_part: bool) -> Fraction:
    """Return the sum of points as it enters a total."""
    if rules.rank_on == RankOn.ROUNDED and rules.round_at == RoundAt.LEAF:
        values = [round_half_up(one, rules.digits) for one in values]
    total = sum((Fraction(one) for one in values), Fraction(0))
    if is_part and rules.rank_on == RankOn.ROUNDED and rules.round_at == RoundAt.PART:
        return Fraction(round_half_up(total, rules.digits))
    return total


def _respondents(counts: Mapping[Key, Mapping[Place, int]]) -> tuple[int, int]:
    """Return the fewest and the most valid answers that one question of one group got."""
    asked: list[int] = []
    for own in counts.values():
        sums: dict[tuple[int, str], int] = defaultdict(int)
        for place, count in own.items():
            sums[place.question, place.group] += count
        asked += [count for count in sums.values() if count]
    return (min(asked), max(asked)) if asked else (0, 0)
