"""How long does a publication take, until every page of the year is finished? Prints seconds and pages as JSON.

`python -m tests.benchmarks.publication <organiser> <year>`, on the database of DATABASE_URL. Two processes, as deploy/
has, finish the pages together; like those of a server they have been there before.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cchc.settings")
import django

django.setup()
from django.utils import timezone  # noqa: E402

from cchc.finishing import finish  # noqa: E402
from cchc.wsgi import application  # noqa: E402
from reports.models import AssessmentYear, Publication  # noqa: E402
from reports.public_pages import pages_of  # noqa: E402
from reports.workflow.publication import publish  # noqa: E402

PROCESSES = 2


def finish_there(number: int) -> int:
    return finish(application, Publication.objects.get(pk=number), application.release)


def main(organiser: str, number: str) -> None:
    # They must not share a connection to the database: there is none yet.
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        year = AssessmentYear.objects.get(organiser__slug=organiser, year=int(number))
        started = time.perf_counter()
        published = publish(year, published_at=timezone.now(), reason="Đo thời gian")
        finished = sum(pool.map(finish_there, [published.pk] * PROCESSES, chunksize=1))
        seconds = time.perf_counter() - started
    if finished != len(pages_of(published)):
        sys.stderr.write(f"{finished} of {len(pages_of(published))} pages were there\n")
    sys.stdout.write(json.dumps({"seconds": seconds, "pages": finished}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
