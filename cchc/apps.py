from django.contrib.admin.apps import AdminConfig


class OfficeAdminConfig(AdminConfig):
    """Django's admin, for superusers and for the administrators of an organiser."""

    default_site = "districts.admin_site.OfficeAdminSite"
