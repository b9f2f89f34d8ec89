"""Public pages and data travel compressed, whatever stands in front of the server."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from reports.published import PUBLISHED

# Pictures and workbooks are compressed already.
COMPRESSED = {
    "text/html",
    "text/css",
    "text/csv",
    "text/plain",
    "application/json",
    "application/problem+json",
    "application/xml",
    "application/atom+xml",
}


class CompressedText(GZipMiddleware):
    """Leave the office out: what depends on who is logged in is not compressed beside what they typed (BREACH)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if PUBLISHED in request.META:
            return response  # compressed once, by who keeps it
        kind = response.headers.get("Content-Type", "").split(";")[0]
        if kind not in COMPRESSED or request.path_info.startswith("/office/"):
            return response
        return super().process_response(request, response)
