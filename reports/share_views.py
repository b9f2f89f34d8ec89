"""What carries the site elsewhere: the list of changes, its feed, the pictures of shared links, robots.txt."""

from __future__ import annotations

import re

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reports import cards, spreadsheets
from reports.public_address import public_address
from reports.published import a_page, an_export, published
from reports.summaries.news import NewsItem, news, news_count, news_page
from reports.summaries.organisers import public_year
from reports.summaries.places import find_place
from reports.summaries.ranking import ranking
from reports.summaries.unit_results import results_of_unit

ROWS_PER_PAGE = 50
ITEMS_IN_FEED = 60
# Characters that XML cannot hold; Word's line break (U+000B) comes with what is pasted from it.
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@published(page=a_page, export=an_export)
def changes(request: HttpRequest) -> HttpResponse:
    """Show what became public and what was corrected, newest first."""
    if request.GET.get("export") in ("csv", "xlsx"):
        sheet = spreadsheets.news_sheet(news())
        if request.GET["export"] == "csv":
            return spreadsheets.csv_response(sheet, "cchc-thay-doi")
        return spreadsheets.xlsx_response([sheet], "cchc-thay-doi")
    page = Paginator(range(news_count()), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "items": news_page(page.number, ROWS_PER_PAGE),
        "crumbs": [(_("Công bố và thay đổi"), "")],
    }
    return render(request, "reports/changes.html", context)


@published()
def feed(request: HttpRequest) -> HttpResponse:
    """Return the newest changes as Atom; what has no date is not news, and a sample says so in its title."""
    title = _("Chỉ số cải cách hành chính: công bố và đính chính")
    address = public_address(request, reverse("reports:feed"))
    atom = Atom1Feed(
        title,
        public_address(request, reverse("reports:changes")),
        _("Mỗi lần kết quả được công bố, đính chính hay số liệu được công khai."),
        language=get_language(),
        author_name=_("Chỉ số cải cách hành chính"),
        feed_url=address,
        feed_guid=address,
    )
    for item in news(ITEMS_IN_FEED):
        if item.at:
            atom.add_item(
                title=_in_xml(
                    _("Dữ liệu mẫu: %(title)s") % {"title": item.title} if item.is_sample else item.title
                ),
                link=public_address(request, item.url),
                description=_in_xml(_described(item)),
                pubdate=item.at,
                updateddate=item.at,
                unique_id=f"{address}#{item.key}",
            )
    return HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _described(item: NewsItem) -> str:
    said = (str(item.kind.label), item.decision, item.source, item.reason)
    return "\n".join(line for line in said if line)


def _in_xml(text: str) -> str:
    return NOT_IN_XML.sub(" ", text)


@published()
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines where the map is, and that the office and drafts of thought are not for them."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in ("/office/", "/d/", "/*?export=", "/*what-if/", "/*/report.")),
        f"Sitemap: {public_address(request, reverse('reports:sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@published()
def site_card(request: HttpRequest) -> HttpResponse:
    return _picture(cards.site_card())


@published(of="organiser")
def year_card(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    found = public_year(organiser, year, group)
    return _picture(cards.year_card(ranking(found)))


@published()
def unit_card(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    """Draw a unit's result of a year; 404 where there is none to show."""
    place = find_place(organiser, year, code)
    results = results_of_unit(place[1], place[0]) if place else []
    result = next((r for r in results if r.year.year == year), None)
    if result is None:
        raise Http404(_("Không có số liệu của đơn vị này trong năm đã chọn."))
    return _picture(cards.unit_card(result))


def _picture(card: cards.Card) -> HttpResponse:
    return HttpResponse(
        cards.png(card), content_type="image/png", headers={"Cache-Control": "public, max-age=300"}
    )
