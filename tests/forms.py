"""What a browser would send back of a page's fields."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input" and told.get("name"):
            self.found[str(told["name"])] = told.get("value") or ""

    handle_startendtag = handle_starttag


def fields_of(page: Any) -> dict[str, str]:
    """Return the names and values of a page's inputs."""
    reader = _Fields()
    reader.feed(page.content.decode())
    return reader.found
