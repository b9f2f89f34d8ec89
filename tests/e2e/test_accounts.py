"""Logging in, in a browser."""

from __future__ import annotations

from playwright.sync_api import expect

from .accessibility import violations
from .office import password


def test_who_types_a_password_can_look_at_it(window, site):
    page = window().open("/office/login/")
    page.locator("input[name=username]").fill("nhaplieu")
    field = page.locator("input[name=password]")
    field.fill(password(site))
    button = page.get_by_role("button", name="Hiện mật khẩu")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert violations(page) == []
    button.click()
    expect(field).to_have_attribute("type", "password")
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url("**/office/")


def test_without_scripts_there_is_no_button_that_does_nothing(window):
    page = window(script=False).open("/office/login/")
    expect(page.get_by_role("button", name="Hiện mật khẩu")).to_be_hidden()
