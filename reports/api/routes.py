"""What may be asked, and how it is answered: open data's rows page by page, units, criteria."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI, Path, Query
from ninja.decorators import decorate_view
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema

from districts.models import Organiser, Succession, Unit
from reports.models import AssessmentYear, CriteriaSet
from reports.open_data import files
from reports.open_data.fields import DATASETS
from reports.open_data.rows import Window, count_of, rows_of
from reports.public_address import public_address
from reports.readers import FIRST_YEAR, LAST_YEAR
from reports.summaries.organisers import public_year, public_years

from .entry import URLCONF
from .guard import PROBLEM_TYPE, guarded, problem
from .schemas import (
    ROWS,
    CriteriaSetDetail,
    CriteriaSetOut,
    OrganiserOut,
    Page,
    Problem,
    UnitDetail,
    UnitOut,
    YearOut,
)

MOST_ROWS, USUAL_ROWS, MOST_OFFSET = 500, 100, 1_000_000
SLUG = r"^[-a-zA-Z0-9_]+$"

Slug = Annotated[str, Path(pattern=SLUG, max_length=60)]
Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR)]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description=_("Số dòng của một trang"))]
Offset = Annotated[int, Query(ge=0, le=MOST_OFFSET, description=_("Bỏ qua bấy nhiêu dòng đầu"))]
UnitCode = Annotated[str | None, Query(pattern=SLUG, max_length=20, description=_("Mã đơn vị"))]


class Api(NinjaAPI):
    """An API that describes its errors with the media type it sends them with, and has addresses of its own."""

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        return reverse(f"{self.urls_namespace}:api-root", URLCONF)

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        described = super().get_openapi_schema(**kwargs)
        for operations in described["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400:
                        answer["content"] = {PROBLEM_TYPE: answer["content"]["application/json"]}
        return described


api = Api(
    title="CCHC",
    version="1",
    description=_(
        "Số liệu cải cách hành chính đã công bố, chỉ đọc. Số thập phân là chuỗi chính xác; null là chưa có."
    ),
    docs_url=None,
    docs_decorator=guarded,
    urls_namespace="api",
)
ERRORS: dict[int, Any] = {404: Problem, 422: Problem, 429: Problem}


def _answer(shape: Any) -> dict[int, Any]:
    return {200: shape, **ERRORS}


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {"where": ".".join(str(part) for part in one["loc"]), "what": str(one["msg"])} for one in error.errors
    ]
    return problem(422, "Tham số không hợp lệ (invalid parameters)", errors=errors)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "Không có số liệu này (not found)")


@api.get("/organisers", response=_answer(list[OrganiserOut]), summary=_("Cơ quan tổ chức đánh giá"))
@decorate_view(guarded)
def organisers(request: HttpRequest) -> Any:
    return Organiser.objects.filter(years__in=public_years()).distinct().order_by("slug")


@api.get("/years", response=_answer(list[YearOut]), summary=_("Các năm đã công bố"))
@decorate_view(guarded)
def years(
    request: HttpRequest,
    organiser: Annotated[str | None, Query(pattern=SLUG, max_length=60)] = None,
    year: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)] = None,
) -> Any:
    found = public_years()
    if organiser:
        found = found.filter(organiser__slug=organiser)
    if year:
        found = found.filter(year=year)
    return [files.about(one) for one in found]


@api.get("/years/{organiser}/{year}/{group}", response=_answer(YearOut), summary=_("Một năm đã công bố"))
@decorate_view(guarded)
def year(request: HttpRequest, organiser: Slug, year: Year, group: Slug) -> Any:
    return files.about(public_year(organiser, year, group))


def _serve(slug: str) -> None:
    """Serve a dataset's rows of a year, page by page."""

    def rows(
        request: HttpRequest,
        organiser: Slug,
        year: Year,
        group: Slug,
        unit: UnitCode = None,
        limit: Limit = USUAL_ROWS,
        offset: Offset = 0,
    ) -> Any:
        window = Window(unit or "", "", offset, offset + limit)
        return _page(request, slug, public_year(organiser, year, group), window)

    _register(slug, rows)


def _results(
    request: HttpRequest,
    organiser: Slug,
    year: Year,
    group: Slug,
    unit: UnitCode = None,
    scope_kind: Literal["total", "part", "area"] | None = None,
    limit: Limit = USUAL_ROWS,
    offset: Offset = 0,
) -> Any:
    window = Window(unit or "", scope_kind or "", offset, offset + limit)
    return _page(request, "results", public_year(organiser, year, group), window)


