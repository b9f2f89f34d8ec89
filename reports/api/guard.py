"""What every answer of the API keeps to: how often one may ask, who may read it, what need not be sent again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import conditional_page

from districts.floods import MINUTE
from districts.visitors import client_address
from reports.floods import asks_too_often

View = Callable[..., HttpResponse]
MAX_AGE = 60
PROBLEM_TYPE = "application/problem+json"


def guarded(view: View) -> View:
    """Answer at most so often a minute, with an ETag, readable from every origin."""
    answered = conditional_page(view)

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if asks_too_often(client_address(request)):
            answer: HttpResponse = too_many()
        else:
            answer = answered(request, *args, **kwargs)
            if answer.status_code in (200, 304):
                answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer

    return wrapper


def problem(status: int, title: str, detail: str = "", **more: Any) -> JsonResponse:
    """Return an error as RFC 9457 describes it, in Vietnamese."""
    told: dict[str, Any] = {"type": "about:blank", "status": status, "title": title} | more
    if detail:
        told["detail"] = detail
    return JsonResponse(
        told, status=status, content_type=PROBLEM_TYPE, json_dumps_params={"ensure_ascii": False}
    )


def too_many() -> JsonResponse:
    answer = problem(429, "Hỏi quá nhiều lần (too many requests)", "Hãy hỏi lại sau một phút.")
    answer.headers["Retry-After"] = str(int(MINUTE.total_seconds()))
    return answer
