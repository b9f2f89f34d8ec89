"""`python -m tests.e2e.screenshots FOLDER`: every page as people see it, to look at before a release.

Wide and as on a phone, light, dark and as printed; `--readme FILE` makes only the README's picture instead.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize

from .browser import Window, chromium, new_context
from .pages import NOT_FOUND, PAGES
from .site import running_site

ALL = {**PAGES, "not found": NOT_FOUND}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("screenshots"))
    parser.add_argument("--only", default="", help="pages whose name contains this")
    parser.add_argument("--readme", type=Path, help="write the README's picture to this file")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as site_folder,
        running_site(Path(site_folder)) as site,
        chromium() as browser,
    ):
        if arguments.readme:
            take_readme_picture(browser, site.address, arguments.readme)
            return
        arguments.folder.mkdir(parents=True, exist_ok=True)
        for name in ALL:
            if arguments.only in name:
                take(browser, site.address, name, arguments.folder)


def take(browser: Browser, address: str, name: str, folder: Path) -> None:
    """Writes one page in four ways: wide, narrow, dark, printed."""
    file = folder / re.sub(r"\W+", "-", name.lower())
    for kind, width in (("wide", 1280), ("phone", 360), ("dark", 1280), ("print", 794)):
        context = new_context(browser, width=width, theme="dark" if kind == "dark" else "light")
        page = Window(context.new_page(), address).open(ALL[name])
        if kind == "print":
            page.emulate_media(media="print")
        page.screenshot(path=f"{file}-{kind}.png", full_page=True)
        context.close()


def take_readme_picture(browser: Browser, address: str, file: Path) -> None:
    """Writes the top of a dashboard, as wide as a README is shown and small enough for the repository."""
    size: ViewportSize = {"width": 1100, "height": 1370}
    context = browser.new_context(viewport=size, device_scale_factor=0.8, color_scheme="light")
    Window(context.new_page(), address).open(PAGES["Phu Xuyen 2024"]).screenshot(path=file)
    context.close()


if __name__ == "__main__":
    main()
