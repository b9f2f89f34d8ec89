"""A year of the past is begun: the year itself, and the document that printed its results; nothing of it is public."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify

from districts import access, audit
from districts.audit import Act
from districts.names import fold
from reports.models import AssessmentYear, Source

from .context import context_of

NOT_YOURS = "Chỉ người công bố và người quản trị của cơ quan được nhập kết quả năm trước."


@dataclass(frozen=True)
class Document:
    """The decision that printed the results, as a person describes it."""

    title: str
    number: str = ""
    dated_on: dt.date | None = None
    url: str = ""
    roster_size: int | None = None


@transaction.atomic
def open_past_year(asked: AssessmentYear, document: Document, act: Act) -> tuple[AssessmentYear, Source]:
    """Return the stored year and source, made where they are new: `asked` says whose, which and of which group.

    A new year is known by totals only and decided, so not public before somebody publishes it. Raises Denied.
    """
    if not act.is_program:
        allowed = act.actor is not None and (
            access.can_publish(act.actor, asked.organiser)
            or access.can_administer(act.actor, asked.organiser)
        )
        access.require(allowed, NOT_YOURS)
    year, is_new_year = AssessmentYear.objects.get_or_create(
        organiser=asked.organiser,
        year=asked.year,
        group=asked.group,
        defaults={
            "basis": AssessmentYear.Basis.TOTALS,
            "stage": AssessmentYear.Stage.FINAL,
            "printed_roster_size": document.roster_size,
        },
    )
    source, is_new_source = _source(year, document)
    made: list[tuple[str, AssessmentYear | Source, str, str]] = (
        [("reports.assessmentyear", year, "basis", year.basis)] if is_new_year else []
    )
    if is_new_source:
        made.append(("reports.source", source, "title", source.title))
    audit.record([_entry(year, *row) for row in made], act)
    return year, source


def _source(year: AssessmentYear, document: Document) -> tuple[Source, bool]:
    number = document.number
    place = f"{year.organiser.slug} {year.year} {year.group.slug}"
    named = slugify(fold(f"{place} {number or document.title}"))
    # Cut, two long names could be one: what was cut off goes in as a sum.
    told = named if len(named) <= 80 else f"{named[:69]}-{hashlib.sha256(named.encode()).hexdigest()[:10]}"
    return Source.objects.get_or_create(
        slug=told,
        defaults={
            "title": f"{document.title} ({number})" if number else document.title,
            "organisation": year.organiser.name,
            "published_on": document.dated_on,
            "url": document.url,
            "is_sample": year.organiser.is_sample,
        },
    )


def _entry(
    year: AssessmentYear, model: str, made: AssessmentYear | Source, field: str, after: str
) -> audit.Entry:
    return audit.Entry(model, made.pk, str(made), field, None, after, context=context_of(year))
