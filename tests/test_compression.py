"""What travels compressed, and what must not."""

import gzip

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_content")]
ACCEPT = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/data/ha-noi/2024/huyen/results.csv",
        "/data/ha-noi/2024/huyen/results.json",
        "/api/v1/organisers",
        "/sitemap-pages.xml",
        "/feed/",
    ],
)
def test_text_is_compressed_for_who_asks(client, address):
    answer = client.get(address, headers=ACCEPT)
    assert answer["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer["Vary"]
    plain = client.get(address)
    assert "Content-Encoding" not in plain
    assert gzip.decompress(answer.getvalue()) == plain.getvalue()


@pytest.mark.parametrize("address", ["/office/login/", "/card.png", "/data/ha-noi/2024/huyen/all.xlsx"])
def test_the_office_and_what_is_compressed_already_are_left_alone(client, address):
    answer = client.get(address, headers=ACCEPT)
    assert answer.status_code == 200 and "Content-Encoding" not in answer


def test_an_answer_of_the_api_need_not_be_sent_twice(client):
    first = client.get("/api/v1/organisers", headers=ACCEPT)
    again = client.get("/api/v1/organisers", headers={**ACCEPT, "If-None-Match": first["ETag"]})
    assert again.status_code == 304
