"""The site map: districts answer for units, reports for everything that shows figures."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path

from reports.api.docs import docs
from reports.api.entry import api

from .health import healthz, readyz
from .metrics import metrics

handler500 = "cchc.unavailable.error_page"
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("office/admin/", admin.site.urls),
    path("office/", include("districts.account_urls")),
    path("office/", include("reports.office.urls")),
    *i18n_patterns(path("api/v1/docs/", docs, name="api-docs"), prefix_default_language=False),
    # Not the docs without their slash, which gets them there.
    re_path(r"^api/v1/(?!docs$)", api, name="api"),
    *i18n_patterns(
        path("", include("districts.urls")), path("", include("reports.urls")), prefix_default_language=False
    ),
]
