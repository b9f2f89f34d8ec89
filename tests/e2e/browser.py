"""Chromium, and a page that remembers everything that went wrong on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from conftest import CHROMIUM

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Before any script of the page: what the policy refused, and how far the layout moved.
OBSERVE = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (e) => refused.push(`${e.violatedDirective} ${e.blockedURI}`));
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) shifts.push(entry.value);
}).observe({ type: "layout-shift", buffered: true });
"""

# A busy machine is slow, not wrong.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
Theme = Literal["light", "dark"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine; nothing is downloaded."""
    path = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@dataclass
class Window:
    """A tab with a memory of its own: visits addresses of one site, notes each fault and each foreign host."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("requestfailed", self._note_failure)
        self.page.on("request", self._note_request)
        self.page.on(
            "response",
            lambda r: self.faults.append(f"{r.status}: {r.url}") if r.status >= 400 else None,
        )

    def _note_failure(self, request: Request) -> None:
        # A page that is left gives up what it was still loading; refused and blocked requests fail otherwise.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url} ({request.failure})")

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def _note_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme != "data" and url.netloc != urlsplit(self.address).netloc:
            self.faults.append(f"foreign: {request.url}")

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def all_faults(self) -> list[str]:
        """What was noted on this page, with what its content security policy refused."""
        return [*self.faults, *self.page.evaluate("window.refused")]


def new_context(
    browser: Browser,
    *,
    width: int = 1280,
    theme: Theme = "light",
    script: bool = True,
) -> BrowserContext:
    options: dict[str, Any] = {"viewport": {"width": width, "height": 800}, "locale": "vi-VN"}
    # Colours that fade when the theme changes would be measured half way.
    options["reduced_motion"] = "reduce"
    context = browser.new_context(**options, color_scheme=theme, java_script_enabled=script)
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(OBSERVE)
    return context
