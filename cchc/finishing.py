"""After a publication every page of the year is finished at once, before anybody asks for it.

All processes do it together: each takes the next few pages that are nobody's yet, the most opened first, and finds
those of the others in the shared cache.
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
# In the environment of a request: let the page be packed for all browsers, not only for who asks.
EVERY_ENCODING = "cchc.every_encoding"
# So many pages a process takes on at once.
SHARE = 8
REMEMBERED_SECONDS = 7 * 24 * 3600

one_at_a_time = threading.Lock()
logger = logging.getLogger(__name__)


def new_publications(organisers: Iterable[str]) -> Iterator[Publication]:
    """Yield the newest publication of each organiser."""
    current = Publication.objects.filter(assessment_year__current_publication__isnull=False)
    for slug in sorted(organisers):
        rows = current.filter(assessment_year__organiser__slug=slug).order_by("-pk")
        newest = rows.select_related("assessment_year__organiser", "assessment_year__group").first()
        if newest:
            yield newest


def finish(application: Application, publication: Publication, release: str) -> int:
    """Ask for those pages of a publication that no process has taken on yet; return how many of them were there."""
    paths = pages_of(publication)
    shares = (
        paths[at : at + SHARE] for at in range(0, len(paths), SHARE) if _is_free(publication, release, at)
    )
    return sum(ask(application, path) for share in shares for path in share)


def _is_free(publication: Publication, release: str, at: int) -> bool:
    """Take on the pages from there on, unless a process has."""
    key = f"finishing/{release}/{publication.pk}/{at}"
    return bool(caches["pages"].add(key, publication.version, REMEMBERED_SECONDS))


def finish_new(application: Application, organisers: Iterable[str], release: str) -> None:
    """Finish what is newly published of organisers."""
    for publication in new_publications(organisers):
        count = finish(application, publication, release)
        if count:
            logger.info("%d pages finished after publication %d", count, publication.pk)


def finish_aside(application: Application, organisers: Iterable[str], release: str) -> None:
    """Do the same in a thread of its own, one after another."""

    def run() -> None:
        with one_at_a_time:
            try:
                finish_new(application, organisers, release)
            except (DatabaseError, OSError) as error:  # the first visitor of each page has it made then
                logger.warning("pages are not finished: %s", type(error).__name__)
            finally:
                connection.close()

    threading.Thread(target=run, name="finishing", daemon=True).start()


def ask(application: Application, path: str) -> bool:
    """Ask for a page as the public will, to be kept in every encoding; return whether it is there."""
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
        "HTTP_ACCEPT_ENCODING": "br",
        EVERY_ENCODING: True,
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
    return begun[0].startswith("200")
