"""What the tests of several modules share."""

import io
from collections.abc import Callable, Iterator

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from cchc.jinja import Environment
from districts.engine import append_only_lifted
from districts.loading import load_official_units
from districts.models import Change
from reports.models import Judgement
from tests.told_templates import ToldTemplate

# No test asserts a time, and the same code meets the same examples everywhere.
settings.register_profile(
    "cchc", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("cchc")
Environment.template_class = ToldTemplate


# What tests find in the database before they begin; each lies on the one before.
LAYERS: dict[str, Callable[[], object]] = {
    "official_units": load_official_units,
    "demo_content": lambda: call_command("load_demo", "--demo", stdout=io.StringIO()),
}


class Ground:
    """Data beneath the tests: laid once (2 s and 6 s), kept while the next test wants it, then rolled back."""

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        self._blocker = blocker
        self._laid: list[transaction.Atomic] = []

    @property
    def depth(self) -> int:
        return len(self._laid)

    def lay(self, depth: int) -> None:
        """Have the first `depth` layers, neither less nor more; nothing else may be open in the database."""
        with self._blocker.unblock():
            while len(self._laid) > depth:
                transaction.set_rollback(True)
                self._laid.pop().__exit__(None, None, None)
            for load in list(LAYERS.values())[len(self._laid) : depth]:
                layer = transaction.atomic()
                layer.__enter__()
                self._laid.append(layer)
                try:
                    load()
                except BaseException:
                    self.lay(len(self._laid) - 1)
                    raise


GROUND = pytest.StashKey[Ground]()


def depth(item: pytest.Item) -> int:
    """How many layers a test stands on."""
    wanted = getattr(item, "fixturenames", ())
    return max((at for at, name in enumerate(LAYERS, start=1) if name in wanted), default=0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let those that stand on the same ground follow one another; those that really commit still come last."""
    items.sort(key=depth, reverse=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if GROUND in item.config.stash:
        item.config.stash[GROUND].lay(depth(item))


@pytest.fixture(scope="session")
def layers(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Ground]:
    laid = request.config.stash[GROUND] = Ground(django_db_blocker)
    yield laid
    del request.config.stash[GROUND]
    laid.lay(0)


@pytest.fixture(scope="module")
def official_units(layers: Ground) -> None:
    """All official units.

    The tests still ask for `db` and undo what they write themselves; `transaction=True` does not go with it.
    """
    layers.lay(max(1, layers.depth))


@pytest.fixture(scope="module")
def demo_content(layers: Ground) -> None:
    """The five reports and the sample province, with all official units."""
    layers.lay(2)


@pytest.fixture(autouse=True)
def _emptied_log(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Empty the append-only tables after a test that really commits: on SQLite `flush` deletes, which they refuse."""
    commits = request.node.get_closest_marker("django_db")
    fixtures = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not fixtures and not (commits and commits.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    with django_db_blocker.unblock(), append_only_lifted(Change, Judgement):
        Judgement.objects.all().delete()
        Change.objects.all().delete()
