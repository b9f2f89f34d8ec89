"""Templates: compiled once a language, with what is fixed in it written in."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.template import TemplateDoesNotExist, engines
from django.template.loader import get_template
from django.utils import translation
from django.utils.functional import lazy
from django.utils.html import format_html

from cchc.jinja import Environment, compile_public

ROOT = Path(settings.BASE_DIR) / "templates"


def said(source, **context):
    return engines["jinja2"].from_string(source).render(context)


def compiled(source, language="vi"):
    return Environment(language).compile(source, "page.html", raw=True)


def test_a_text_is_said_in_the_language_of_the_page():
    source = '{{ _("Trang chủ") }}: {{ reverse("reports:home") }}'
    assert said(source) == "Trang chủ: /"
    with translation.override("en"):
        assert said(source) == "Home: /en/"


def test_what_is_fixed_in_a_language_is_looked_up_when_a_template_is_compiled():
    source = '{{ _("Trang chủ") }}{{ reverse("reports:home") }}{{ static("img/mark.svg") }}'
    for call in ("gettext", "reverse", "static("):
        assert call not in compiled(source)
    assert "Home" in compiled(source, "en")


def test_a_text_takes_its_values_when_it_is_said_and_escapes_them():
    source = "{% trans n %}trung bình {{ n }}{% endtrans %}"
    assert "gettext" not in compiled(source)
    assert said(source, n="<b>") == "trung bình &lt;b&gt;"
    with translation.override("en"):
        assert said(source, n=7) == "mean 7"


def test_a_number_of_things_is_said_in_the_form_of_its_language():
    source = "{% trans count=n, n=n %}Tăng {{ n }} bậc{% pluralize count %}Tăng {{ n }} bậc{% endtrans %}"
    assert "gettext" not in compiled(source)
    assert [said(source, n=n) for n in (1, 2)] == ["Tăng 1 bậc", "Tăng 2 bậc"]
    with translation.override("en"):
        assert [said(source, n=n) for n in (1, 2)] == ["Up 1 place", "Up 2 places"]
    assert said("{% trans num=n %}{{ num }} xã{% pluralize %}{{ num }} xã{% endtrans %}", n=3) == "3 xã"


def test_a_percent_sign_of_a_text_stays_one():
    assert said('{{ _("Cỡ chữ %%s phần trăm") }}') == "Cỡ chữ %s phần trăm"
    assert said("{% trans %}đạt 95 %{% endtrans %}") == "đạt 95 %"


def test_what_is_kept_in_vietnamese_is_said_in_the_language_of_the_page():
    with translation.override("en"):
        assert said("{{ unit|translated }} {{ sign|translated }}", unit="Xuất sắc", sign="%") == "Excellent %"
    assert said("{{ nothing|translated }}", nothing="") == ""


def test_what_nobody_gave_is_nothing():
    assert said("{{ a }}{{ a.b.c }}{% for x in a.b %}{{ x }}{% endfor %}{% if a.b %}x{% endif %}") == ""
    assert said("{% if a is none and b.c is none %}none{% endif %}", b=None) == "none"


def test_nobodys_name_is_nothing():
    assert said('{{ by.get_full_name()|default("–", true) }}', by=None) == "–"


def test_what_is_html_when_it_is_said_stays_html():
    lazily = lazy(lambda: format_html("<b>{}</b>", "a&b"), str)()
    note = Message(0, format_html("<b>{}</b>", "a&b"))
    assert said("{{ lazily }} {{ note }}", lazily=lazily, note=note) == "<b>a&amp;b</b> <b>a&amp;b</b>"
    assert said("{{ note }}", note=Message(0, "<b>")) == "&lt;b&gt;"


def test_a_template_without_its_file_is_told_and_the_others_are_compiled(settings, caplog, tmp_path):
    settings.STATIC_ROOT = tmp_path  # where nothing has been collected
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    settings.DEBUG = False
    editions: Any = engines["jinja2"]
    editions.env.environments.clear()
    compile_public()
    editions.env.environments.clear()
    assert "the template base.html cannot be compiled" in caplog.text


def test_a_page_escapes_and_a_letter_does_not():
    assert said("{{ name }}", name="<b>") == "&lt;b&gt;"
    assert Environment("vi").autoescape_of("letter.txt") is False


def test_a_moment_is_printed_as_it_was_in_vietnam():
    at = dt.datetime(2024, 12, 31, 17, 30, tzinfo=dt.UTC)
    assert said('{{ at|date("H:i d/m/Y") }} {{ at|date_vi }}', at=at) == "00:30 01/01/2025 01/01/2025"
    assert said('{{ at|date("d/m/Y") }}', at=None) == ""


def test_a_query_keeps_what_it_does_not_set(rf):
    request = rf.get("/", {"q": "a b", "page": "2"})
    assert said('{{ query_with(request, {"page": 3}) }}', request=request) == "?q=a+b&amp;page=3"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_template_compiles(language):
    paths = [path for path in ROOT.rglob("*.*") if path.is_file() and ROOT / "django" not in path.parents]
    assert len(paths) > 150
    with translation.override(language):
        for path in paths:
            get_template(str(path.relative_to(ROOT)))


def test_a_template_that_is_not_there_is_said_to_django():
    with pytest.raises(TemplateDoesNotExist):
        get_template("reports/khong-co.html")


def test_numbers_are_written_as_the_language_writes_them():
    line = SimpleNamespace(points=Decimal("1234.5"))
    source = "{{ line.points|points }} {{ line.points|count }} {{ line.rate|rate }}"
    assert said(source, line=line).startswith("1.234,50 1.235 ")
    with translation.override("en"):
        assert said(source, line=line).startswith("1,234.50 1,235 ")
