"""What does a unit's sheet say? One row per component, with its rule, last year's points and the running totals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Min, Q

from districts.models import Change
from reports import rule_inputs, rule_prose
from reports.automatic import Figures, bound_inputs, figures_of, has_bindings, parsed_rule
from reports.models import (
    AssessmentYear,
    Criterion,
    Evidence,
    Judgement,
    PointsState,
    PublishedScore,
    Score,
    ScoreOrigin,
    ScoreSheet,
)
from reports.rule_inputs import Question
from reports.rules import NotApplicable, Rule
from reports.scoring import Adjusts, capped_sum, round_half_up

# From the reply on, a unit sees what the appraisal gave.
APPRAISAL_IS_OPEN = frozenset(
    {
        AssessmentYear.Stage.REPLY,
        AssessmentYear.Stage.ROUND2,
        AssessmentYear.Stage.COUNCIL,
        AssessmentYear.Stage.FINAL,
        AssessmentYear.Stage.PUBLISHED,
    }
)

# While these last, what the appraisal gives is still being written.
RUNNING = frozenset({AssessmentYear.Stage.ROUND2, AssessmentYear.Stage.COUNCIL})
DECIDED = frozenset({AssessmentYear.Stage.FINAL, AssessmentYear.Stage.PUBLISHED})

# Who took a sheet there had to say why.
HAS_REASON = frozenset({ScoreSheet.Status.RETURNED, ScoreSheet.Status.NOT_REPORTED})


@dataclass(frozen=True)
class Row:
    """A component of a sheet; `score` is an unsaved one where nothing was entered yet."""

    criterion: Criterion
    area: Criterion
    rule: Rule | None
    score: Score
    last_year: PublishedScore | None
    evidence: int
    # The system's own figures of the unit's year, by binding.
    figures: Figures = field(default_factory=dict)

    @property
    def bound(self) -> dict[str, Decimal]:
        """The rule's variables that the system already knows, by name."""
        return {} if self.rule is None else bound_inputs(self.rule, self.figures)

    @property
    def questions(self) -> tuple[Question, ...]:
        return rule_inputs.questions(self.rule)

    @property
    def sentences(self) -> list[str]:
        return [] if self.rule is None else rule_prose.sentences(self.rule)

    @property
    def policies(self) -> list[str]:
        """What a component that does not apply, and a denominator of zero, do."""
        if self.rule is None:
            return []
        return [
            said
            for said in (rule_prose.not_applicable(self.rule), rule_prose.zero_denominator(self.rule))
            if said
        ]

    @property
    def is_survey(self) -> bool:
        return self.criterion.origin == ScoreOrigin.SURVEY

    @property
    def is_done(self) -> bool:
        return self.score.self_state != PointsState.NOT_ENTERED

    @property
    def version(self) -> int:
        """0 where there is no row yet."""
        return self.score.version if self.score.pk else 0

    @property
    def counted(self) -> Decimal:
        """The points that enter the running totals: full ones where a component that does not apply earns them."""
        if self.score.self_state == PointsState.NOT_APPLICABLE and not self._leaves_maximum:
            return self.criterion.max_points or Decimal(0)
        return self.score.self_points or Decimal(0)

    @property
    def maximum(self) -> Decimal:
        """The most the component can add to the scale for this unit: nothing where it leaves the maximum."""
        if self.criterion.adjustment:
            return Decimal(0)
        if self.score.self_state == PointsState.NOT_APPLICABLE and self._leaves_maximum:
            return Decimal(0)
        return self.criterion.max_points or Decimal(0)

    @property
    def _leaves_maximum(self) -> bool:
        said = self.criterion.rule.get("not_applicable", NotApplicable.LEAVES_MAXIMUM)
        return said == NotApplicable.LEAVES_MAXIMUM


@dataclass(frozen=True)
class Sum:
    """Running self-scored points of an area, or of all: what is entered so far, never a result."""

    key: str
    title: str
    points: Decimal
    maximum: Decimal
    done: int
    total: int

    @property
    def is_complete(self) -> bool:
        return self.done == self.total


@dataclass(frozen=True)
class Adjusted:
    """What the unit's own bonuses and penalties come to so far, capped, and the total with them."""

    net: Decimal
    total: Decimal


@dataclass(frozen=True)
class Sheet:
    """All rows of a sheet in the set's order, its areas, and the year it is compared with."""

    sheet: ScoreSheet
    areas: tuple[Criterion, ...]
    rows: tuple[Row, ...]
    year_before: int | None

    def rows_of(self, area: Criterion) -> list[Row]:
        return [row for row in self.rows if row.area.pk == area.pk]

    @property
    def sums(self) -> list[Sum]:
        return [_sum(area.code, area.title, self.rows_of(area)) for area in self.areas]

    @property
    def total(self) -> Sum:
        return _sum("total", "Tổng tự chấm", list(self.rows))

    @property
    def adjusted(self) -> Adjusted | None:
        """None where the criteria know no bonuses and penalties; one query where they do."""
        if not any(row.criterion.adjustment for row in self.rows):
            return None
        criteria_set = self.sheet.assessment_year.criteria_set
        assert criteria_set is not None
        given = {
            way: [row.counted for row in self.rows if row.criterion.adjustment == way] for way in Adjusts
        }
        added = capped_sum(given[Adjusts.BONUS], criteria_set.bonus_max)
        net = round_half_up(added - capped_sum(given[Adjusts.PENALTY], criteria_set.penalty_max), 4)
        return Adjusted(net, max(self.total.points + net, Decimal(0)))


