"""Parts of a page that stand there by the dozen: made here, because as templates they were most of its time."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from reports import numbers_vi
from reports.charts import Chart
from reports.models import CriteriaSet
from reports.numbers_vi import Number
from reports.summaries.dashboard import AreaResult, ComponentResult
from reports.summaries.dossiers import Line

from . import numbers

register = template.Library()
METER = (
    '<svg class="meter" aria-hidden="true"><rect class="track" width="100%" height="8" rx="4" />'
    '<rect class="fill" width="{}" height="8" rx="4" /></svg>'
)
COMPONENT = """
              <tr>
                <th scope="row"><a href="{}#c-{}">{}</a> <span lang="vi">{}</span></th>
                <td>{}</td>
                <td class="num">{}</td>
                <td class="num">{}</td>
                <td class="num">{}</td>
              </tr>
            """
AREA = """
          <tr>
            <th scope="row"><a href="#area-{}">{}. {}</a></th>
            <td class="num">{}<small>/{}</small></td>
            <td class="num">{}{}</td>
            <td class="num">
              {}
            </td>
            <td class="num">{}</td>
            <td class="num">{}</td>
            <td class="num">{} {}</td>
          </tr>
        """
COUNT = """
              <tr{}>
                <th scope="row">{}</th>
                <td class="num">{}{}{}</td>
              </tr>
            """
CHART_ROW = """
            <tr{}>
              <th scope="row">{}</th>
              {}
            </tr>
          """


@register.simple_tag
def meter(value: Number, maximum: Number) -> SafeString:
    """Draw a bar of a part in its whole; the number stands beside it, so it is silent."""
    is_drawn = value is not None and bool(maximum)
    return SafeString(METER.format(numbers.position(value, 0, maximum)) if is_drawn else "")


@register.simple_tag
def movement(
    change: Number | str,
    kind: str = "",
    reason: str = "",
    quality: str = "",
    wording: str = "",
    note: str = "",
    stated: bool | str = "",
    compact: bool | str = "",
) -> SafeString:
    """Tell a change in words and by a mark; what is no number is told by the `reason` why there is none.

    `kind` is places, points or percent; `compact` says the words to screen readers only, as tables want it.
    """
    if change is None or isinstance(change, str):
        told = f'<span class="movement movement-none">{escape(reason)}</span>'
        absent = told if reason else numbers.number(None)
        return SafeString(f"\n{absent}\n")
    way, mark = ("up", "▲") if change > 0 else ("down", "▼") if change < 0 else ("same", "=")
    printed = numbers_vi.number(numbers.magnitude(change))
    words = f"\n{_words(change, kind, printed)}\n"
    if compact:
        words = f'<span aria-hidden="true">{printed}</span><span class="visually-hidden">{words}</span>'
    return SafeString(
        f'\n<span class="movement movement-{way}"><span aria-hidden="true">{mark}</span>\n{words}</span>'
        f"{_quality(quality, wording, note, stated)}\n"
    )


def _words(change: Decimal | int, kind: str, printed: str) -> str:
    if change == 0:
        return _("Giữ nguyên hạng") if kind == "places" else _("Không đổi")
    match kind:
        case "places":
            text = _("Tăng %(n)s bậc") if change > 0 else _("Giảm %(n)s bậc")
        case "percent":
            text = _("Tăng %(n)s điểm phần trăm") if change > 0 else _("Giảm %(n)s điểm phần trăm")
        case _other:
            text = _("Tăng %(n)s điểm") if change > 0 else _("Giảm %(n)s điểm")
    return text % {"n": printed}


def _quality(quality: str, wording: str, note: str, stated: bool | str) -> str:
    """Return the badge of a figure that is not exact, as its component writes it: few are."""
    if not stated and quality in ("", None, "exact"):
        return ""
    said = {"quality": quality, "wording": wording, "note": note, "stated": stated}
    return render_to_string("components/quality.html", said)


@register.simple_tag
def area_rows(areas: Iterable[AreaResult]) -> SafeString:
    """Return the rows of a unit's areas: points, place, movement, the year's mean and best, the share reached."""
    tied = f" <small>{escape(_('đồng hạng'))}</small>"
    return SafeString("".join(_area_row(one, tied) for one in areas))


def _area_row(one: AreaResult, tied: str) -> str:
    code = escape(one.code)
    return AREA.format(
        *(code, code, escape(one.title), numbers.points(one.points), numbers.number(one.maximum)),
        *(numbers.rank(one.rank, one.rank_of), tied if one.is_tied else ""),
        movement(one.points_change, "points", compact=True),
        *(numbers.points(one.mean), numbers.points(one.best), numbers.percent(one.percent, 1)),
        meter(one.points, one.maximum),
    )


@register.simple_tag
def count_rows(lines: Iterable[Line]) -> SafeString:
    """Return the rows of dossier counts in the order of the form, each as exact as it is."""
    return SafeString("".join(_count_row(one) for one in lines))


def _count_row(one: Line) -> str:
    figure, before, after = one.figure, "", ""
    if figure.is_bound:
        before = render_to_string("components/_bound.html", {"quality": figure.quality}) + " "
    if figure.quality != "exact":
        after = f" {_quality(figure.quality, figure.wording, figure.note, '')}"
    is_part = ' class="is-part"' if one.is_part else ""
    return COUNT.format(is_part, escape(capfirst(str(one.label))), before, numbers.count(figure.value), after)


@register.simple_tag
def component_rows(components: Iterable[ComponentResult], criteria_set: CriteriaSet) -> SafeString:
    """Return the rows of an area's components: code and title, who gives the points, points, maximum, lost."""
    address = escape(criteria_set.get_absolute_url())
    return SafeString("".join(_component_row(one, address) for one in components))


def _component_row(one: ComponentResult, address: str) -> str:
    code, lost = escape(one.code), one.lost
    points = f'<span class="muted">{escape(one.state)}</span>' if one.state else numbers.points(one.points)
    lost_points = "–" if lost is None else numbers_vi.points(lost) if lost else "0"
    return COMPONENT.format(
        *(address, code, code, escape(one.title), escape(one.origin)),
        *(points, numbers.number(one.maximum), lost_points),
    )


@register.simple_tag
def chart_rows(chart: Chart) -> SafeString:
    """Return the table behind a drawing, a row a label."""
    rows = (
        CHART_ROW.format(
            ' class="is-unit"' if place == chart.highlight else "",
            escape(label),
            "".join(f'<td class="num">{numbers.cell(value)}</td>' for value in values),
        )
        for place, (label, values) in enumerate(chart.rows)
    )
    return SafeString("".join(rows))
