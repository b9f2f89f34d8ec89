"""The site map: districts answer for units, reports for everything that shows figures."""

from django.contrib import admin
from django.urls import include, path

from reports.api.docs import docs
from reports.api.routes import api

from .health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("office/admin/", admin.site.urls),
    path("office/", include("districts.account_urls")),
    path("office/", include("reports.office.urls")),
    path("api/v1/docs/", docs, name="api-docs"),
    path("api/v1/", api.urls),
    path("", include("districts.urls")),
    path("", include("reports.urls")),
]
