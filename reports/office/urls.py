"""Addresses behind the login, under /office/: each part brings its own list."""

from django.urls import URLPattern, URLResolver

from . import (
    appraisal,
    assignments,
    council,
    criteria,
    evidence,
    grid,
    home,
    log,
    publishing,
    results,
    uploads,
)

app_name = "office"
urlpatterns: list[URLPattern | URLResolver] = [
    *appraisal.urlpatterns,
    *assignments.urlpatterns,
    *council.urlpatterns,
    *criteria.urlpatterns,
    *evidence.urlpatterns,
    *grid.urlpatterns,
    *home.urlpatterns,
    *log.urlpatterns,
    *publishing.urlpatterns,
    *results.urlpatterns,
    *uploads.urlpatterns,
]
