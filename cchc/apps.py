from django.contrib.admin.apps import AdminConfig
from django.core.checks import register


class OfficeAdminConfig(AdminConfig):
    """Django's admin, for superusers and for the administrators of an organiser."""

    default_site = "districts.admin_site.OfficeAdminSite"

    def ready(self) -> None:
        super().ready()
        # Not in an app of its own: only here may a line know of every other.
        from reports.letters.template_check import letter_templates

        register(letter_templates)
