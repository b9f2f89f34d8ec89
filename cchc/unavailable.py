"""What is said while the database is away or the disk is full: no error of the page, come again."""

from __future__ import annotations

import errno
import sys

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.views.defaults import server_error

from cchc import metrics
from reports.api.guard import problem

RETRY_SECONDS = 5
# Lost, restarting, out of connections, full, locked for too long: later it may go.
AWAY = (OperationalError, InterfaceError)
# Django itself answers 400 for these, but not where they come up while its 404 page looks for a CSRF token.
MALFORMED = (MultiPartParserError, SuspiciousOperation, BadRequest)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def error_page(request: HttpRequest) -> HttpResponse:
    """Django's handler500: 503 with Retry-After where the database is away, 507 where the disk is full, else 500.

    It asks no database itself.
    """
    error = sys.exc_info()[1]
    if isinstance(error, DatabaseError):
        metrics.database_failed(error)
    if isinstance(error, OSError) and error.errno in FULL:
        return HttpResponse(render_to_string("507.html"), status=507)
    if isinstance(error, MALFORMED):
        return HttpResponse(render_to_string("400.html"), status=400)
    if not isinstance(error, AWAY):
        return server_error(request)
    if request.path_info.startswith("/api/"):
        response: HttpResponse = problem(503, "Cơ sở dữ liệu tạm thời gián đoạn (database unavailable)")
    else:
        response = HttpResponse(render_to_string("503.html"), status=503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response
