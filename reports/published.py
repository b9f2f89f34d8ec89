"""Which views give pages that can be kept as finished bytes, and what do these pages depend on?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from reports.page_versions import EVERYTHING, SITE, UNITS, current_versions, versions_read

View = Callable[..., HttpResponseBase]
# Whether a value of a query parameter is one of the few that there are.
Known = Callable[[str], bool]
# Whoever keeps answers puts KEEPER into the request's environment and finds PUBLISHED there.
KEEPER = "cchc.keeper"
PUBLISHED = "cchc.published"
# The cookie of a message for somebody, which a public page shows too.
MESSAGES = "messages"
# Browsers ask each time whether their copy still holds; a proxy may answer for two seconds on its own.
FRESH = "public, max-age=0, s-maxage=2, must-revalidate"


@dataclass(frozen=True, slots=True)
class Published:
    """What an answer depends on, as it was before anything else was read."""

    scopes: frozenset[str]
    versions: tuple[tuple[str, str], ...]


def one_of(*values: str) -> Known:
    return frozenset(values).__contains__


def a_page(value: str) -> bool:
    """Whether a value is the number of a page, written as links write it."""
    return re.fullmatch(r"[1-9][0-9]?", value) is not None


an_export = one_of("csv", "xlsx")


def published(of: str = "", **known: Known) -> Callable[[View], View]:
    """Declare that a view's answer depends on its address and on what is published, and on nothing else.

    `known` says of query parameters which values there are, few enough to keep an answer for each; with any other
    parameter or value, and with a query that no link writes so, the answer is not kept. `of` names the argument with
    the organiser's slug where a page shows nothing of other organisers; otherwise it depends on all.
    """

    def decorated(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            is_known = _is_asked_as_links_ask(request, known)
            scopes = frozenset({kwargs[of], UNITS, SITE} if of else {EVERYTHING})
            # From the database that the view reads, and before it does: a replica may be a moment behind.
            kept = is_known and KEEPER in request.META
            versions = versions_read(scopes, current_versions()) if kept else ()
            answer = view(request, *args, **kwargs)
            if is_known and answer.status_code == 200 and MESSAGES not in request.COOKIES:
                answer.headers["Cache-Control"] = FRESH
                if kept:
                    request.META[PUBLISHED] = Published(scopes, versions)
            return answer

        return wrapper

    return decorated


def _is_asked_as_links_ask(request: HttpRequest, known: Mapping[str, Known]) -> bool:
    """Whether each parameter is a known one, once, with a known value, and written in one way only."""
    return request.META.get("QUERY_STRING", "") == request.GET.urlencode() and all(
        name in known and len(values) == 1 and known[name](values[0]) for name, values in request.GET.lists()
    )
