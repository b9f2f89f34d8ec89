"""What search engines are told: data sets of real places, and one address a page."""

import json
import re

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_content")]
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.S)


def told(client, address):
    return [json.loads(block) for block in BLOCK.findall(client.get(address).content.decode())]


@pytest.mark.parametrize("address", ["/ha-noi/2024/huyen/", "/ha-noi/2024/", "/data/ha-noi/2024/huyen/"])
def test_a_year_is_described_as_a_dataset(client, settings, address):
    settings.PUBLIC_URL = "https://cchc.example.vn"
    (data,) = told(client, address)
    assert (data["@context"], data["@type"]) == ("https://schema.org", "Dataset")
    assert data["name"].startswith("Chỉ số cải cách hành chính 2024, Thành phố Hà Nội")
    assert 50 <= len(data["description"]) <= 5000
    assert data["temporalCoverage"] == "2024"
    assert data["spatialCoverage"] == {"@type": "Place", "name": "Thành phố Hà Nội"}
    assert data["creator"]["name"] == "Thành phố Hà Nội"
    assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert data["isAccessibleForFree"] is True
    assert data["url"] == "https://cchc.example.vn/data/ha-noi/2024/huyen/"


def test_every_file_that_is_told_of_is_there(client):
    (data,) = told(client, "/data/ha-noi/2024/huyen/")
    files = {f["contentUrl"]: f["encodingFormat"] for f in data["distribution"]}
    assert "http://testserver/data/ha-noi/2024/huyen/results.csv" in files
    for address, media_type in files.items():
        answer = client.get(address.removeprefix("http://testserver"))
        assert answer.status_code == 200 and answer["Content-Type"].split(";")[0] == media_type


def test_the_catalogue_lists_real_years_only(client):
    (data,) = told(client, "/data/")
    assert data["@type"] == "DataCatalog"
    places = {one["spatialCoverage"]["name"] for one in data["dataset"]}
    assert "Thành phố Hà Nội" in places and "Tỉnh Minh Họa" not in places


@pytest.mark.parametrize("address", ["/tinh-minh-hoa/2024/huyen/", "/data/tinh-minh-hoa/2024/huyen/"])
def test_a_sample_is_no_dataset(client, address):
    assert told(client, address) == []
    assert '<meta name="robots" content="noindex">' in client.get(address).content.decode()


def test_a_published_year_says_its_version_and_day():
    from reports.models import AssessmentYear
    from reports.structured_data import dataset

    year = AssessmentYear.objects.get(organiser__slug="tinh-minh-hoa", year=2023)
    year.organiser.is_sample = False
    data = dataset(year, lambda path: path)
    assert data is not None and year.current_publication is not None
    assert data["version"] == "2"
    assert data["dateModified"] == year.current_publication.published_at.isoformat()


def test_nothing_in_the_data_ends_its_element():
    from reports.templating.sharing import json_ld

    element = json_ld({"name": "</script><b>&"})
    assert element.count("<") == 2 and json.loads(BLOCK.findall(element)[0]) == {"name": "</script><b>&"}


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/tinh-minh-hoa/2024/?type=Huyện&sort=total", "/tinh-minh-hoa/2024/huyen/"),
        ("/tinh-minh-hoa/compare/?year=2024&like=MH03", "/tinh-minh-hoa/compare/"),
        ("/units/?q=phu+xuyen", "/units/"),
        ("/changes/?page=2", "/changes/?page=2"),
        ("/changes/?page=²", "/changes/"),
        ("/changes/?page=1&export=no", "/changes/"),
        ("/", "/"),
    ],
)
def test_a_page_has_one_address_whatever_is_asked_of_it(client, address, canonical):
    page = client.get(address).content.decode()
    assert re.findall(r'<link rel="canonical"\s+href="([^"]*)">', page) == [f"http://testserver{canonical}"]


def test_data_pages_are_on_the_map(client):
    assert "<loc>http://testserver/data/</loc>" in client.get("/sitemap-pages.xml").content.decode()
    years = client.get("/sitemap-data.xml").content.decode()
    assert "http://testserver/data/ha-noi/2024/huyen/" in years and "minh-hoa" not in years
