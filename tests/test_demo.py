"""The table of the five reports: every number accounted for, the rows as printed, and gone without a trace."""

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from districts.models import Level, Organiser, Unit
from reports import demo
from reports.criteria import load_files
from reports.criteria_files import PACKAGED
from reports.demo_inventory import NUMBER, digest, inventory, normalised, read_inventory, report_of
from reports.demo_rows import MODELS, SourceTaken, load_report, load_shared, remove_reports
from reports.indicators import load_indicators
from reports.management.commands.load_demo import may_load
from reports.models import (
    AssessmentYear,
    CriteriaSet,
    DossierCount,
    Indicator,
    Observation,
    OfficialResult,
    PageVersion,
    Quality,
    Satisfaction,
    Source,
)
from tests.factories import make_scheme, make_sheet, make_source, make_unit

REPORTS = {report.name: report for report in demo.reports()}
# The numbers of each text in order, as SHA-256: an inventory cannot lose one unnoticed.
DIGESTS = {
    "0-phu-xuyen": "faf6edd56eeb502008d2f04f85f895242b4d8c9a792c45ac3366e4568c2b1604",
    "1-xuan-truong": "04f0f6a97cd98ea6836bd130812ee404a3f091b0d23a8baddead6d66fcf4c191",
    "2-thach-that": "4a8c645951ad2229463590930fa1406a299833c35c94a7901c11258ec4e99749",
    "3-tay-hoa": "dc92e198d6da2dae1033dda86396bc7f9f754b9ca7c901daf6d1851bda75a49d",
    "4-phu-yen": "90ee2b63d5f79c7745ba1945b695bfd01da1fd41bf3e1f7d78dba3b31e32399b",
}
# The texts are not ours to ship; where they lie beside the repository the inventories are made anew from them.
TEXTS = Path(__file__).parents[2] / "shared" / "seeds"


@pytest.fixture
def ground(db):
    """The units the reports name, the one criteria set they need, and the packaged indicators."""
    load_indicators()
    codes = {(row.unit.scheme, row.unit.code) for report in REPORTS.values() for row in report.rows}
    for organiser in demo.shared()["organisers"]:
        codes |= {(unit["scheme"], unit["code"]) for unit in organiser["units"]}
    for scheme, code in sorted(codes):
        level = {2: Level.PROVINCE, 3: Level.DISTRICT, 5: Level.COMMUNE}[len(code)]
        make_unit(f"Đơn vị {code}", scheme=make_scheme(scheme), code=code, level=level)
    load_files([PACKAGED / "ha-noi-4190-2023.json"])


@pytest.fixture
def loaded(ground):
    load_shared()
    for report in REPORTS.values():
        load_report(report)


def snapshot() -> dict[str, list[dict[str, object]]]:
    models = [model for app in ("districts", "reports") for model in apps.get_app_config(app).get_models()]
    # Versions of pages turn with every write, also with one that writes what was there.
    ours = (model for model in models if model is not PageVersion)
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in ours}


def number(text: str) -> Decimal:
    """Read a number as these reports print it: 1.674 and 1389 are whole, 98,5 and 88.78 are not."""
    whole = re.fullmatch(r"\d{1,3}(\.\d{3})+", text)
    return Decimal(text.replace(".", "") if whole else text.replace(",", "."))


def numbers_in(value: object) -> set[Decimal]:
    match value:
        case dt.date():
            return {Decimal(value.year), Decimal(value.month), Decimal(value.day)}
        case int() | Decimal():
            return {Decimal(value)}
        case str():
            return {number(found) for found in re.findall(r"\d+(?:[.,]\d+)*", value)}
        case dict():
            return {found for inner in value.values() for found in numbers_in(inner)}
    return set()


def saved_values(report: demo.Report, row: demo.Row) -> list[object]:
    """Everything the database holds of one row of the table, its year, indicator and source included."""
    source = Source.objects.get(slug=report.source["slug"])
    if row.model == "CriteriaSet":
        return fields_of(CriteriaSet.objects.get(slug=row.slug))
    if row.model == "Source":
        return fields_of(source)
    query = {
        name: value
        for name, value in row.fields.items()
        if name != "qualified" and not isinstance(value, dict)
    }
    if row.indicator:
        query["indicator__slug"] = row.indicator
    if row.year:
        query["assessment_year__year"] = row.year
    query |= {"source": source, "unit__code": row.unit.code}
    saved = MODELS[row.model]._default_manager.get(**query)
    values = fields_of(saved)
    if isinstance(saved, OfficialResult):
        values.append(saved.assessment_year.year)
        # A stated change is one from the year before.
        values += [saved.assessment_year.year - 1] if saved.rank_change is not None else []
    return values + (fields_of(saved.indicator) if isinstance(saved, Observation) else [])


