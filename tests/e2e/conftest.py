"""The browser tests share one server and one Chromium, and stay in one worker of pytest-xdist.

The fixtures end with this package, not with the session: while Playwright runs, Django refuses its database
to the tests that follow in the same process.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from .browser import Window, chromium, new_context
from .site import Site, running_site

HERE = Path(__file__).parent
SAID = pytest.StashKey[Callable[[], str]]()
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

    def open_window(**options: Any) -> Window:
        contexts.append(new_context(browser, **options))
        return Window(contexts[-1].new_page(), site.address)

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture(autouse=True)
def server_log(site: Site, request: pytest.FixtureRequest) -> Iterator[None]:
    """What the server says during a test belongs to its report, and an error that it logs fails the test."""
    before = len(site.log.read_text())
    request.node.stash[SAID] = lambda: site.log.read_text()[before:]
    yield
    assert "ERROR" not in request.node.stash[SAID]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and SAID in item.stash:
        report.sections.append(("server log", item.stash[SAID]()))
    return report
