"""`pytest -p tests.postgres`: a PostgreSQL of its own for the run, started before Django reads its settings.

It lives in a temporary folder, listens on a free loopback port only, writes nothing to disk that must last,
and is stopped and removed with the run. Workers of pytest-xdist inherit its address.
"""

import os

from .clusters import start

if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["DATABASE_URL"] = start()