def sheet_of(sheet: ScoreSheet, *, for_unit: bool = False) -> Sheet:
    """Return a sheet with everything the grid shows, in nine queries at most, whatever its size.

    `for_unit` is what its unit may see of it now: of the appraisal no more than a round that is over.
    """
    year = sheet.assessment_year
    nodes = {
        node.pk: node
        for node in Criterion.objects.filter(criteria_set=year.criteria_set_id).order_by("order")
    }
    scores = {score.criterion_id: score for score in sheet.scores.all()}
    if for_unit:
        _as_its_unit_sees(sheet, scores)
    evidence = evidence_counts(sheet)
    before, published = _last_year(sheet)
    is_bound = any(has_bindings(node) for node in nodes.values())
    figures = figures_of([sheet.unit_id], year.year).get(sheet.unit_id, {}) if is_bound else {}
    rows = tuple(
        Row(
            criterion=leaf,
            area=_area(leaf, nodes),
            rule=parsed_rule(leaf),
            score=scores.get(leaf.pk) or Score(sheet=sheet, criterion=leaf),
            last_year=published.get(leaf.pk) or published.get(leaf.previous_id or 0),
            evidence=evidence.get(leaf.pk, 0),
            figures=figures,
        )
        for leaf in nodes.values()
        if leaf.is_leaf
    )
    return Sheet(sheet, tuple(node for node in nodes.values() if node.parent_id is None), rows, before)


def evidence_counts(sheet: ScoreSheet) -> dict[int, int]:
    """Return how many pieces of evidence, removed ones left out, each component has."""
    found = Evidence.objects.filter(score__sheet=sheet, removed_at=None).values_list("score__criterion_id")
    return dict(found.annotate(Count("pk")))


def _as_its_unit_sees(sheet: ScoreSheet, scores: Mapping[int, Score]) -> None:
    """Take back what is still being decided: later rounds and the council to the first round, the survey to nothing."""
    stage = sheet.assessment_year.stage
    if stage not in DECIDED:
        for score in scores.values():
            score.survey_state, score.survey_points = PointsState.NOT_ENTERED, None
    if stage not in RUNNING:
        return
    handed_over = {
        one.score_id: one
        for one in Judgement.objects.filter(score__sheet=sheet, stage=Judgement.Stage.ROUND1).order_by(
            "at", "pk"
        )
    }
    for score in scores.values():
        given = handed_over.get(score.pk)
        score.appraised_state = given.state if given else PointsState.NOT_ENTERED
        score.appraised_points = given.points if given else None
        score.appraised_reason = given.reason if given else ""


def hidden_stages(year: AssessmentYear) -> frozenset[Judgement.Stage]:
    """Return whose judgements the units of a year may not see yet."""
    of = Judgement.Stage
    if year.stage in DECIDED:
        return frozenset()
    if year.stage in RUNNING:
        return frozenset({of.ROUND2, of.COUNCIL, of.SURVEY})
    return (
        frozenset({of.SURVEY})
        if is_appraisal_open(year)
        else frozenset({of.ROUND1, of.ROUND2, of.COUNCIL, of.SURVEY})
    )


def hidden_from_unit(sheet: ScoreSheet) -> dt.datetime | None:
    """Return since when the appraisal of a sheet is not for its unit to see; None: nothing of it is hidden."""
    if sheet.assessment_year.stage not in RUNNING:
        return None
    later = Judgement.objects.filter(
        score__sheet=sheet, stage__in=[Judgement.Stage.ROUND2, Judgement.Stage.COUNCIL]
    )
    return later.aggregate(first=Min("at"))["first"]


def is_appraisal_open(year: AssessmentYear) -> bool:
    """Return whether the unit may see what the appraisal gave."""
    return year.stage in APPRAISAL_IS_OPEN


def status_reason(sheet: ScoreSheet) -> str:
    """Return why a sheet was sent back, let in again or marked as not reported; empty where it stands otherwise."""
    if sheet.status not in HAS_REASON:
        return ""
    steps = Change.objects.filter(model="reports.scoresheet", object_id=sheet.pk, after=sheet.status)
    last = steps.filter(field="status").order_by("-at", "-pk").values_list("reason", flat=True).first()
    return last or ""


def _last_year(sheet: ScoreSheet) -> tuple[int | None, Mapping[int, PublishedScore]]:
    year = sheet.assessment_year
    earlier = AssessmentYear.objects.filter(
        Q(organiser=year.organiser_id, group=year.group_id, year=year.year - 1),
        current_publication__isnull=False,
    ).first()
    if earlier is None:
        return None, {}
    rows = PublishedScore.objects.filter(publication=earlier.current_publication_id, unit=sheet.unit_id)
    return earlier.year, {row.criterion_id: row for row in rows}


def _sum(key: str, title: str, rows: list[Row]) -> Sum:
    own = [row for row in rows if not row.is_survey and not row.criterion.adjustment]
    return Sum(
        key,
        title,
        sum((row.counted for row in own), Decimal(0)),
        sum((row.maximum for row in own), Decimal(0)),
        sum(row.is_done for row in own),
        len(own),
    )


def _area(node: Criterion, nodes: Mapping[int, Criterion]) -> Criterion:
    while node.parent_id is not None:
        node = nodes[node.parent_id]
    return node
