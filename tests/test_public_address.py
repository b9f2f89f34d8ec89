"""The whole address of a page, whatever a visitor wrote as its path."""

import pytest
from django.test import RequestFactory

from reports.public_address import public_address


@pytest.mark.parametrize(
    ("path", "whole"),
    [
        ("/ha-noi/2024/", "/ha-noi/2024/"),
        ("//example.org/", "//example.org/"),
        ("/\t/a[b][c]/", "/%09/a[b][c]/"),
        ("/tên/", "/t%C3%AAn/"),
    ],
)
def test_no_path_becomes_another_site_or_an_error(path, whole, settings):
    request = RequestFactory().get("/")
    assert public_address(request, path) == f"http://testserver{whole}"
    settings.PUBLIC_URL = "https://cchc.example.vn"
    assert public_address(request, path) == f"https://cchc.example.vn{whole}"


@pytest.mark.parametrize("path", ["/%09/a%5Bb%5D%5Bc%5D/", "/%09/example.org/x/", "/%5B/"])
def test_a_page_with_an_odd_path_is_not_found(path, client, db):
    page = client.get(path)
    assert page.status_code == 404
    assert b'href="http://example.org' not in page.content
