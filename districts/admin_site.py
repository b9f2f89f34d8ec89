"""Django's admin under /office/admin/, behind the office's own log-in."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from . import access


class OfficeAdminSite(AdminSite):
    site_header = site_title = _("Quản trị CCHC")
    index_title = _("Người dùng, đơn vị, bộ tiêu chí")
    site_url = "/office/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Superusers and whoever administers an organiser."""
        return access.is_administrator(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Only those get here who are logged in and may not: /office/ has asked for the log-in before."""
        raise PermissionDenied(_("Phần quản trị dành cho người có vai trò quản trị."))
