"""Which tests this machine can run, and the promise that CI skips none."""

import shutil
from collections.abc import Iterator

import pytest

# The shell draws the same pages in two thirds of the time: it has no window of its own to draw.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = "no Chromium found: the browser tests were left out (Debian, Ubuntu: apt install chromium)"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail when a test was skipped or left out")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out browser tests where there is no browser, and PostgreSQL tests on SQLite."""
    from django.db import connection

    left_out = set()
    if connection.vendor != "postgresql":
        left_out.add("postgres")
    if not has_chromium() and not config.getoption("--no-skips"):
        left_out.add("browser")
    unwanted = [item for item in items if any(item.get_closest_marker(mark) for mark in left_out)]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if item not in unwanted]


def has_chromium() -> bool:
    return any(shutil.which(name) for name in CHROMIUM)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """With --no-skips a run that skipped something has failed."""
    if session.config.getoption("--no-skips") and skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    yield


def skipped(config: pytest.Config) -> list[str]:
    """The tests that were skipped or were expected to fail, as known to the process that reports."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return []
    return [report.nodeid for kind in ("skipped", "xfailed") for report in reporter.stats.get(kind, [])]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not has_chromium():
        terminalreporter.write_line(NO_CHROMIUM, yellow=True)
    if config.getoption("--no-skips"):
        for nodeid in skipped(config):
            terminalreporter.write_line(f"skipped, which --no-skips forbids: {nodeid}", red=True)
