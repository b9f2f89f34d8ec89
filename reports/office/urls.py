"""Addresses behind the login, under /office/: each part brings its own list."""

from django.urls import URLPattern, URLResolver

from . import (
    appraisal,
    assignments,
    council,
    criteria,
    desks,
    dossiers,
    evidence,
    grid,
    home,
    log,
    plans,
    publishing,
    releases,
    remedies,
    results,
    satisfaction,
    survey_answers,
    units,
    uploads,
)

app_name = "office"
urlpatterns: list[URLPattern | URLResolver] = [
    *appraisal.urlpatterns,
    *assignments.urlpatterns,
    *council.urlpatterns,
    *criteria.urlpatterns,
    *desks.urlpatterns,
    *dossiers.urlpatterns,
    *evidence.urlpatterns,
    *grid.urlpatterns,
    *home.urlpatterns,
    *log.urlpatterns,
    *plans.urlpatterns,
    *publishing.urlpatterns,
    *remedies.urlpatterns,
    *releases.urlpatterns,
    *results.urlpatterns,
    *satisfaction.urlpatterns,
    *survey_answers.urlpatterns,
    *units.urlpatterns,
    *uploads.urlpatterns,
]