def fields_of(row: models.Model) -> list[object]:
    return [
        getattr(row, f.name) for f in row._meta.concrete_fields if not f.is_relation and not f.primary_key
    ]


@pytest.mark.parametrize("name", DIGESTS)
def test_every_number_of_a_report_is_loaded_or_named_as_no_figure(name):
    report = REPORTS[name]
    entries = read_inventory(report)
    known = {row.id for row in report.rows}
    assert [e for e in entries if not e.is_accounted_for or not known.issuperset(e.rows)] == []
    assert {e.reason for e in entries} - {""} <= {other.reason for other in report.not_figures}
    assert digest(entries) == DIGESTS[name]


@pytest.mark.parametrize("name", DIGESTS)
def test_every_number_of_a_report_is_in_the_row_it_was_mapped_to(name, ground):
    report = REPORTS[name]
    load_shared()
    load_report(report)
    lost = []
    for entry in (e for e in read_inventory(report) if e.rows):
        values = [value for row_id in entry.rows for value in saved_values(report, report.row(row_id))]
        texts = " ".join(value for value in values if isinstance(value, str)).lower()
        held = {found for value in values for found in numbers_in(value)}
        if not (number(entry.number) in held if entry.number[0].isdigit() else entry.number.lower() in texts):
            lost.append(entry)
    assert lost == []


def test_inventories_are_those_of_the_texts_where_the_texts_are_at_hand():
    texts = sorted(TEXTS.glob("*.txt"))
    assert {report_of(path).name for path in texts} == (set(DIGESTS) if texts else set())
    for path in texts:
        report = report_of(path)
        assert inventory(report, path.read_text(encoding="utf-8")) == read_inventory(report), path.name


def test_a_number_nobody_accounts_for_is_seen():
    report = REPORTS["4-phu-yen"]
    entries = read_inventory(report)
    text = " | ".join(dict.fromkeys(words for row in report.rows for words in row.says))
    found = inventory(report, f"{text} | có thêm 77 trường hợp")
    assert len(found) == len(entries) + 1
    assert [e.number for e in found if not e.is_accounted_for] == ["77"]


def test_a_quote_that_is_not_in_the_text_is_refused():
    with pytest.raises(ValueError, match="0 times"):
        inventory(REPORTS["4-phu-yen"], "một bài khác")


def test_numbers_are_found_however_they_are_printed():
    text = "đạt 98,5% (1524/1547), 88.78 điểm; giải nhì, lần thứ XII; Một là, một trong 5; năm nay"
    assert NUMBER.findall(text) == [
        *("98,5", "1524", "1547", "88.78", "nhì", "XII", "Một là", "một trong", "5"),
    ]


@pytest.mark.parametrize("name", REPORTS)
def test_quotes_are_in_the_form_texts_are_compared_in(name):
    quotes = [words for row in REPORTS[name].rows for words in row.says]
    quotes += [other.says for other in REPORTS[name].not_figures]
    assert [q for q in quotes if q != normalised(q) or not unicodedata.is_normalized("NFC", q)] == []


def test_phu_xuyen_2024_reads_as_printed(loaded):
    result = OfficialResult.objects.get(assessment_year__year=2024, quality=Quality.EXACT)
    assert (result.total, result.rank, result.rank_of) == (Decimal("92.41"), 23, 30)
    assert (result.total_change, result.rank_change) == (Decimal("0.8"), 7)
    assert (result.appraised_points, result.appraised_max, result.appraised_rank) == (
        Decimal("63.26"),
        70,
        24,
    )
    assert (result.survey_points, result.survey_max, result.survey_rank) == (Decimal("29.15"), 30, 4)
    assert result.survey_change == Decimal("1.86")


def test_what_phu_xuyen_implies_is_marked_derived_and_kept_apart(loaded):
    change = OfficialResult.objects.get(assessment_year__year=2024, quality=Quality.DERIVED)
    before = OfficialResult.objects.get(assessment_year__year=2023, quality=Quality.DERIVED)
    assert (change.total, change.appraised_change) == (None, Decimal("-1.06"))
    assert (before.total, before.rank) == (Decimal("91.61"), 30)
    assert (before.appraised_points, before.survey_points) == (Decimal("64.32"), Decimal("27.29"))
    assert change.note and before.note


def test_the_press_confirms_the_derived_total_and_place_of_2023(loaded):
    printed = OfficialResult.objects.get(source__slug="demo-vna-ha-noi-2023")
    assert (printed.quality, printed.total, printed.rank, printed.rank_of) == (
        "exact",
        Decimal("91.61"),
        30,
        30,
    )


