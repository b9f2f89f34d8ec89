"""What is the whole address of a page? By the public's name of the site, which officials may not use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def public_address(request: HttpRequest, path: str) -> str:
    """Return a path of this site with scheme and host, as others cite, print or fetch it."""
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
