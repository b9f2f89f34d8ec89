"""Addresses behind the login, under /office/: each part brings its own list."""

from django.urls import URLPattern, URLResolver

from . import appraisal, assignments, evidence, grid, home, log, results, uploads

app_name = "office"
urlpatterns: list[URLPattern | URLResolver] = [
    *assignments.urlpatterns,
    *appraisal.urlpatterns,
    *evidence.urlpatterns,
    *grid.urlpatterns,
    *home.urlpatterns,
    *log.urlpatterns,
    *results.urlpatterns,
    *uploads.urlpatterns,
]
