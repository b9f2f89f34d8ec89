"""What axe finds against WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
# The rules whose answer depends on colours: what is left to ask of a page again when only its colours changed.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
# The full report of a long page is megabytes; only what is wrong comes back.
RUN = """async (options) => (await axe.run(options)).violations.map(({ id, nodes }) =>
  `${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`)"""


def violations(page: Page, options: Mapping[str, Any] = OPTIONS) -> list[str]:
    """Each violation as its rule and the first elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(RUN, options)
    return found
