"""Changes of state. Publishing is the only door to published rows: it writes them once, in bulk.

What is published is `drafted` first, and only then stored: who looks at a result before it is public is shown the
very rows that publishing stores. `bulk_create` does not call `Immutable.save`, which exists to refuse a second write
of a row.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from operator import attrgetter

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from districts.engine import insert_rows
from districts.models import UnitVersion
from reports import ranking, scoring
from reports.comparison import Before, ScopeOutline, compared_with
from reports.models import (
    AssessmentYear,
    Publication,
    PublishedScope,
    PublishedScore,
    ScopeKind,
    Source,
    Standing,
)
from reports.roster import TOTAL, Entry, scored, totals
from reports.scoring import RankOn
from reports.tally import Counted, Tally, tally

CHANGED_MEANWHILE = "Trong lúc đó số liệu đã thay đổi; hãy xem lại bảng kết quả rồi mới công bố."


@dataclass(frozen=True)
class Draft:
    """A publication with all its rows as they would be stored; nothing of it is."""

    publication: Publication
    scopes: Sequence[PublishedScope]
    standings: Sequence[Standing]
    entries: Sequence[Entry]

    @cached_property
    def digest(self) -> str:
        """What stands for the figures as they were shown: it changes with every one of them."""
        told = [
            *(
                (one.scope.kind, one.scope.key, one.unit_id, *map(str, FIGURES(one)))
                for one in self.standings
            ),
            *(
                (one.unit.pk, pk, leaf.state, str(leaf.points), str(leaf.maximum))
                for one in self.entries
                for pk, leaf in (one.leaves or {}).items()
            ),
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


FIGURES = attrgetter(
    *("unit_name", "points", "max_points", "rank", "is_tied", "unranked", "grade"),
    *("points_change", "rank_change", "no_movement", "criteria_changed", "roster_changed"),
)


def drafted(
    year: AssessmentYear,
    *,
    published_at: dt.datetime,
    decision_number: str = "",
    decided_on: dt.date | None = None,
    reason: str = "",
    source: Source | None = None,
) -> Draft:
    """Return what publishing a year would store, as its figures stand now; nothing is written.

    Movement is computed against the current publication of the year before, of the same organiser and group. Reads
    take a constant number of queries. Raises ValidationError where there is nothing to publish, or what there is
    cannot be ranked.
    """
    before = compared_with(year)
    scopes, entries = scored(year, before) if year.basis == year.Basis.SCORED else totals(year)
    publication = Publication(
        assessment_year=year,
        version=(year.publications.aggregate(last=Max("version"))["last"] or 0) + 1,
        decision_number=decision_number,
        decided_on=decided_on,
        published_at=published_at,
        reason=reason,
        source=source,
        criteria_set=year.criteria_set,
        compared_with=before.publication if before else None,
        roster_size=len(entries),
        **{name: getattr(year, name) for name in COPIED_RULES},
    )
    names = _names_on(timezone.localdate(published_at), entries)
    rows, standings = _standings(publication, scopes, entries, before, names)
    publication.tally = _tally(standings).stored()
    return Draft(publication, rows, standings, entries)


@transaction.atomic
def publish(
    assessment_year: AssessmentYear,
    *,
    published_at: dt.datetime,
    decision_number: str = "",
    decided_on: dt.date | None = None,
    reason: str = "",
    source: Source | None = None,
    shown: str | None = None,
) -> Publication:
    """Publish a year's results as they stand now and make them the current ones.

    A year already published gets a next version, a correction, which must give its reason; the earlier
    version stays. `shown` is the digest of the draft that was looked at: where figures changed since, nothing is
    published. Raises ValidationError, as `drafted` does.
    """
    year = _locked(assessment_year)
    draft = drafted(
        year,
        published_at=published_at,
        decision_number=decision_number,
        decided_on=decided_on,
        reason=reason,
        source=source,
    )
    publication = draft.publication
    if publication.version > 1 and not reason:
        raise ValidationError(_("Bản đính chính phải nêu lý do."))
    if shown is not None and shown != draft.digest:
        raise ValidationError(CHANGED_MEANWHILE, code="changed")
    publication.save()
    PublishedScope.objects.bulk_create(draft.scopes)
    insert_rows(Standing, OF_STANDING, map(STANDING, draft.standings))
    _store_scores(publication, draft.entries)
    year.current_publication, year.stage = publication, AssessmentYear.Stage.PUBLISHED
    year.save(update_fields=["current_publication", "stage"])
    assessment_year.refresh_from_db(fields=["current_publication", "stage"])
    return publication


OF_STANDING = tuple(field.attname for field in Standing._meta.concrete_fields if not field.primary_key)
# The scope itself knows its key only now that it is stored.
STANDING = attrgetter(*("scope.pk" if name == "scope_id" else name for name in OF_STANDING))
COPIED_RULES = ("ranking_rule", "rank_on", "round_at", "digits", "is_rescaled", "grade_bands")


def _locked(year: AssessmentYear) -> AssessmentYear:
    # Only the year's own row: PostgreSQL refuses to lock the nullable side of a join.
    rows = AssessmentYear.objects.select_for_update(of=("self",))
    return rows.select_related("organiser", "group", "criteria_set").get(pk=year.pk)


def _names_on(day: dt.date, entries: list[Entry]) -> dict[int, str]:
    """Return what each unit was called on a day; a unit that had ended keeps its last name."""
    names = {entry.unit.pk: entry.unit.full_name for entry in entries}
    for version in UnitVersion.objects.filter(unit__in=list(names)):
        if version.is_valid_on(day):
            names[version.unit_id] = version.full_name
    return names


def _standings(
    publication: Publication,
    scopes: list[ScopeOutline],
    entries: list[Entry],
    before: Before | None,
    names: Mapping[int, str],
) -> tuple[list[PublishedScope], list[Standing]]:
    """Return what units are compared by and how each stands in it, in total first; nothing is written."""
    rank_on, rule = RankOn(publication.rank_on), ranking.RankingRule(publication.ranking_rule)
    places = {
        scope.key: ranking.places(
            {e.unit.pk: e.figures[scope.key].compared(rank_on) if scope.is_ranked else None for e in entries},
            rule,
        )
        for scope in scopes
    }
    rows = [
        _scope_row(publication, order, scope, [e.figures[scope.key].points for e in entries])
        for order, scope in enumerate(scopes)
    ]
    return rows, [
        _standing(row, scope, entry, places[scope.key][entry.unit.pk], before, names)
        for row, scope in zip(rows, scopes, strict=True)
        for entry in entries
    ]


def _tally(standings: list[Standing]) -> Tally:
    return tally(
        Counted(one.unit.type, one.points, one.rank, one.rank_change)
        for one in standings
        if one.scope.kind == ScopeKind.TOTAL
    )


def _scope_row(
    publication: Publication, order: int, scope: ScopeOutline, points: list[Decimal | None]
) -> PublishedScope:
    # The mean of the printed points: what a reader can check.
    spread = ranking.spread(points) if scope.is_ranked else None
    kind, key = scope.key
    return PublishedScope(
        publication=publication,
        kind=kind,
        key=key,
        title=scope.title,
        order=order,
        max_points=scope.maximum,
        ranked_count=spread.count if spread else 0,
        mean=scoring.round_half_up(spread.mean, publication.digits) if spread else None,
        best=spread.best if spread else None,
        lowest=spread.lowest if spread else None,
    )


def _standing(
    row: PublishedScope,
    scope: ScopeOutline,
    entry: Entry,
    place: ranking.Place,
    before: Before | None,
    names: Mapping[int, str],
) -> Standing:
    figure = entry.figures[scope.key]
    moved = _movement(scope, entry, place, before)
    compared = before if moved.reason is None else None
    return Standing(
        scope=row,
        unit=entry.unit,
        unit_name=names[entry.unit.pk],
        points=figure.points,
        max_points=figure.maximum,
        rank=place.rank,
        is_tied=place.is_tied,
        unranked=figure.gap or "",
        grade=entry.grade if scope.key == TOTAL else "",
        points_change=moved.points,
        rank_change=moved.places,
        no_movement=moved.reason or "",
        criteria_changed=compared is not None and compared.has_other_criteria(row.publication),
        roster_changed=compared is not None
        and compared.publication.roster_size != row.publication.roster_size,
    )


def _movement(
    scope: ScopeOutline, entry: Entry, place: ranking.Place, before: Before | None
) -> ranking.Movement:
    figure = entry.figures[scope.key]
    now = ranking.Position(figure.points, figure.maximum, place.rank)
    if before is None:
        return ranking.movement(now, None)
    earlier = before.position(scope, entry.unit.pk)
    is_merged = entry.unit.pk in before.reshaped
    return ranking.movement(now, earlier, is_merged=is_merged, is_ranked=scope.is_ranked)


def _store_scores(publication: Publication, entries: Sequence[Entry]) -> None:
    columns = ("publication_id", "unit_id", "criterion_id", "state", "points", "max_points")
    insert_rows(
        PublishedScore,
        columns,
        (
            (
                publication.pk,
                entry.unit.pk,
                criterion_id,
                leaf.state,
                leaf.points,
                None if leaf.leaves_maximum else leaf.maximum,
            )
            for entry in entries
            for criterion_id, leaf in (entry.leaves or {}).items()
        ),
    )
