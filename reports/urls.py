"""Everything that shows figures; the year stands in the path."""

from django.urls import path, register_converter

from . import desk_views, dossier_views, methodology_views, views


class YearConverter:
    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(YearConverter, "yyyy")

app_name = "reports"
urlpatterns = [
    path("", views.home, name="home"),
    path("methodology/", methodology_views.methodology_index, name="methodology_index"),
    path("methodology/<slug:slug>/", methodology_views.methodology, name="methodology"),
    # Printed as a QR code and typed by hand: as short as can be.
    path("d/<slug:code>/", desk_views.desk, name="desk"),
    path("d/<slug:code>/thanks/", desk_views.desk_thanks, name="desk_thanks"),
    path("units/<slug:scheme>/<slug:code>/", views.unit, name="unit"),
    path("<slug:organiser>/", views.organiser, name="organiser"),
    path("<slug:organiser>/<yyyy:year>/", views.year, name="year"),
    path("<slug:organiser>/<yyyy:year>/units/<slug:code>/", views.dashboard, name="dashboard"),
    path(
        "<slug:organiser>/<yyyy:year>/units/<slug:code>/dossiers/",
        dossier_views.unit_dossiers,
        name="unit_dossiers",
    ),
    path("<slug:organiser>/<yyyy:year>/<slug:group>/", views.ranking, name="ranking"),
    path(
        "<slug:organiser>/<yyyy:year>/<slug:group>/versions/<int:number>/",
        views.version,
        name="version",
    ),
]
