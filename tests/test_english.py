"""The English edition: every public page, in English but for names and for what is quoted, which says that it is."""

import datetime as dt
import gettext
import re
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.db.models import CharField, JSONField, TextField
from django.utils import translation

from districts.models import Unit
from reports import numbers_vi
from reports.models import Indicator
from reports.terms import term

from .e2e.pages import PAGES
from .test_pages import text_of

pytestmark = pytest.mark.django_db
LOCALE = Path(settings.BASE_DIR) / "locale/en/LC_MESSAGES"
VIETNAMESE = re.compile(
    r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE
)
TYPES = re.compile(r"\b(thành phố|tỉnh|huyện|quận|thị xã|thị trấn|xã|phường)\b", re.IGNORECASE)
READ_ALOUD = ("alt", "title", "aria-label", "placeholder", "content", "data-some", "label")
VOID = {"meta", "link", "img", "input", "br", "hr", "source", "path", "line", "rect", "circle", "wbr", "use"}
# Quoted where a page quotes: names of procedures' fields, documents, criteria, sources; a source's own words.
QUOTED = {
    "Criterion": ("title", "rule", "note", "legal_basis", "evidence_hint"),
    "CriteriaSet": ("name", "note"),
    "Activity": ("title",),
    "DossierField": ("name",),
    "Initiative": ("name",),
    "Publication": ("decision_number",),
    "Source": ("title", "organisation"),
    "Organiser": ("name",),
}
LETTERS_OF_LAW = re.compile(r"\d+[-/]?(QĐ|NĐ)[-\w]*", re.IGNORECASE)


class Said(HTMLParser):
    """What a page says in its own language: text and attributes, without what is marked as Vietnamese."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[bool] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        is_quoted = told.get("lang") == "vi"
        if not is_quoted and not any(self.marks):
            self.texts += [told[name] or "" for name in READ_ALOUD if told.get(name)]
        if tag not in VOID:
            self.marks.append(is_quoted)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.marks.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.marks:
            self.marks.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.marks):
            self.texts.append(data)


def strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from strings(one)
        case list():
            for one in value:
                yield from strings(one)


def wordings() -> Iterator[str]:
    for model in apps.get_app_config("reports").get_models():
        names = [
            field.name for field in model._meta.fields if isinstance(field, CharField | TextField | JSONField)
        ]
        for name in QUOTED.get(model.__name__, ()):
            assert name in names
        for name in {*QUOTED.get(model.__name__, ()), *({"wording", "qualified"} & set(names))}:
            for value in model._default_manager.values_list(name, flat=True):
                with translation.override("en"):
                    is_term = name == "title" and term(value) != value
                yield from () if is_term else strings(value)


@pytest.fixture(scope="module")
def names(demo_content, django_db_blocker) -> list[str]:
    """All that pages may quote, the longest first; standard terms are not among it."""
    with django_db_blocker.unblock():
        found = {*wordings(), *Unit.objects.values_list("name", flat=True)}
    found = {" ".join(one.split()) for one in found if VIETNAMESE.search(one)}
    found |= {one[0].lower() + one[1:] for one in found}  # as a sentence goes on with it
    return sorted(found, key=len, reverse=True)


def left(text: str, names: list[str]) -> str:
    for name in names:
        if name in text:
            text = text.replace(name, "")
        if not VIETNAMESE.search(text):
            return ""
    text = LETTERS_OF_LAW.sub("", TYPES.sub("", text))
    return text if VIETNAMESE.search(text) else ""


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_no_vietnamese_is_left_but_names_and_quotations(client, demo_content, names, path):
    answer = client.get(f"/en{path}")
    assert answer.status_code == 200
    assert answer["Content-Language"] == "en"
    said = Said()
    said.feed(answer.content.decode())
    texts = {" ".join(text.split()) for text in said.texts}
    asked = [f"“{q}”" for q in parse_qs(urlsplit(path).query).get("q", [])]
    assert {text: rest for text in texts if (rest := left(text, [*asked, *names]))} == {}


def test_figures_are_the_same_and_written_the_english_way(client, demo_content):
    page = text_of(client, "/en/ha-noi/2024/units/280/")
    assert "In 2024 Huyện Phú Xuyên scored 92.41 points, rank 23/30." in page
    assert "Up 0.8 points and up 7 places against 2023." in page
    with translation.override("en"):
        assert numbers_vi.count(351000) == "351,000"
        assert numbers_vi.percent(Decimal("98.500")) == "98.5%"
        assert numbers_vi.date_vi(dt.date(2025, 3, 5)) == "5 Mar 2025"


def test_the_address_alone_decides(client, demo_content):
    english = client.get("/en/ha-noi/", headers={"Accept-Language": "vi"})
    vietnamese = client.get("/ha-noi/", headers={"Accept-Language": "en"})
    assert (english["Content-Language"], vietnamese["Content-Language"]) == ("en", "vi")
    assert b'<html lang="en">' in english.content and b'<html lang="vi">' in vietnamese.content
    assert "Accept-Language" not in english.get("Vary", "") + vietnamese.get("Vary", "")
    assert not english.cookies


def test_each_edition_leads_to_the_same_page_of_the_other(client, demo_content):
    page = " ".join(client.get("/tinh-minh-hoa/2024/?q=hoa").content.decode().split())
    assert 'href="/en/tinh-minh-hoa/2024/?q=hoa"' in page
    assert '<link rel="alternate" hreflang="en" href="http://testserver/en/tinh-minh-hoa/2024/">' in page
    assert '<link rel="alternate" hreflang="x-default" href="http://testserver/tinh-minh-hoa/2024/">' in page
    page = client.get("/en/tinh-minh-hoa/2024/?q=hoa").content.decode()
    assert 'href="/tinh-minh-hoa/2024/?q=hoa"' in page and 'href="/en/tinh-minh-hoa/2023/' in page


def test_the_office_is_in_vietnamese_only(client):
    assert client.get("/en/office/").status_code == 404
    assert client.get("/office/login/")["Content-Language"] == "vi"
    assert 'hreflang="en"' not in client.get("/office/login/").content.decode()


def test_an_address_that_is_not_there_says_so_in_english(client):
    answer = client.get("/en/khong-co/")
    assert answer.status_code == 404 and "Page not found" in answer.content.decode()


def test_every_name_of_the_packaged_indicators_is_a_term(demo_content):
    with translation.override("en"):
        assert [one.name for one in Indicator.objects.all() if term(one.name) == one.name] == []


def test_the_compiled_catalogue_is_that_of_the_text():
    with (LOCALE / "django.po").open("rb") as file:
        written = read_po(file, locale="en")
    with (LOCALE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in written:
        if not message.id:
            continue
        forms = message.string if message.pluralizable else (message.string,)
        for number, form in enumerate(forms):
            if message.pluralizable:
                assert compiled.ngettext(message.id[0], message.id[1], 1 + number) == form
            else:
                assert compiled.gettext(message.id) == form


def test_every_translation_keeps_its_places_for_figures():
    with (LOCALE / "django.po").open("rb") as file:
        written = read_po(file, locale="en")
    assert [(message.id, error) for message, errors in written.check() for error in errors] == []
    assert [message.id for message in written if message.id and not all(message.string or [""])] == []
