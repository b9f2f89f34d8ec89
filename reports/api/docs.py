"""The API explained on a page of ours, from the description that machines read; no script of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from reports.public_address import public_address

from .entry import URLCONF


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    is_required: bool
    description: str
    shape: str


@dataclass(frozen=True)
class Operation:
    """An address that may be asked, with what may be said in it."""

    path: str
    summary: str
    parameters: tuple[Parameter, ...]


def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation with its parameters."""
    from .routes import api  # see entry.py

    described = api.get_openapi_schema()
    context = {
        "operations": list(_operations(described)),
        "description": _(described["info"]["description"]),
        "root": public_address(request, reverse("api:api-root", URLCONF)),
        "openapi": reverse("api:openapi-json", URLCONF),
        "crumbs": [(_("Dữ liệu mở"), reverse("reports:data")), (_("Giao diện lập trình (API)"), "")],
    }
    return render(request, "reports/api.html", context)


def _operations(described: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in described["paths"].items():
        told = methods["get"]
        yield Operation(
            path, _(told["summary"]), tuple(_parameter(one) for one in told.get("parameters", ()))
        )


def _parameter(told: dict[str, Any]) -> Parameter:
    shape = told["schema"]
    options = [one for one in shape.get("anyOf", [shape]) if one.get("type") != "null"]
    bounds = options[0] if options else {}
    words = [str(bounds.get("type", ""))]
    if "enum" in bounds:
        words.append(" | ".join(bounds["enum"]))
    if "minimum" in bounds:
        words.append(f"{bounds['minimum']}–{bounds.get('maximum', '')}")
    return Parameter(
        told["name"],
        told["in"],
        told.get("required", False),
        _(told["description"]) if told.get("description") else "",
        ", ".join(filter(None, words)),
    )
