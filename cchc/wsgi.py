"""The WSGI entry that granian serves."""

import gc
import os
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cchc.settings")


def served() -> Any:
    """Django, behind finished pages where they are kept."""
    django = get_wsgi_application()
    # None of these can be imported before Django is set up.
    from django.conf import settings
    from django.urls import get_resolver

    from cchc.jinja import compile_public
    from cchc.stored_pages import StoredPages

    _ = get_resolver().url_patterns
    compile_public()
    # All that is loaded by now stays: collecting garbage need not look through it, 60 ms each time.
    gc.collect()
    gc.freeze()
    return StoredPages(django) if settings.STORED_PAGES else django


application = served()
