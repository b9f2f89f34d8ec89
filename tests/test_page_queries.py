"""How often a page asks the database when nothing of it is kept: never more often because there is more to show."""

from __future__ import annotations

import pytest

from .e2e.pages import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_content")]
MOST = 8


@pytest.mark.parametrize("path", PAGES.values(), ids=list(PAGES))
def test_a_page_asks_at_most_so_often(client, django_assert_max_num_queries, path):
    client.get(path)
    with django_assert_max_num_queries(MOST):
        assert client.get(path).status_code == 200
