"""Everything that shows figures; the year stands in the path."""

from django.contrib.sitemaps import views as sitemap_views
from django.urls import path, register_converter

from . import (
    data_views,
    desk_views,
    dossier_views,
    embed_views,
    insight_views,
    letter_views,
    map_views,
    methodology_views,
    share_views,
    views,
    what_if_views,
)
from .sitemaps import SITEMAPS


class YearConverter:
    regex = "[1-9][0-9]{3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(YearConverter, "yyyy")

app_name = "reports"
urlpatterns = [
    path("", views.home, name="home"),
    path("data/", data_views.index, name="data"),
    path("data/datapackage.json", data_views.catalogue, name="data_catalogue"),
    path("data/<slug:organiser>/<yyyy:year>/<slug:group>/", data_views.year, name="data_year"),
    path(
        "data/<slug:organiser>/<yyyy:year>/<slug:group>/datapackage.json",
        data_views.datapackage,
        name="data_package",
    ),
    path(
        "data/<slug:organiser>/<yyyy:year>/<slug:group>/all.xlsx", data_views.workbook, name="data_workbook"
    ),
    path(
        "data/<slug:organiser>/<yyyy:year>/<slug:group>/<slug:dataset>.<slug:kind>",
        data_views.file,
        name="data_file",
    ),
    path("changes/", share_views.changes, name="changes"),
    path("feed/", share_views.feed, name="feed"),
    path("robots.txt", share_views.robots, name="robots"),
    path(
        "sitemap.xml",
        sitemap_views.index,
        {"sitemaps": SITEMAPS, "sitemap_url_name": "reports:sitemap_section"},
        name="sitemap",
    ),
    path("sitemap-<slug:section>.xml", sitemap_views.sitemap, {"sitemaps": SITEMAPS}, name="sitemap_section"),
    path("card.png", share_views.site_card, name="site_card"),
    path("embed/<slug:organiser>/<yyyy:year>/units/<slug:code>/", embed_views.unit, name="embed_unit"),
    path("embed/<slug:organiser>/<yyyy:year>/<slug:group>/", embed_views.ranking, name="embed_ranking"),
    path("methodology/", methodology_views.methodology_index, name="methodology_index"),
    path("methodology/analyses/", methodology_views.methodology_analyses, name="methodology_analyses"),
    path("methodology/<slug:slug>/", methodology_views.methodology, name="methodology"),
    # Printed as a QR code and typed by hand: as short as can be.
    path("d/<slug:code>/", desk_views.desk, name="desk"),
    path("d/<slug:code>/thanks/", desk_views.desk_thanks, name="desk_thanks"),
    path("units/<slug:scheme>/<slug:code>/", views.unit, name="unit"),
    path("<slug:organiser>/", views.organiser, name="organiser"),
    path("<slug:organiser>/compare/", insight_views.compare, name="compare"),
    path("<slug:organiser>/restated/", insight_views.across, name="restated"),
    path("<slug:organiser>/<yyyy:year>/", views.year, name="year"),
    path("<slug:organiser>/<yyyy:year>/units/<slug:code>/", views.dashboard, name="dashboard"),
    path(
        "<slug:organiser>/<yyyy:year>/units/<slug:code>/dossiers/",
        dossier_views.unit_dossiers,
        name="unit_dossiers",
    ),
    path("<slug:organiser>/<yyyy:year>/units/<slug:code>/card.png", share_views.unit_card, name="unit_card"),
    path("<slug:organiser>/<yyyy:year>/units/<slug:code>/what-if/", what_if_views.what_if, name="what_if"),
    path("<slug:organiser>/<yyyy:year>/units/<slug:code>/change/", insight_views.change, name="change"),
    path(
        "<slug:organiser>/<yyyy:year>/units/<slug:code>/report.docx",
        letter_views.unit_report,
        name="unit_report",
    ),
    path("<slug:organiser>/<yyyy:year>/units/<slug:code>/report.pdf", letter_views.unit_pdf, name="unit_pdf"),
    path("<slug:organiser>/<yyyy:year>/units/<slug:code>/a4/", letter_views.unit_a4, name="unit_a4"),
    path(
        "<slug:organiser>/<yyyy:year>/<slug:group>/report.docx",
        letter_views.year_report,
        name="year_report",
    ),
    path("<slug:organiser>/<yyyy:year>/<slug:group>/map/", map_views.year_map, name="map"),
    path("<slug:organiser>/<yyyy:year>/<slug:group>/losses/", insight_views.losses, name="losses"),
    path("<slug:organiser>/<yyyy:year>/<slug:group>/certainty/", insight_views.certainty, name="certainty"),
    path("<slug:organiser>/<yyyy:year>/<slug:group>/card.png", share_views.year_card, name="year_card"),
    path("<slug:organiser>/<yyyy:year>/<slug:group>/", views.ranking, name="ranking"),
    path(
        "<slug:organiser>/<yyyy:year>/<slug:group>/versions/<int:number>/",
        views.version,
        name="version",
    ),
]
