"""Which views give pages that can be kept as finished bytes, and what do these pages depend on?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from reports.page_versions import EVERYTHING, SITE, UNITS, current_versions, versions_read

View = Callable[..., HttpResponseBase]
# Whoever keeps answers puts KEEPER into the request's environment and finds PUBLISHED there.
KEEPER = "cchc.keeper"
PUBLISHED = "cchc.published"
# Browsers ask each time whether their copy still holds; a proxy may answer for two seconds on its own.
FRESH = "public, max-age=0, s-maxage=2, must-revalidate"


@dataclass(frozen=True, slots=True)
class Published:
    """What an answer depends on, as it was before anything else was read."""

    scopes: frozenset[str]
    versions: tuple[tuple[str, str], ...]


def published(*known: str, of: str = "") -> Callable[[View], View]:
    """Declare that a view's answer depends on its address and on what is published, and on nothing else.

    `known` names the query parameters with few values; with any other one the answer is not kept. `of` names the
    argument with the organiser's slug where a page shows nothing of other organisers; otherwise it depends on all.
    """

    def decorated(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            is_known = set(request.GET) <= set(known)
            scopes = frozenset({kwargs[of], UNITS, SITE} if of else {EVERYTHING})
            # From the database that the view reads, and before it does: a replica may be a moment behind.
            kept = is_known and KEEPER in request.META
            versions = versions_read(scopes, current_versions()) if kept else ()
            answer = view(request, *args, **kwargs)
            if is_known and answer.status_code == 200:
                answer.headers["Cache-Control"] = FRESH
                if kept:
                    request.META[PUBLISHED] = Published(scopes, versions)
            return answer

        return wrapper

    return decorated
