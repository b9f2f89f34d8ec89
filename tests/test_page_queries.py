"""How often a page asks the database when nothing of it is kept: never more often because there is more to show."""

from __future__ import annotations

import pytest

from .e2e.pages import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_content")]
MOST = 8
# A unit's page asks each further kind of figures that it has; a corrected ranking asks what was there before.
MOST_OF_UNIT, MOST_OF_CORRECTED = 12, 11


def limit(name: str, path: str) -> int:
    if name.startswith("corrected"):
        return MOST_OF_CORRECTED
    return MOST_OF_UNIT if "/units/" in path else MOST


@pytest.mark.parametrize(("name", "path"), PAGES.items(), ids=list(PAGES))
def test_a_page_asks_at_most_so_often(client, django_assert_max_num_queries, name, path):
    client.get(path)
    with django_assert_max_num_queries(limit(name, path)):
        assert client.get(path).status_code == 200
