"""Constant parts of templates are rendered once for each language, and say what they said."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Engine, engines
from django.utils.translation import override

from cchc.folded_templates import Constant

TEMPLATES = {
    "page.html": (
        '{% load i18n static %}<a href="{% url "reports:home" %}">{% translate "Trang chủ" %}</a>'
        '{% include "mark.html" %}{% if is_shown %}{% translate "Dữ liệu mở" %}{{ name }}{% endif %}'
        '{% include "said.html" %}'
    ),
    "mark.html": '{% load static %}{# fixed #}<img src="{% static "img/mark.svg" %}">',
    "said.html": "<b>{{ name }}</b>",
    "child.html": '{% extends "base.html" %}{% block body %}<i>{{ block.super }}{% endblock %}',
    "base.html": '{% load i18n %}<p>{% block body %}{% translate "Trang chủ" %}{% endblock %}</p>',
}


def engine(*, is_folded: bool) -> Engine:
    loader = ("django.template.loaders.locmem.Loader", TEMPLATES)
    kind = "cchc.folded_templates.Loader" if is_folded else "django.template.loaders.cached.Loader"
    django: Any = engines["django"]
    return Engine(loaders=[(kind, [loader])], libraries=django.engine.libraries)


@pytest.mark.parametrize("name", ["page.html", "child.html"])
def test_a_folded_template_says_what_it_said(name):
    plain, folded = engine(is_folded=False), engine(is_folded=True)
    for language in ("vi", "en", "vi"):
        for context in ({"is_shown": True, "name": "<An>"}, {"name": "Bình"}, {}):
            with override(language):
                assert folded.render_to_string(name, context) == plain.render_to_string(name, context)


def test_each_language_keeps_its_own():
    folded = engine(is_folded=True)
    with override("vi"):
        assert '<a href="/">Trang chủ</a>' in folded.render_to_string("page.html")
    with override("en"):
        assert '<a href="/en/">Home</a>' in folded.render_to_string("page.html")


def test_neighbours_become_one_and_what_depends_on_the_page_stays():
    nodes: Any = engine(is_folded=True).get_template("page.html").nodelist
    assert [type(node).__name__ for node in nodes] == ["Constant", "IfNode", "IncludeNode"]
    assert len(nodes[0].nodes) > 4
    [_condition, below] = nodes[1].conditions_nodelists[0]
    assert [isinstance(node, Constant) for node in below] == [True, False]
