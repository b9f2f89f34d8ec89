"""Open data: files as anybody takes them, validated by an independent reader of their description."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal as D

import frictionless
import pytest
from python_calamine import CalamineWorkbook

from reports.models import PublishedScore, Standing
from reports.open_data import files
from reports.open_data.fields import DATASETS, SCORES
from reports.open_data.files import decimal_text
from reports.open_data.rows import Shared, Window, count_of, parts_of, rows_of
from reports.summaries.organisers import public_years

from .test_pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_content")]
SAMPLE, HANOI = "/data/tinh-minh-hoa/2024/huyen/", "/data/ha-noi/2024/huyen/"


def body(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def table(client, address):
    return list(csv.DictReader(io.StringIO(body(client, address).decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "folder", [SAMPLE, HANOI, "/data/phu-yen/2023/huyen/", "/data/tinh-minh-hoa/2021/huyen/"]
)
def test_a_year_s_package_is_valid_with_its_real_files(client, tmp_path, folder):
    package = json.loads(body(client, f"{folder}datapackage.json"))
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    for resource in package["resources"]:
        (tmp_path / resource["path"]).write_bytes(body(client, folder + resource["path"]))
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])
    assert all(task.stats["rows"] for task in report.tasks)


def test_the_catalogue_of_all_years_is_a_package_of_its_own(client):
    told = json.loads(body(client, "/data/datapackage.json"))
    package = frictionless.Package.from_descriptor(told)
    assert "tinh-minh-hoa-2024-huyen" in package.resource_names
    for resource in told["resources"]:
        assert client.get(resource["path"].removeprefix("http://testserver")).status_code == 200


def test_results_are_the_published_standings_exactly(client):
    rows = table(client, f"{SAMPLE}results.csv")
    standings = Standing.objects.filter(scope__publication__assessment_year__year=2024)
    assert len(rows) == standings.count()
    own = {row["scope_key"]: row for row in rows if row["unit_code"] == "MH03"}
    assert (own["total"]["points"], own["total"]["rank"], own["total"]["rank_of"]) == ("90.49", "3", "12")
    assert own["total"]["is_sample"] == "true"


def test_scores_are_all_published_components(client):
    rows = table(client, f"{SAMPLE}scores.csv")
    assert len(rows) == PublishedScore.objects.filter(publication__assessment_year__year=2024).count()
    assert {row["state"] for row in rows} >= {"value", "not_applicable"}
    assert all((row["points"] == "") == (row["state"] != "value") for row in rows)


@pytest.mark.parametrize("shown", [2021, 2024])
def test_all_scores_at_once_are_those_of_every_page_in_the_same_order(shown):
    year = public_years().get(organiser__slug="tinh-minh-hoa", year=shown)
    count = count_of(SCORES.slug, year)
    paged = [
        row
        for start in range(0, count, 500)
        for row in rows_of(SCORES.slug, year, Window(start=start, stop=start + 500))
    ]
    assert list(rows_of(SCORES.slug, year)) == paged
    assert len({row["unit_name"] for row in paged}) > 1


def test_what_a_document_prints_keeps_its_words_and_its_source(client):
    rows = table(client, "/data/ha-noi/2023/huyen/results.csv")
    survey = next(row for row in rows if row["unit_code"] == "280" and row["scope_key"] == "survey")
    assert (survey["points"], survey["quality"]) == ("27.29", "derived")
    assert "Phú Xuyên" in survey["source"] and survey["rank"] == ""


def test_json_has_exact_figures_as_text_and_nothing_for_what_is_not_known(client):
    told = json.loads(body(client, f"{SAMPLE}results.json"))
    assert told["licence"] == "CC-BY-4.0" and told["is_sample"] is True and told["version"] == 1
    row = next(row for row in told["rows"] if row["unit_code"] == "MH03" and row["scope_key"] == "total")
    assert (row["points"], row["max_points"], row["unranked"]) == ("90.49", "100", None)
    assert set(row) == {field.name for field in DATASETS["results"].fields}


def test_the_workbook_holds_every_table_and_says_what_columns_mean(client):
    book = CalamineWorkbook.from_filelike(io.BytesIO(body(client, f"{SAMPLE}all.xlsx")))
    assert book.sheet_names == [
        "results",
        "scores",
        "dossiers",
        "satisfaction",
        "indicators",
        "Giải thích cột",
        "Giới thiệu",
    ]
    told = {str(row[0]): row[1] for row in book.get_sheet_by_name("Giới thiệu").to_python()[1:]}
    assert told["is_sample"] == "True" and told["licence"] == "CC-BY-4.0"


def test_dossiers_of_a_unit_are_those_of_its_page(client):
    rows = [row for row in table(client, f"{SAMPLE}dossiers.csv") if row["unit_code"] == "MH03"]
    summary = client.get("/tinh-minh-hoa/2024/units/MH03/").context["summary"].dossiers[0]
    months = [row for row in rows if row["scope"] == summary.scope and not row["field"]]
    assert sum(int(row["resolved"]) for row in months) == summary.counts["resolved"].value


@pytest.mark.parametrize(
    "address",
    [
        f"{HANOI}scores.csv",
        f"{SAMPLE}results.pdf",
        f"{SAMPLE}x.csv",
        "/data/ha-noi/1999/huyen/",
        "/data/khong-co/2024/huyen/results.csv",
    ],
)
def test_what_is_not_published_is_no_file(client, address):
    assert client.get(address).status_code == 404


def test_pages_name_the_licence_and_the_meaning_of_columns(client):
    assert "max_points" in text_of(client, "/data/") and "Ý nghĩa các cột" in text_of(client, "/data/")
    page = client.get(SAMPLE).content.decode()
    assert 'rel="license"' in page and "Dữ liệu mẫu" in page


def test_a_file_asks_a_constant_number_of_queries(client, django_assert_max_num_queries):
    for address in ("results.csv", "scores.csv", "dossiers.json", "all.xlsx"):
        with django_assert_max_num_queries(18):
            body(client, SAMPLE + address)


@pytest.mark.parametrize(
    ("value", "text"), [("92.4100", "92.41"), ("100.0000", "100"), ("0.0000", "0"), ("1E+2", "100")]
)
def test_decimals_are_written_as_they_are(value, text):
    assert decimal_text(D(value)) == text


def test_a_figure_that_is_less_exact_than_its_row_says_so(client):
    (row,) = [
        one for one in table(client, "/data/son-la/2021/huyen/dossiers.csv") if one["received"] == "351000"
    ]
    assert (row["quality"], row["qualified"]) == ("exact", "received=lower")
    rows = {one["scope_key"]: one for one in table(client, f"{HANOI}results.csv")}
    assert (rows["appraised"]["quality"], rows["appraised"]["points_change"]) == ("exact", "-1.06")
    assert rows["appraised"]["qualified"] == "points_change=derived"
    assert rows["total"]["qualified"] == ""


@pytest.mark.parametrize(
    "address",
    [
        "/data/datapackage.json",
        f"{SAMPLE}datapackage.json",
        f"{SAMPLE}results.csv",
        f"{SAMPLE}results.json",
        "/api/v1/openapi.json",
    ],
)
def test_descriptions_can_be_read_from_every_origin_as_the_files_can(client, address):
    assert client.get(address).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_file_has_each_row_as_the_api_has_it_field_by_field(dataset):
    for year in public_years():
        rows = [
            {name: "" if value is None else str(files.plain(value)) for name, value in row.items()}
            for row in rows_of(dataset, year)
        ]
        text = "".join(files.csv_parts(DATASETS[dataset], parts_of(dataset, year)))
        assert list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))) == rows


def test_texts_that_break_lines_or_are_formulas_stay_one_harmless_cell():
    unit = {"unit_code": "1", "unit_name": '=HYPERLINK("x")', "criterion_code": ""}
    fields = tuple(field for field in SCORES.fields if field.name in (*unit, "state", "points"))
    rows = [
        (Shared(unit), {"state": state, "points": points})
        for state, points in (("a\r\nb", D("1.50")), ('"', None))
    ]
    text = "".join(files.csv_parts(replace(SCORES, fields=fields), rows))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["\ufeffunit_code", "unit_name", "criterion_code", "state", "points"],
        ["1", '\'=HYPERLINK("x")', "", "a\r\nb", "1.5"],
        ["1", '\'=HYPERLINK("x")', "", '"', ""],
    ]
