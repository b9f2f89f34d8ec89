"""Templates, compiled by Jinja2 once for each language.

What says the same in every answer of a language is written into what is compiled: translations, the addresses of
pages without arguments, the names of static files.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from django.conf import settings
from django.http import HttpRequest
from django.template import defaultfilters, engines
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.html import json_script
from django.utils.http import urlencode
from django_htmx.jinja import htmx_script
from django_tables2.templatetags.django_tables2 import table_page_range
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, _escape_inner

from reports.templating import insight, numbers, sharing

logger = logging.getLogger(__name__)
# Filters of Django's own language that Jinja2 lacks, or understands otherwise.
OF_DJANGO = (
    "add",
    "capfirst",
    "default_if_none",
    "filesizeformat",
    "force_escape",
    "length",
    "truncatechars",
    "urlencode",
)
# Templates of the office, and of the administration, which are Django's.
ELSEWHERE = ("office/", "django/")


class Missing(jinja2.ChainableUndefined):
    """What a template asks for and nobody gave: nothing, as the arguments of components are that are left out."""

    def __call__(self, *_args: Any, **_kwargs: Any) -> Missing:  # type: ignore[override]
        """Return nothing: so is the full name of nobody."""
        return self


class Editions:
    """The environments of all languages, for Django as one."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.environments: dict[str, Environment] = {}

    def get_template(self, name: str) -> jinja2.Template:
        return self.current.get_template(name)

    def from_string(self, source: str) -> jinja2.Template:
        return self.current.from_string(source)

    @property
    def current(self) -> Environment:
        language = translation.get_language() or settings.LANGUAGE_CODE
        found = self.environments.get(language)
        if found is None:
            found = self.environments[language] = Environment(language, **self.options)
        return found


