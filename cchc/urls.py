"""The site map: districts answer for units, reports for everything that shows figures."""

from django.urls import include, path

urlpatterns = [
    path("", include("districts.urls")),
    path("", include("reports.urls")),
]
