"""One page as PDF, where WeasyPrint is installed; it reads our own files and nothing from any network."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import mimetypes
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders

from reports.letters.one_page import DENSITIES

logger = logging.getLogger(__name__)
# What a page may name, as `cchc:a4.css`; anything else is refused.
STYLES = ("a4.css", "a4_pdf.css")
FONTS = ("regular.ttf", "bold.ttf")
SCHEME = "cchc:"


class PdfUnavailableError(Exception):
    """This server makes no PDF, or WeasyPrint or a library it needs is not on the machine."""


def is_offered() -> bool:
    """Tell whether this server makes PDFs, without loading what makes them."""
    return (
        settings.PDF and _is_installed() and not (_weasyprint.cache_info().currsize and _weasyprint() is None)
    )


def works() -> bool:
    """Tell whether PDFs can be made, by loading what makes them."""
    return _weasyprint() is not None


@cache
def _is_installed() -> bool:
    return importlib.util.find_spec("weasyprint") is not None


@cache
def _weasyprint() -> Any | None:
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        logger.warning("PDFs cannot be made: %s", error)
        return None


def one_page_pdf(page: Callable[[str], str], density: str) -> tuple[bytes, int]:
    """Return a page as PDF and how many pages it took, set smaller until it takes one.

    `page` makes the HTML for one of DENSITIES. Raises PdfUnavailableError.
    """
    weasyprint = _weasyprint() if is_offered() else None
    if weasyprint is None:
        raise PdfUnavailableError
    fetcher = _own_files_only()
    for one in DENSITIES[DENSITIES.index(density) :]:
        document = weasyprint.HTML(string=page(one), base_url=SCHEME, url_fetcher=fetcher).render()
        if len(document.pages) == 1:
            break
    return document.write_pdf(), len(document.pages)


def own_file(address: str) -> Path | None:
    """Return which of our files an address names, None for every other address."""
    name = address.removeprefix(SCHEME)
    if not address.startswith(SCHEME):
        return None
    if name in FONTS:
        return Path(settings.FONT_DIR / name)
    found = finders.find(f"css/{name}") if name in STYLES else None
    return Path(found) if found else None


def _own_files_only() -> Any:
    urls: Any = importlib.import_module("weasyprint.urls")

    class OwnFilesOnly(urls.URLFetcher):
        """Opens the files named above and pictures that the page itself holds (data:)."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols={"data"}, allow_redirects=False)

        def fetch(self, url: str, headers: Any = None) -> Any:
            path = own_file(url)
            if path is None:
                return super().fetch(url, headers)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return urls.URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return OwnFilesOnly()
