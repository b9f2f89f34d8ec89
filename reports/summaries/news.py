"""What became public, and when: publications, their corrections, releases of figures, results taken from sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from districts.models import Organiser
from reports.models import Publication, Release
from reports.numbers_vi import date_vi

from .organisers import public_years
from .versions import version_url


class NewsKind(models.TextChoices):
    PUBLICATION = "publication", gettext_lazy("Công bố kết quả")
    CORRECTION = "correction", gettext_lazy("Đính chính kết quả")
    RELEASE = "release", gettext_lazy("Công khai số liệu")
    SOURCED = "sourced", gettext_lazy("Kết quả theo nguồn")


@dataclass(frozen=True)
class NewsItem:
    """Something that became public; `key` never changes and belongs to nothing else.

    `at` is the moment on this site, or midnight of the day on which the source was published, None where that is
    not known.
    """

    kind: NewsKind
    key: str
    at: dt.datetime | None
    organiser: Organiser
    year: int
    # The group of the index; what was released, with its period.
    group: str = ""
    figures: str = ""
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    version: int = 1
    decision: str = ""
    reason: str = ""
    source: str = ""
    url: str = ""

    @property
    def day(self) -> dt.date | None:
        return timezone.localdate(self.at) if self.at else None

    @property
    def title(self) -> str:
        """Return what became public, in a line."""
        said = {"organiser": self.organiser.name, "year": self.year, "group": self.group, "n": self.version}
        if self.kind == NewsKind.RELEASE:
            period = {"from": date_vi(self.starts_on), "to": date_vi(self.ends_on), "figures": self.figures}
            return _("%(organiser)s: công khai %(figures)s, kỳ %(from)s – %(to)s") % (said | period)
        if self.kind == NewsKind.CORRECTION:
            return _("%(organiser)s %(year)s: %(group)s, bản đính chính số %(n)s") % said
        return _("%(organiser)s %(year)s: %(group)s") % said

    @property
    def is_sample(self) -> bool:
        return self.organiser.is_sample


def news(limit: int | None = None, *, real_first: bool = False) -> list[NewsItem]:
    """Return what became public, newest first, what has no date last; three queries, of `limit` rows each at most.

    `real_first` leaves out the fictional provinces as soon as there is anything of a real one.
    """
    items = [*_publications(limit, real_first), *_releases(limit, real_first), *_sourced()]
    items.sort(key=_newest, reverse=True)
    real = [item for item in items if not item.is_sample]
    return (real if real_first and real else items)[:limit]


def news_page(number: int, size: int) -> list[NewsItem]:
    """Return the items of a page, the first being 1."""
    return news(number * size)[(number - 1) * size :]


def news_count() -> int:
    """Return how many items there are; three queries."""
    return (
        Publication.objects.filter(assessment_year__in=public_years()).count()
        + Release.objects.count()
        + public_years().filter(current_publication=None).count()
    )


def _publications(limit: int | None, real_first: bool) -> Iterable[NewsItem]:
    rows = (
        Publication.objects.filter(assessment_year__current_publication__isnull=False)
        .select_related("assessment_year__organiser", "assessment_year__group", "source")
        .order_by(*(["assessment_year__organiser__is_sample"] if real_first else []), "-published_at", "-pk")
    )
    for row in rows[:limit]:
        year = row.assessment_year
        yield NewsItem(
            NewsKind.PUBLICATION if row.version == 1 else NewsKind.CORRECTION,
            f"publication-{row.pk}",
            row.published_at,
            year.organiser,
            year.year,
            group=year.group.label,
            version=row.version,
            decision=row.decision_number,
            reason=row.reason,
            source=row.source.organisation if row.source else "",
            url=year.get_absolute_url() if row.pk == year.current_publication_id else version_url(row),
        )


def _releases(limit: int | None, real_first: bool) -> Iterable[NewsItem]:
    order = [*(["organiser__is_sample"] if real_first else []), "-at", "-pk"]
    for row in Release.objects.select_related("organiser").order_by(*order)[:limit]:
        yield NewsItem(
            NewsKind.RELEASE,
            f"release-{row.pk}",
            row.at,
            row.organiser,
            row.ends_on.year,
            figures=str(row.get_kind_display()),
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            version=row.version,
            reason=row.reason,
            url=row.organiser.get_absolute_url(),
        )


def _sourced() -> Iterable[NewsItem]:
    """Return the years that only outside documents tell of, on the day of the newest of them; few are ever so."""
    found = public_years().filter(current_publication=None)
    for year in found.annotate(
        newest=Max("official_results__source__published_on"),
        organisation=Max("official_results__source__organisation"),
    ):
        yield NewsItem(
            NewsKind.SOURCED,
            f"year-{year.pk}",
            _midnight(year.newest) if year.newest else None,
            year.organiser,
            year.year,
            group=year.group.label,
            source=year.organisation,
            url=year.get_absolute_url(),
        )


def _newest(item: NewsItem) -> tuple[float, str]:
    return item.at.timestamp() if item.at else float("-inf"), item.key


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
