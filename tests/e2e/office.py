"""People of the fictional province, logged in."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

from .browser import Window
from .site import Site


def password(site: Site) -> str:
    """The demo accounts' one password: that of the environment, or the one the site has made up."""
    given = os.environ.get("CCHC_DEMO_PASSWORD", "")
    kept: Path = site.log.parent / "demo_password"
    return given or kept.read_text(encoding="utf-8")


def log_in(window: Window, person: str, word: str) -> Page:
    page = window.open("/office/login/")
    page.locator("input[name=username]").fill(person)
    page.locator("input[type=password]").fill(word)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/office/")
    return page