def _register(slug: str, view: Callable[..., Any]) -> None:
    shape: Any = Page
    served = api.get(
        f"/{slug}/{{organiser}}/{{year}}/{{group}}",
        response=_answer(shape[ROWS[slug]]),
        summary=str(DATASETS[slug].title),
        operation_id=slug,
        url_name=slug,
    )
    served(decorate_view(guarded)(view))


_register("results", _results)
for _slug in ("scores", "dossiers", "satisfaction", "indicators"):
    _serve(_slug)


@api.get("/units", response=_answer(Page[UnitOut]), summary=_("Đơn vị hành chính"))
@decorate_view(guarded)
def units(
    request: HttpRequest,
    scheme: Annotated[str | None, Query(pattern=SLUG, max_length=40)] = None,
    level: Annotated[int | None, Query(ge=0, le=9)] = None,
    parent: Annotated[
        str | None, Query(pattern=SLUG, max_length=20, description=_("Mã đơn vị cấp trên"))
    ] = None,
    limit: Limit = USUAL_ROWS,
    offset: Offset = 0,
) -> Any:
    asked = {"scheme": scheme, "level": level, "parent__code": parent}
    found = Unit.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    rows = found.select_related("parent").order_by("scheme", "code")
    shown = [_unit(one) for one in rows[offset : offset + limit]]
    return _paged(request, rows.count(), shown, limit, offset)


@api.get(
    "/units/{scheme}/{code}",
    response=_answer(UnitDetail),
    summary=_("Một đơn vị và các đơn vị trước, sau nó"),
)
@decorate_view(guarded)
def unit(request: HttpRequest, scheme: Slug, code: Slug) -> Any:
    found = get_object_or_404(Unit.objects.select_related("parent"), scheme=scheme, code=code)
    before = found.preceded_by.select_related("predecessor").order_by("predecessor__code", "pk")
    after = found.succeeded_by.select_related("successor").order_by("successor__code", "pk")
    return _unit(found) | {
        "predecessors": [_edge(one, one.predecessor) for one in before],
        "successors": [_edge(one, one.successor) for one in after if one.successor],
    }


@api.get("/criteria", response=_answer(list[CriteriaSetOut]), summary=_("Các bộ tiêu chí"))
@decorate_view(guarded)
def criteria_sets(request: HttpRequest) -> Any:
    return CriteriaSet.objects.public().order_by("slug")


@api.get("/criteria/{slug}", response=_answer(CriteriaSetDetail), summary=_("Một bộ tiêu chí"))
@decorate_view(guarded)
def criteria_set(request: HttpRequest, slug: Slug) -> Any:
    found = get_object_or_404(CriteriaSet.objects.public(), slug=slug)
    nodes = list(found.criteria.order_by("order"))
    codes = {node.pk: node.code for node in nodes}
    return {
        "slug": found.slug,
        "name": found.name,
        "status": found.status,
        "criteria": [
            {
                "code": node.code,
                "parent": codes.get(node.parent_id or 0),
                "title": node.title,
                "depth": node.depth,
                "is_leaf": node.is_leaf,
                "max_points": None if node.max_points is None else files.decimal_text(node.max_points),
                "origin": node.origin or None,
                "legal_basis": node.legal_basis or None,
            }
            for node in nodes
        ],
    }


def _page(request: HttpRequest, dataset: str, year: AssessmentYear, window: Window) -> dict[str, Any]:
    """Return a part of a dataset's rows; the number of queries does not depend on how many there are."""
    required = {field.name for field in DATASETS[dataset].fields if field.is_required}
    rows = []
    for row in rows_of(dataset, year, window):
        told = files.exact(row)
        rows.append(told | {name: "" for name in required if told[name] is None})
    assert window.stop is not None
    return _paged(request, count_of(dataset, year, window), rows, window.stop - window.start, window.start)


def _paged(request: HttpRequest, count: int, rows: Sequence[Any], limit: int, offset: int) -> dict[str, Any]:
    following = None
    if offset + limit < count and offset + limit <= MOST_OFFSET:
        asked = request.GET.dict() | {"limit": str(limit), "offset": str(offset + limit)}
        following = f"{public_address(request, request.path)}?{urlencode(asked)}"
    return {"count": count, "next": following, "rows": rows}


def _unit(one: Unit) -> dict[str, Any]:
    return {
        "scheme": one.scheme_id,
        "code": one.code,
        "name": one.name,
        "type": one.type,
        "level": one.level,
        "parent": one.parent.code if one.parent else None,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
    }


def _edge(edge: Succession, one: Unit) -> dict[str, Any]:
    return {
        "scheme": one.scheme_id,
        "code": one.code,
        "name": one.full_name,
        "kind": edge.kind,
        "effective_on": edge.effective_on,
        "is_main": edge.is_main_part,
    }
