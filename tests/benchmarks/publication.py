"""How long does a publication take, until every page of the year is finished? Prints seconds and pages as JSON.

`python -m tests.benchmarks.publication <organiser> <year>`, on the database of DATABASE_URL.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cchc.settings")
import django

django.setup()
from django.utils import timezone  # noqa: E402

from cchc.finishing import finish  # noqa: E402
from cchc.wsgi import application  # noqa: E402
from reports.models import AssessmentYear  # noqa: E402
from reports.public_pages import pages_of  # noqa: E402
from reports.workflow.publication import publish  # noqa: E402


def main(organiser: str, number: str) -> None:
    year = AssessmentYear.objects.get(organiser__slug=organiser, year=int(number))
    started = time.perf_counter()
    published = publish(year, published_at=timezone.now(), reason="Đo thời gian")
    finished = finish(application, published)
    seconds = time.perf_counter() - started
    if finished != len(pages_of(published)):
        sys.stderr.write(f"{finished} of {len(pages_of(published))} pages were there\n")
    sys.stdout.write(json.dumps({"seconds": seconds, "pages": finished}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
