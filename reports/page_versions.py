"""What do public pages read, and in which version is it?

Triggers note every change of what a public page may show: under the organiser's slug where one organiser's figures
change, else under UNITS or SITE. Rows in work are nobody else's business and are not noted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from districts.engine import Watch
from districts.prepared import Prepared
from reports.models import PageVersion

# No slug can be one of these.
UNITS = "*units"
SITE = "*site"
EVERYTHING = "*"
Versions = Mapping[str, str]
VERSIONS: Prepared[tuple[str, str]] = Prepared(
    lambda: PageVersion.objects.order_by("pk").values_list("scope", "token")
)


def current_versions() -> dict[str, str]:
    """Return scope → version; one query. A scope that never changed since the beginning is not in it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for scope, token in VERSIONS():
        found[scope].append(token)
    return {scope: ".".join(tokens) for scope, tokens in found.items()}


def versions_read(scopes: frozenset[str], versions: Versions) -> tuple[tuple[str, str], ...]:
    """Return what a page that reads these scopes depends on, in an order of its own."""
    if EVERYTHING in scopes:
        return tuple(sorted(versions.items()))
    return tuple((scope, versions.get(scope, "")) for scope in sorted(scopes))


def _rows_of_a_year(table: str, condition: str = "") -> Watch:
    joined = (
        "JOIN reports_assessmentyear y ON y.id = {row}.assessment_year_id "
        "JOIN districts_organiser o ON o.id = y.organiser_id"
    )
    return Watch(table, "o.slug", joined, condition)


def _rows_of_an_organiser(table: str) -> Watch:
    return Watch(table, "o.slug", "JOIN districts_organiser o ON o.id = {row}.organiser_id")


def _figures(table: str) -> Watch:
    """Figures that an outside source printed are public at once; others when a release copies them."""
    source = "JOIN reports_source s ON s.id = {row}.source_id"
    return Watch(table, f"'{SITE}'", source, "{row}.release_id IS NULL AND s.reported_by_id IS NULL")


def _parts_of_figures(table: str, owner: str, key: str) -> Watch:
    joined = f"JOIN {owner} p ON p.id = {{row}}.{key} JOIN reports_source s ON s.id = p.source_id"
    return Watch(table, f"'{SITE}'", joined, "p.release_id IS NULL AND s.reported_by_id IS NULL")


WATCHED = (
    _rows_of_a_year("reports_publication"),
    _rows_of_a_year("reports_officialresult"),
    # A roster becomes public with the year; before, entry moves it all the time.
    _rows_of_a_year("reports_scoresheet", "y.current_publication_id IS NOT NULL"),
    # How sure ranks are is told of the answers as they were counted.
    _rows_of_a_year("reports_surveyround", "y.current_publication_id IS NOT NULL"),
    Watch(
        "reports_surveyanswercount",
        "o.slug",
        "JOIN reports_surveyround r ON r.id = {row}.round_id "
        "JOIN reports_assessmentyear y ON y.id = r.assessment_year_id "
        "JOIN districts_organiser o ON o.id = y.organiser_id",
        "y.current_publication_id IS NOT NULL",
    ),
    _rows_of_an_organiser("reports_assessmentyear"),
    _rows_of_an_organiser("reports_release"),
    *(
        _figures(f"reports_{name}")
        for name in ("dossiercount", "satisfaction", "observation", "initiative", "activity", "index766")
    ),
    _parts_of_figures("reports_satisfactionfactor", "reports_satisfaction", "satisfaction_id"),
    _parts_of_figures("reports_index766part", "reports_index766", "index_id"),
    *(
        Watch(table, f"'{UNITS}'")
        for table in (
            "districts_scheme",
            "districts_unit",
            "districts_unitversion",
            "districts_succession",
            "districts_organiserunit",
            "reports_boundary",
        )
    ),
    *(
        Watch(table, f"'{SITE}'")
        for table in ("districts_organiser", "reports_group", "reports_indicator", "reports_dossierfield")
    ),
    # What nothing points to is on no page yet.
    Watch("reports_source", f"'{SITE}'", verbs=("UPDATE", "DELETE")),
    # A draft is public from the first publication on, which is noted itself.
    Watch(
        "reports_criteriaset",
        f"'{SITE}'",
        condition="NOT {row}.is_draft OR "
        "EXISTS (SELECT 1 FROM reports_publication p WHERE p.criteria_set_id = {row}.id)",
    ),
    Watch(
        "reports_criterion",
        f"'{SITE}'",
        "JOIN reports_criteriaset c ON c.id = {row}.criteria_set_id",
        "NOT c.is_draft OR EXISTS (SELECT 1 FROM reports_publication p WHERE p.criteria_set_id = c.id)",
    ),
)
# They are written with their publication and cannot be changed.
COME_WITH_A_PUBLICATION = frozenset({"reports_publishedscope", "reports_standing", "reports_publishedscore"})
