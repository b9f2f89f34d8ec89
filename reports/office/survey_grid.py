"""The form in which answers are counted: blocks of questions × options, what was typed, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from reports.models import Criterion, ScoreSheet, SurveyRound
from reports.readers import ReadError, parse_count
from reports.rules import RespondentGroup, Survey
from reports.survey_points import counts_of, tallies_of
from reports.survey_tally import Place, Tally, digest, places
from reports.workflow.survey_answers import AnswerResult, AnswerWrite

# Django takes 1,000 fields of a form; some are the page's own.
FIELDS_A_PAGE = 900
BLOCKS_A_PAGE = 40
MAX_TEXT = 20


@dataclass(frozen=True)
class Block:
    """What one group was asked of one component, for one unit: one thing to write, with what stood at its places.

    `texts` are what was typed and not written, by place, and `message` why; `tally` is of all rounds and groups.
    """

    sheet: ScoreSheet
    criterion: Criterion
    rule: Survey
    group: RespondentGroup
    stored: Mapping[Place, int | None] = field(default_factory=dict)
    texts: Mapping[Place, str] = field(default_factory=dict)
    message: str = ""
    tally: Tally | None = None

    @property
    def name(self) -> str:
        return f"{self.sheet.pk}-{self.criterion.pk}-{self.rule.asked_groups.index(self.group)}"

    @property
    def version(self) -> str:
        return digest(self.stored)

    @property
    def size(self) -> int:
        return self.rule.questions * len(self.rule.options) + 1

    @property
    def places(self) -> list[Place]:
        return places(self.rule, [self.group.key])

    @property
    def rows(self) -> list[Row]:
        """One row a question."""
        return [Row(self, question) for question in range(1, self.rule.questions + 1)]

    def field_name(self, place: Place) -> str:
        return f"a-{self.name}-{place.question}-{self._option(place)}"

    def _option(self, place: Place) -> int:
        return [option.key for option in self.rule.options].index(place.option)


@dataclass(frozen=True)
class Row:
    """One question of a block: a cell an option, and how many answered."""

    block: Block
    question: int

    @property
    def cells(self) -> list[dict[str, object]]:
        return [
            {"place": place, "name": self.block.field_name(place), "text": _shown(self.block, place)}
            for place in self.block.places
            if place.question == self.question
        ]

    @property
    def total(self) -> int | None:
        counts = [n for place, n in self.block.stored.items() if place.question == self.question]
        known = [count for count in counts if count is not None]
        return sum(known) if known else None


def paged(blocks: Sequence[Block]) -> list[list[Block]]:
    """Return blocks in pages, each of which a form can hold."""
    pages: list[list[Block]] = [[]]
    for block in blocks:
        full = sum(one.size for one in pages[-1]) + block.size > FIELDS_A_PAGE
        if pages[-1] and (full or len(pages[-1]) == BLOCKS_A_PAGE):
            pages.append([])
        pages[-1].append(block)
    return pages


def filled(round_: SurveyRound, blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks of a page with what stands in the round and with what all rounds together say. Two queries."""
    sheets, criteria = {one.sheet.pk for one in blocks}, {one.criterion.pk: one.criterion for one in blocks}
    stored = counts_of(sheets, criteria, round_.pk)
    tallies = tallies_of(sheets, criteria.values())
    return [
        replace(
            one,
            stored={
                place: stored.get((one.sheet.pk, one.criterion.pk), {}).get(place) for place in one.places
            },
            tally=tallies.get((one.sheet.pk, one.criterion.pk)),
        )
        for one in blocks
    ]


def typed(blocks: Sequence[Block], posted: QueryDict) -> tuple[list[AnswerWrite], dict[str, Block]]:
    """Return the writes of what was typed, and by name the blocks in which something cannot be a count."""
    writes, wrong = [], {}
    for block in blocks:
        texts = dict(_texts(block, posted))
        if not texts:
            continue
        try:
            counts = {place: _count(place, text) for place, text in texts.items()}
        except ReadError as error:
            wrong[block.name] = replace(block, texts=texts, message=str(error))
            continue
        seen = posted.get(f"v-{block.name}", "")
        writes.append(AnswerWrite(block.sheet, block.criterion.pk, counts, seen))
    return writes, wrong


def unwritten(
    blocks: Sequence[Block], results: Sequence[AnswerResult], posted: QueryDict
) -> dict[str, Block]:
    """Return by name the blocks that were refused or in conflict, with what was typed and why."""
    refused = {
        (one.write.sheet.pk, one.write.criterion_id, next(iter(one.write.counts)).group): one.message
        for one in results
        if one.outcome in ("refused", "conflict")
    }
    return {
        block.name: replace(block, texts=dict(_texts(block, posted)), message=refused[key])
        for block in blocks
        if (key := (block.sheet.pk, block.criterion.pk, block.group.key)) in refused
    }


def _texts(block: Block, posted: QueryDict) -> Iterator[tuple[Place, str]]:
    for place in block.places:
        text = posted.get(block.field_name(place))
        if text is not None:
            yield place, text.strip()[:MAX_TEXT]


def _count(place: Place, text: str) -> int | None:
    try:
        count = parse_count(text)
    except ReadError as error:
        raise ReadError(f"Câu {place.question}, phương án {place.option}: {error}") from error
    return count


def _shown(block: Block, place: Place) -> str:
    if place in block.texts:
        return block.texts[place]
    count = block.stored.get(place)
    return "" if count is None else str(count)
