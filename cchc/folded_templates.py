"""Templates whose constant parts are rendered once: fixed texts, translations, addresses and names of files.

Such a part says the same in every answer of one language. It is found when a template is loaded, by the node that
Django's own tag made; tags know nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.template import Context, Engine, Template
from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.loader_tags import IncludeNode
from django.template.loaders import cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language


class Loader(cached.Loader):
    """Django's cached loader, which folds what it keeps."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        is_new = self.cache_key(template_name, skip) not in self.get_template_cache
        template: Template = super().get_template(template_name, skip)
        if is_new:
            template.nodelist = folded(template.nodelist, self.engine)
        return template


class Constant(Node):
    """Neighbours that say the same in every answer of one language."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = list(nodes)
        self.texts: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        text = self.texts.get(language)
        if text is None:
            text = self.texts[language] = "".join(str(node.render_annotated(context)) for node in self.nodes)
        return text

    # There is nothing in it to blame an error on.
    render_annotated = render


def folded(nodes: NodeList, engine: Engine) -> NodeList:
    """Return a list of nodes with the constant neighbours of it, and of all lists below, made one."""
    kept = NodeList()
    kept.contains_nontext = nodes.contains_nontext
    for is_constant, group in groupby(_spread(nodes, engine), _is_constant):
        several = list(group)
        is_text = len(several) == 1 and isinstance(several[0], TextNode)
        kept.extend([Constant(several)] if is_constant and not is_text else several)
    return kept


def _spread(nodes: NodeList, engine: Engine) -> Iterator[Node]:
    """Yield the nodes of a list, folded inside; in the place of a constant include what it includes."""
    for node in nodes:
        if isinstance(node, LoadNode | CommentNode):
            continue
        if isinstance(node, IfNode):
            node.conditions_nodelists = [(c, folded(below, engine)) for c, below in node.conditions_nodelists]
        else:
            for name in node.child_nodelists:
                below = getattr(node, name, None)
                if isinstance(below, NodeList):
                    setattr(node, name, folded(below, engine))
        yield from _included(node, engine)


def _included(node: Node, engine: Engine) -> Iterable[Node]:
    if isinstance(node, IncludeNode) and not node.extra_context and _is_fixed(node.template):
        inside = engine.get_template(node.template.var).nodelist
        if all(isinstance(one, Constant) or _is_constant(one) for one in inside):
            return inside
    return [node]


def _is_constant(node: Node) -> bool:
    match node:
        case TextNode() | Constant():
            return True
        case TranslateNode():
            return not node.asvar and node.message_context is None and _is_fixed(node.filter_expression)
        case BlockTranslateNode():
            has_nothing = not (node.asvar or node.extra_context or node.countervar or node.message_context)
            return has_nothing and all(token.token_type.name == "TEXT" for token in node.singular)
        case StaticNode():
            return node.varname is None and _is_fixed(node.path)
        case URLNode():
            return not (node.asvar or node.args or node.kwargs) and _is_fixed(node.view_name)
    return False


def _is_fixed(expression: FilterExpression) -> bool:
    """Whether an expression is a text in quotes; {% translate %} makes a variable of it, to translate it later."""
    var = expression.var
    is_text = isinstance(var, str) or (isinstance(var, Variable) and isinstance(var.literal, str))
    return is_text and not expression.filters
