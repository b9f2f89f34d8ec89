"""What is the whole address of a page? By the public's name of the site, which officials may not use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import iri_to_uri


def public_address(request: HttpRequest, path: str) -> str:
    """Return a path of this site with scheme and host, as others cite, print or fetch it."""
    # Not build_absolute_uri: it takes "//name/" for another host, and fails at "/\t/a[b]/" (a tab is nothing to it).
    site = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    return f"{site}{iri_to_uri(path)}"
