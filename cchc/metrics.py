"""What Prometheus reads at /metrics: how many answers, how long they took, what failed.

Where several worker processes share a port, PROMETHEUS_MULTIPROC_DIR names a folder, emptied before each start, in
which each keeps its counts; whichever is asked adds them up.
"""

from __future__ import annotations

import hmac
import os

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ANSWERS = Counter("cchc_answers_total", "Answers by method, route and status", ["method", "route", "status"])
SECONDS = Histogram("cchc_answer_seconds", "Seconds until the answer was there", ["route"], buckets=BUCKETS)
DATABASE_ERRORS = Counter("cchc_database_errors_total", "Errors of the database by kind", ["kind"])
BEARER = "Bearer "


def answered(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer; routes and methods must be from a closed list."""
    ANSWERS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def answered_from_memory(method: str, route: str, status: int, count: int) -> None:
    """Count answers that took no time worth telling: microseconds."""
    ANSWERS.labels(method, route, str(status)).inc(count)


def database_failed(error: Exception) -> None:
    """Count an error of the database that a request ended with."""
    DATABASE_ERRORS.labels(type(error).__name__).inc()


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Show all of it to who has CCHC_METRICS_TOKEN; without such a setting there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    # As bytes: compare_digest refuses text beyond ASCII.
    wanted = (BEARER + settings.METRICS_TOKEN).encode()
    if not hmac.compare_digest(given.encode(errors="replace"), wanted):
        return HttpResponse(
            "401\n", status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"}
        )
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry
