"""The QR code of a desk's address, as SVG."""

from __future__ import annotations

import io

import segno
from django.http import HttpRequest
from django.urls import reverse

from reports.models import Desk
from reports.public_address import public_address

# Read from a worn sheet under glass: a quarter of the code may be lost.
CORRECTION = "q"
QUIET_ZONE = 4


def desk_address(request: HttpRequest, desk: Desk) -> str:
    """Return the whole address that is printed."""
    return public_address(request, reverse("reports:desk", args=[desk.code]))


def qr_svg(address: str) -> bytes:
    """Return the code of an address as an SVG document, black on white at any size."""
    picture = io.BytesIO()
    segno.make(address, error=CORRECTION, micro=False).save(
        picture, kind="svg", border=QUIET_ZONE, light="#fff", omitsize=True
    )
    return picture.getvalue()


def qr_data_uri(address: str) -> str:
    """Return the code of an address as a picture that a page or a PDF holds within itself."""
    code = segno.make(address, error="m", micro=False)
    return str(code.svg_data_uri(border=0, light="#fff", omitsize=True))