class Generator(CodeGenerator):
    """Writes what a page does a thousand times: escaping makes no object, an attribute that is there is taken."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        self.write("(found if (found := getattr((of := ")
        self.visit(node.node, frame)
        name = repr(node.attr)
        self.write(f"), {name}, missing)) is not missing else environment.getattr(of, {name}))")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.escaped(")
        else:
            super()._output_child_pre(node, frame, finalize)


def escaped(value: object) -> str:
    """Return a value as HTML, as Django and markupsafe do; what says that it is HTML stays as it is."""
    if type(value) is str:
        return _escape_inner(value)
    if type(value) is int:
        return str(value)
    own = getattr(value, "__html__", None)
    if own is not None:
        return own()
    # A message, or a text that is translated when it is said, is no HTML itself and may say some.
    text = str(value)
    return text.__html__() if hasattr(text, "__html__") else _escape_inner(text)


class Environment(jinja2.Environment):
    """What templates of one language are compiled with."""

    code_generator_class = Generator
    escaped = staticmethod(escaped)

    def __init__(self, language: str, **options: Any) -> None:
        own = {
            "undefined": Missing,
            "autoescape": jinja2.select_autoescape(),
            "lstrip_blocks": True,
            "keep_trailing_newline": True,
        }
        super().__init__(**{**options, **own}, extensions=["jinja2.ext.i18n"])
        self.language = language
        self.install_gettext_callables(translation.gettext, translation.ngettext, newstyle=True)  # type: ignore[attr-defined]
        self.globals |= {"LANGUAGE_CODE": language, **FUNCTIONS}
        self.filters |= FILTERS | numbers.Filters(language).all()
        self.filters["escaped"] = escaped
        self.tests["none"] = is_none

    def compile(self, source: Any, name: Any = None, filename: Any = None, *more: Any, **options: Any) -> Any:
        if isinstance(source, str):
            source = self.parse(source, name, filename)
        with translation.override(self.language):
            source = Constants(is_escaped=self.autoescape_of(name)).visit(source)
        return super().compile(source, name, filename, *more, **options)

    def autoescape_of(self, name: str | None) -> bool:
        return self.autoescape(name) if callable(self.autoescape) else self.autoescape


class Constants(NodeTransformer):
    """Puts in the place of a call with fixed arguments what it returns in this language."""

    def __init__(self, *, is_escaped: bool) -> None:
        self.is_escaped = is_escaped

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if name == "ngettext":
            return self.counted(node)
        fixed = all(isinstance(one, nodes.Const) for one in node.args)
        if not fixed or node.dyn_args or node.dyn_kwargs:
            return node
        values = [one.value for one in node.args]  # type: ignore[attr-defined]
        if name in ("_", "gettext"):
            return self.text(translation.gettext(*values), node)
        if name in ("reverse", "static") and not node.kwargs:
            return nodes.Const(FUNCTIONS[name](*values), lineno=node.lineno)
        return node

    def counted(self, node: nodes.Call) -> nodes.Node:
        """Return what is said of any number alike, as in Vietnamese; else the form is chosen when it is said."""
        one, more, count = node.args
        if not (isinstance(one, nodes.Const) and isinstance(more, nodes.Const)):
            return node
        said = {translation.ngettext(one.value, more.value, number) for number in (0, 1, 2, 5)}
        if len(said) > 1:
            return node
        if all(given.key != "num" for given in node.kwargs):
            node.kwargs.append(nodes.Keyword("num", count))
        return self.text(said.pop(), node)

    def text(self, said: str, node: nodes.Call) -> nodes.Expr:
        """Return a translation, with the values of the call put in when it is said."""
        if not node.kwargs:
            text = said % {}
            fixed = Markup(text) if self.is_escaped else text  # noqa: S704  # our own catalogue
            return nodes.Const(fixed, lineno=node.lineno)
        given = [one for one in node.kwargs if f"%({one.key})" in said]
        values = [nodes.Pair(nodes.Const(one.key), self.value(one.value)) for one in given]
        filled = nodes.Mod(nodes.Const(said), nodes.Dict(values), lineno=node.lineno)
        return nodes.MarkSafe(filled, lineno=node.lineno) if self.is_escaped else filled

    def value(self, node: nodes.Expr) -> nodes.Expr:
        return nodes.Filter(node, "escaped", [], [], None, None) if self.is_escaped else node


def compile_public() -> None:
    """Compile the templates of public pages in the language of now, half a second, before anybody waits for them."""
    environment = engines["jinja2"].env.current  # type: ignore[attr-defined]
    for name in environment.list_templates(["html"]):
        if not name.startswith(ELSEWHERE):
            try:
                environment.get_template(name)
            except (jinja2.TemplateError, ValueError, NoReverseMatch) as error:
                # Its page says so again to whoever asks for it; the others are served.
                logger.error("the template %s cannot be compiled: %s", name, error)


def is_none(value: object) -> bool:
    """Whether a value is none, or nobody gave it."""
    return value is None or isinstance(value, jinja2.Undefined)


def address_of(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def query_with(request: HttpRequest, values: Mapping[str, Any]) -> str:
    """Return the query of this page with some values put in the place of its own."""
    return f"?{urlencode({**dict(request.GET), **values}, doseq=True)}"


def date(value: Any, form: str | None = None) -> str:
    """Print a day, or a moment of Vietnam, by letters as Django's own filter knows them."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value)
    return "" if numbers.is_absent(value) else str(defaultfilters.date(value, form))


def translated(text: str) -> str:
    """Say in the language of the page what is kept in Vietnamese: a unit of measure, a grade."""
    return translation.gettext(text.replace("%", "%%")).replace("%%", "%")


OF_PAGES = (
    *(sharing.absolute, sharing.canonical, sharing.embed_code, sharing.embed_origins, sharing.in_edition),
    *(sharing.json_ld, numbers.position, insight.half_share, htmx_script, static, query_with),
)
OF_VALUES = (
    *(numbers.rank, numbers.date_vi, numbers.magnitude, numbers.way, date, json_script, table_page_range),
    translated,
)
FUNCTIONS: dict[str, Callable[..., Any]] = {one.__name__: one for one in OF_PAGES} | {"reverse": address_of}
FILTERS: dict[str, Callable[..., Any]] = {
    **{name: getattr(defaultfilters, name) for name in OF_DJANGO},
    **{one.__name__: one for one in OF_VALUES},
}
