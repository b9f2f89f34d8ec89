"""Public pages: each fetches, checks, calls one summary, renders."""

from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def methodology_index(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def methodology(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse()


def unit(request: HttpRequest, scheme: str, code: str) -> HttpResponse:
    return HttpResponse()


def organiser(request: HttpRequest, organiser: str) -> HttpResponse:
    return HttpResponse()


def year(request: HttpRequest, organiser: str, year: int) -> HttpResponse:
    return HttpResponse()


def ranking(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    return HttpResponse()


def dashboard(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    return HttpResponse()
