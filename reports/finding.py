"""Which criteria, years and pages does a query mean, and which units have results? Offered to the search for units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from districts.finding import Hit
from districts.models import Organiser
from districts.names import is_too_short, text_key, text_matcher
from reports.models import AssessmentYear, CriteriaSet, Criterion
from reports.summaries.organisers import public_years
from reports.summaries.unit_results import newest_years

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Page:
    """A page that every installation has; `words` are what else people call it, between commas."""

    name: str
    title: StrPromise
    words: StrPromise


PAGES = (
    Page(
        "reports:methodology_index",
        _("Bộ tiêu chí và cách tính"),
        _("phương pháp, cách tính điểm, cách xếp hạng, quy tắc, par index"),
    ),
    Page(
        "reports:methodology_analyses",
        _("Cách phân tích"),
        _("phân tích, giả định, vì sao điểm thay đổi, điểm bị mất, đơn vị tương tự"),
    ),
    Page(
        "reports:data",
        _("Dữ liệu mở"),
        _("tải dữ liệu, tải về, giấy phép, csv, excel, xlsx, json, open data"),
    ),
    Page("api-docs", _("Giao diện lập trình (API)"), _("api, openapi, lập trình viên, tự động")),
    Page(
        "reports:changes",
        _("Công bố và thay đổi"),
        _("đính chính, cập nhật, tin mới, lịch sử, rss, atom, feed"),
    ),
)
Found = tuple[Hit, tuple[str, ...]]


def find(query: str, limit: int) -> list[Hit]:
    """Return the pages that answer a query, the likeliest first; alike: pages, years, criteria. Three queries."""
    if is_too_short(query):
        return []
    quality = text_matcher(query)
    found = [
        (match, place, hit)
        for place, (hit, texts) in enumerate(_everything())
        if (match := quality(_key(texts))) is not None
    ]
    return [hit for _match, _place, hit in sorted(found, key=lambda f: f[:2])[:limit]]


def marks(units: frozenset[int]) -> dict[int, str]:
    """Return of those units that have results the newest year of one, in words. One query."""
    return {
        unit: gettext("có kết quả đến năm %(year)s") % {"year": year}
        for unit, year in newest_years(units).items()
    }


def _everything() -> Iterator[Found]:
    years = list(public_years())
    yield from _pages()
    yield from _organisers({year.organiser: None for year in years})
    yield from _years(years)
    yield from _criteria()


# Titles change rarely and are folded at every key that is pressed.
@lru_cache(maxsize=4096)
def _key(texts: tuple[str, ...]) -> str:
    return text_key(texts)


def _pages() -> Iterator[Found]:
    for page in PAGES:
        title, words = str(page.title), str(page.words)
        yield Hit(title, reverse(page.name), gettext("Trang")), (title, *words.split(","))


def _organisers(organisers: Iterable[Organiser]) -> Iterator[Found]:
    for organiser in organisers:
        address, sample = organiser.get_absolute_url(), organiser.is_sample
        title = gettext("Các năm xếp hạng của %(name)s") % {"name": organiser.name}
        yield Hit(title, address, gettext("Cơ quan"), is_sample=sample), (title, organiser.name)
        title = gettext("So sánh đơn vị, %(name)s") % {"name": organiser.name}
        address = reverse("reports:compare", args=[organiser.slug])
        yield Hit(title, address, gettext("Trang"), is_sample=sample), (title, gettext("so sánh"))


def _years(years: Iterable[AssessmentYear]) -> Iterator[Found]:
    for year in years:
        name, sample = year.organiser.name, year.organiser.is_sample
        title = gettext("Xếp hạng Chỉ số CCHC %(year)s, %(name)s") % {"year": year.year, "name": name}
        hit = Hit(title, year.get_absolute_url(), gettext("Xếp hạng"), year.group.label, sample)
        yield hit, (title, f"{name} {year.year} {year.group.label}")


def _criteria() -> Iterator[Found]:
    """Yield sets and their criteria, the newest set first; what a set took over word by word is told once."""
    sets = sorted(
        CriteriaSet.objects.public().prefetch_related("criteria"),
        key=lambda s: (s.is_sample, s.valid_from is None, -(s.valid_from.toordinal() if s.valid_from else 0)),
    )
    for one in sets:
        yield (
            Hit(one.name, one.get_absolute_url(), gettext("Bộ tiêu chí"), is_sample=one.is_sample),
            (one.name,),
        )
    told: set[str] = set()
    for one in sets:
        for criterion in one.criteria.all():
            if str(criterion) not in told:
                told.add(str(criterion))
                yield _criterion(one, criterion)


def _criterion(one: CriteriaSet, criterion: Criterion) -> Found:
    address = f"{one.get_absolute_url()}#c-{criterion.code}"
    kind = gettext("Tiêu chí") if criterion.parent_id else gettext("Lĩnh vực")
    return Hit(str(criterion), address, kind, one.name, one.is_sample), (str(criterion), criterion.title)
