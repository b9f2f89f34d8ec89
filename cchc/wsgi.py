"""The WSGI entry that granian serves."""

import os
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cchc.settings")


def served() -> Any:
    """Django, behind finished pages where they are kept."""
    django = get_wsgi_application()
    # Neither can be imported before Django is set up.
    from django.conf import settings

    from cchc.stored_pages import StoredPages

    return StoredPages(django) if settings.STORED_PAGES else django


application = served()
