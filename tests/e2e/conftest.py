"""The browser tests share one server and one Chromium, and stay in one worker of pytest-xdist.

The fixtures end with this package, not with the session: while Playwright runs, Django refuses its database
to the tests that follow in the same process.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from .browser import Window, chromium, new_context
from .site import Site, running_site

HERE = Path(__file__).parent
OpenWindow = Callable[..., Window]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def window(browser: Browser, site: Site) -> Iterator[OpenWindow]:
    """Opens tabs: `window(width=360, theme="dark", script=False)`; all are closed after the test."""
    contexts: list[BrowserContext] = []

    def open_window(**options: object) -> Window:
        contexts.append(new_context(browser, **options))
        return Window(contexts[-1].new_page(), site.address)

    yield open_window
    for context in contexts:
        context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    site = getattr(item, "funcargs", {}).get("site")
    if report.failed and isinstance(site, Site):
        report.sections.append(("server log", site.log.read_text()))
    return report