def test_bounds_keep_the_words_of_the_source(loaded):
    bounds = Observation.objects.filter(quality=Quality.LOWER).order_by("value")
    assert [(int(o.value or 0), o.wording) for o in bounds] == [
        (131, "hơn 131 tỉ đồng"),
        (233, "hơn 233 tỉ đồng"),
        (2000, "trên 2.000 lượt"),
        (4500, "hợn 4.500 học viên"),
    ]


def test_phu_yen_received_is_a_bound_and_its_other_counts_are_not(loaded):
    count = DossierCount.objects.get(unit__code="122")
    assert (count.received, count.quality_of("received")) == (351000, "lower")
    assert count.wording_of("received") == "trên 351.000 hồ sơ"
    assert (count.resolved_on_time, count.quality_of("resolved_on_time")) == (330048, "exact")
    assert (count.resolved, count.pending, count.late_unspecified) == (None, 21755, 50)


def test_stated_movement_stands_without_a_rank(loaded):
    stated = OfficialResult.objects.filter(rank=None, rank_change=2).order_by("assessment_year__year")
    assert [(r.unit.code, r.assessment_year.year, r.position) for r in stated] == [
        ("122", 2021, "tốp cuối"),
        ("364", 2023, ""),
    ]


def test_satisfaction_keeps_its_sample_or_says_that_none_is_printed(loaded):
    rows = Satisfaction.objects.order_by("-respondents", "starts_on").values_list(
        "satisfied", "respondents", "percent"
    )
    assert set(rows) == {
        *((184, 184, None), (6790, 6790, None)),
        *((None, None, Decimal("98.400")), (None, None, Decimal("98.600"))),
    }


def test_ha_noi_goes_on_through_both_schemes_and_ranks_by_its_own_criteria(loaded):
    organiser = Organiser.objects.get(slug="ha-noi")
    spans = list(organiser.organiser_units.values_list("unit__scheme", "valid_from", "valid_to"))
    assert set(spans) == {("gso2004", None, dt.date(2025, 6, 30)), ("qd19-2025", dt.date(2025, 7, 1), None)}
    years = organiser.years.order_by("year").values_list("year", "criteria_set__slug", "printed_roster_size")
    assert list(years) == [(2023, "ha-noi-4190-2023", 30), (2024, "ha-noi-4190-2023", 30)]


def test_no_person_is_named_as_an_author(loaded):
    assert set(Source.objects.filter(is_demo=True).values_list("author", flat=True)) == {""}


def test_loading_again_changes_nothing(loaded):
    before = snapshot()
    load_shared()
    for report in REPORTS.values():
        load_report(report)
    assert snapshot() == before


def test_a_row_that_left_the_table_leaves_the_database(loaded):
    report = REPORTS["4-phu-yen"]
    source = Source.objects.get(slug=report.source["slug"])
    stale = Observation.objects.filter(source=source)[0]
    stale.pk, stale.starts_on, stale.ends_on = None, None, dt.date(2020, 1, 1)
    stale.save()
    load_report(report)
    assert not Observation.objects.filter(ends_on=dt.date(2020, 1, 1)).exists()


def test_a_source_of_that_name_that_is_not_ours_is_not_taken_over(ground):
    load_shared()
    make_source("demo-phu-yen-2021")
    with pytest.raises(SourceTaken):
        load_report(REPORTS["4-phu-yen"])


def test_the_catalogue_of_indicators_is_not_the_demos(loaded):
    remove_reports()
    assert Indicator.objects.filter(slug="tthc-cong-khai", is_active=True).exists()


def test_what_others_made_or_use_stays_when_the_demo_goes(loaded):
    used = Observation.objects.filter(indicator__slug="tthc-cong-khai")[0]
    used.pk, used.source = None, make_source()
    used.save()
    year = AssessmentYear.objects.get(organiser__slug="son-la")
    make_sheet(year, Unit.objects.get(code="122"), {})
    remove_reports()
    assert list(Observation.objects.all()) == [used]
    assert list(AssessmentYear.objects.all()) == [year]


def test_the_whole_demo_loads_and_leaves_every_table_as_it_was(ground):
    load_files(sorted(PACKAGED.glob("*.json")))
    before = snapshot()
    call_command("load_demo", "--demo", verbosity=0)
    assert Organiser.objects.filter(is_sample=True).exists()
    assert OfficialResult.objects.count() == 7
    call_command("remove_demo", verbosity=0)
    assert snapshot() == before


@pytest.mark.parametrize(
    ("vendor", "asked", "allowed"),
    [("sqlite", False, True), ("postgresql", False, False), ("postgresql", True, True)],
)
def test_demo_content_goes_into_the_embedded_database_or_on_request(vendor, asked, allowed):
    assert may_load(vendor, asked=asked) is allowed
