"""What a page tells programs that read it: whole addresses and structured data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from csp.constants import NONE, SELF
from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reports.public_address import public_address

ENGLISH = "/en"
UNTRANSLATED = ("/office/",)
# What could end a script element; as in Django's json_script.
ESCAPED = {ord(character): f"\\u{ord(character):04X}" for character in "<>&"}


def absolute(request: object, path: str) -> str:
    """Return a path of this site with scheme and host; the path alone where no request is at hand."""
    return public_address(request, path) if isinstance(request, HttpRequest) else path


def in_edition(request: object, language: str) -> str:
    """Return the path of this page in the edition of a language; empty where there is none (the office, the API)."""
    if not isinstance(request, HttpRequest) or request.path_info.startswith(UNTRANSLATED):
        return ""
    path = (
        request.path_info.removeprefix(ENGLISH)
        if request.path_info.startswith(f"{ENGLISH}/")
        else request.path_info
    )
    return f"{ENGLISH}{path}" if language == "en" else path


def canonical(request: object, path: str = "") -> str:
    """Return the whole address by which a page is known: without filters and order, with the page of a long list."""
    if not isinstance(request, HttpRequest):
        return ""
    page = request.GET.get("page", "")
    is_later = page.isascii() and page.isdecimal() and int(page[:9]) > 1
    return public_address(request, path or request.path) + (f"?page={int(page[:9])}" if is_later else "")


def json_ld(data: Mapping[str, Any]) -> SafeString:
    """Return schema.org data as an element that no browser runs."""
    written = SafeString(json.dumps(data, ensure_ascii=False).translate(ESCAPED))
    return format_html('<script type="application/ld+json">{}</script>', written)


def embed_code(request: object, path: str, title: str, height: int) -> str:
    """Return the HTML by which another page frames an address of this site."""
    return format_html(
        '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy"></iframe>',
        absolute(request, path),
        title,
        height,
    )


def embed_origins() -> str:
    """Return who may frame, as a reader names it: "*", a list of addresses, or nothing for this site alone."""
    return ", ".join(origin for origin in settings.EMBED_ANCESTORS if origin not in (SELF, NONE))
