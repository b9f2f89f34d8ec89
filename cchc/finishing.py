"""After a publication every page of the year is finished at once, before anybody asks for it.

One process does it, whichever is first to see the publication; the others find the pages in the shared cache.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection

from reports.models import Publication
from reports.public_pages import pages_of

Application = Callable[..., Iterable[bytes]]
ENCODINGS = ("br", "gzip")
REMEMBERED_SECONDS = 7 * 24 * 3600

one_at_a_time = threading.Lock()
logger = logging.getLogger(__name__)


def new_publications(organisers: Iterable[str], release: str) -> Iterator[Publication]:
    """Yield the newest publication of each organiser, unless a process has taken it on already."""
    current = Publication.objects.filter(assessment_year__current_publication__isnull=False)
    for slug in sorted(organisers):
        rows = current.filter(assessment_year__organiser__slug=slug).order_by("-pk")
        newest = rows.select_related("assessment_year__organiser", "assessment_year__group").first()
        if newest and caches["pages"].add(
            f"finishing/{release}/{newest.pk}", newest.version, REMEMBERED_SECONDS
        ):
            yield newest


def finish(application: Application, publication: Publication) -> int:
    """Ask for each page of a publication as the public will, in each encoding; return how many were there."""
    return sum(ask(application, path) for path in pages_of(publication))


def finish_new(application: Application, organisers: Iterable[str], release: str) -> None:
    """Finish what is newly published of organisers."""
    for publication in new_publications(organisers, release):
        count = finish(application, publication)
        logger.info("%d pages finished after publication %d", count, publication.pk)


def finish_aside(application: Application, organisers: Iterable[str], release: str) -> None:
    """Do the same in a thread of its own, one after another."""

    def run() -> None:
        with one_at_a_time:
            try:
                finish_new(application, organisers, release)
            except DatabaseError as error:  # the first visitor of each page has it made then
                logger.warning("pages are not finished: %s", type(error).__name__)
            finally:
                connection.close()

    threading.Thread(target=run, name="finishing", daemon=True).start()


def ask(application: Application, path: str) -> bool:
    """Return whether the page is there."""
    statuses = [_status(application, path, encoding) for encoding in ENCODINGS]
    return statuses[0].startswith("200")


def _status(application: Application, path: str, encoding: str) -> str:
    site, begun = urlsplit(settings.PUBLIC_URL), []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": site.hostname,
        "SERVER_PORT": str(site.port or 443),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": site.netloc,
        "HTTP_X_FORWARDED_PROTO": site.scheme,
        "HTTP_ACCEPT_ENCODING": encoding,
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    parts = application(environ, lambda status, headers, exc_info=None: begun.append(status))
    try:
        for _part in parts:
            pass
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return begun[0]
