"""In which language is a page? The address says so: /en/… is English, all else Vietnamese; no cookie, no header."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

ENGLISH = "/en/"
NextStep = Callable[[HttpRequest], HttpResponse]


class Edition:
    """Middleware that speaks the language of the address, so that one address is one page for everybody."""

    def __init__(self, get_response: NextStep) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = "en" if request.path_info.startswith(ENGLISH) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
