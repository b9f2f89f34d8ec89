"""The QR code of a desk's address, as SVG."""

from __future__ import annotations

import io

import segno
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from reports.models import Desk

# Read from a worn sheet under glass: a quarter of the code may be lost.
CORRECTION = "q"
QUIET_ZONE = 4


def desk_address(request: HttpRequest, desk: Desk) -> str:
    """Return the whole address that is printed: by the public's name of the site, which officials may not use."""
    path = reverse("reports:desk", args=[desk.code])
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


def qr_svg(address: str) -> bytes:
    """Return the code of an address as an SVG document, black on white at any size."""
    picture = io.BytesIO()
    segno.make(address, error=CORRECTION, micro=False).save(
        picture, kind="svg", border=QUIET_ZONE, light="#fff", omitsize=True
    )
    return picture.getvalue()
