"""Sheets to take away: CSV for machines, XLSX for people; never a cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from reports import frames, sentences
from reports.models import Publication, Source
from reports.numbers_vi import date_vi
from reports.summaries.compare import Comparison
from reports.summaries.news import NewsItem
from reports.summaries.ranking import Ranking
from reports.summaries.restated import AcrossMergers
from reports.summaries.results import Figure, PartResult, UnitResult
from reports.summaries.versions import Version
from reports.summaries.weaknesses import Weaknesses
from reports.xlsx import new_workbook

Cell = str | int | Decimal | None
# A text that begins so is a formula to a spreadsheet (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Sheet:
    """A named table: `rows` hold one cell for each of `headers`."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def safe_text(cell: Cell) -> Cell:
    """Return the cell with an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def csv_response(sheet: Sheet, name: str) -> HttpResponse:
    """Return one sheet as UTF-8 CSV with BOM, comma separated, decimal point."""
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=_download(name, "csv"))
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([safe_text(h) for h in sheet.headers])
    writer.writerows([safe_text(c) for c in row] for row in sheet.rows)
    return response


def xlsx_response(sheets: Iterable[Sheet], name: str) -> HttpResponse:
    """Return sheets as one XLSX workbook: header row frozen, numbers as numbers, texts never as formulas."""
    buffer = io.BytesIO()
    with new_workbook(buffer) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        for sheet in sheets:
            page = book.add_worksheet(sheet.title[:31])
            page.freeze_panes(1, 0)
            page.write_row(0, 0, sheet.headers, bold)
            for number, row in enumerate(sheet.rows, start=1):
                page.write_row(number, 0, [_written(c) for c in row])
            page.set_column(0, max(len(sheet.headers) - 1, 0), 16)
    return HttpResponse(
        buffer.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers=_download(name, "xlsx"),
    )


def _written(cell: Cell) -> Any:
    return float(cell) if isinstance(cell, Decimal) else cell


def _download(name: str, kind: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}


def ranking_sheet(results: Iterable[UnitResult]) -> Sheet:
    """Return a ranking as one sheet, a row a unit, with the source and the sample mark in every row."""
    rows = list(results)
    is_adjusted = any(result.adjustment for result in rows)
    headers = [
        *(
            _("Năm"),
            _("Hạng"),
            _("Trên tổng số"),
            _("Mã đơn vị"),
            _("Đơn vị"),
            _("Tổng điểm"),
            _("Điểm tối đa"),
        ),
        *(_("Tăng, giảm điểm"), _("Tăng, giảm bậc"), _("Điểm thẩm định"), _("Hạng thẩm định")),
        *(_("Điểm điều tra xã hội học"), _("Hạng điều tra xã hội học")),
        *((_("Điểm cộng, điểm trừ"),) if is_adjusted else ()),
        *(_("Xếp loại"), _("Ghi chú"), _("Nguồn"), _("Loại dữ liệu")),
    ]
    return Sheet(_("Xếp hạng"), headers, [_ranking_row(r, is_adjusted=is_adjusted) for r in rows])


def _ranking_row(result: UnitResult, *, is_adjusted: bool) -> list[Cell]:
    adjustment = result.adjustment.points if result.adjustment else None
    remarks = [result.unranked, result.no_movement, *result.remarks, result.position, *_derived(result)]
    return [
        result.year.year,
        _value(result.rank),
        result.rank_of,
        result.unit.code,
        result.unit_name,
        _value(result.total),
        result.maximum,
        _value(result.points_change),
        _value(result.rank_change),
        *_part_cells(result.appraised),
        *_part_cells(result.survey),
        *((_value(adjustment),) if is_adjusted else ()),
        result.grade,
        "; ".join(r for r in remarks if r),
        "; ".join(cite(s) for s in result.sources),
        _("Dữ liệu mẫu, không có thật") if result.year.organiser.is_sample else _("Số liệu thật, theo nguồn"),
    ]


def _derived(result: UnitResult) -> list[str]:
    figures = {
        _("tổng điểm"): result.total,
        _("điểm thẩm định"): result.appraised.points if result.appraised else None,
        _("điểm điều tra xã hội học"): result.survey.points if result.survey else None,
    }
    return [
        _("%(figure)s suy ra từ nguồn") % {"figure": name}
        for name, f in figures.items()
        if f and f.is_derived
    ]


def _part_cells(part: PartResult | None) -> list[Cell]:
    return [None, None] if part is None else [_value(part.points), _value(part.rank)]


def _value(figure: Figure | None) -> Cell:
    return None if figure is None else figure.value


def cite(source: Source) -> str:
    """Return a source on one line: title (organisation, date)."""
    when = date_vi(source.published_on) if source.published_on else source.published_text
    detail = ", ".join(part for part in (source.organisation, when) if part)
    return f"{source.title} ({detail})" if detail else source.title


def component_sheet(publication: Publication) -> Sheet:
    """Return the published points of every component, a row a unit, a column a component.

    A penalty is negative there: what it moves the total by, before the caps of the year.
    """
    frame = frames.published_scores(publication)
    wide = frame.pivot(index=["unit_code", "unit_name"], columns="order", values="points")
    codes = frame.drop_duplicates("order").set_index("order")["criterion"]
    headers = [_("Mã đơn vị"), _("Đơn vị"), *(codes[order] for order in wide.columns)]
    rows = [[*unit, *points] for unit, points in zip(wide.index, wide.to_numpy(), strict=True)]
    return Sheet(_("Tiêu chí thành phần"), headers, rows)


def news_sheet(items: Iterable[NewsItem]) -> Sheet:
    """Return what became public and was corrected, a row each, newest first."""
    headers = [
        _("Ngày"),
        _("Loại"),
        _("Nội dung"),
        _("Bản"),
        _("Quyết định"),
        _("Nguồn"),
        _("Lý do"),
        _("Dữ liệu mẫu"),
    ]
    return Sheet(
        _("Công bố và thay đổi"),
        headers,
        [
            (
                item.day.isoformat() if item.day else None,
                str(item.kind.label),
                item.title,
                item.version,
                item.decision,
                item.source,
                item.reason,
                _("có") if item.is_sample else "",
            )
            for item in items
        ],
    )


def comparison_sheet(compared: Comparison) -> Sheet:
    """Return units side by side: a line each of total, parts and areas, then the rates of dossiers in percent."""
    units = [result.unit_name for result in compared.results]
    group = [_("Tứ phân vị dưới"), _("Trung vị"), _("Trung bình"), _("Tứ phân vị trên")]
    rows: list[tuple[Cell, ...]] = [
        (
            *(line.title or _("Tổng điểm"), line.maximum),
            *(_told(one) for one in line.figures),
            *(line.group or (None,) * 4),
        )
        for line in compared.lines
    ]
    rows += [
        (
            f"{line.label} ({line.of}) (%)",
            None,
            *(
                rate.percent.quantize(Decimal("0.01")) if rate and rate.percent is not None else None
                for rate in line.rates
            ),
            *(None,) * 4,
        )
        for line in compared.rates
    ]
    return Sheet(_("So sánh đơn vị"), [_("Nội dung"), _("Điểm tối đa"), *units, *group], rows)


def _told(figure: Figure | None) -> Cell:
    """Return points as a cell; a bound is no value to compute with, the source's words tell it."""
    if figure is None:
        return None
    return figure.wording or None if figure.is_bound else Decimal(figure.value)


def restated_sheet(summary: AcrossMergers) -> Sheet:
    """Return units across mergers, a row a unit and year; what is restated never stands in the column of results."""
    rows: list[tuple[Cell, ...]] = []
    for family in summary.families:
        for line in (*family.formers, family.today):
            for cell in line.cells:
                total = cell.published.total if cell.published else None
                if total is None and cell.restated is None:
                    continue
                rows.append(
                    (
                        *(line.unit.code, line.unit_name, cell.year.year),
                        *(_told(total), cell.points, cell.gap, cell.dossiers),
                    )
                )
    headers = [
        *(_("Mã đơn vị"), _("Đơn vị"), _("Năm"), _("Tổng điểm đã công bố"), _("Điểm quy đổi")),
        *(_("Lý do không quy đổi"), _("Hồ sơ tiếp nhận")),
    ]
    return Sheet(_("Quy đổi qua sắp xếp"), headers, rows)


def weaknesses_sheet(weak: Weaknesses) -> Sheet:
    """Return where units lose points together, a component a row."""
    headers = [
        *(_("Mã"), _("Tiêu chí thành phần"), _("Lĩnh vực"), _("Đơn vị mất điểm"), _("Đơn vị có điểm")),
        *(
            _("Tổng điểm mất"),
            _("Mất nhiều nhất"),
            _("Năm trước mất điểm"),
            _("Đã lấy lại"),
            _("Lấy lại, trung vị"),
        ),
    ]
    rows = [
        (
            *(one.criterion.code, one.criterion.title, one.area.label),
            *(one.figures.losing, one.figures.counted, one.figures.total, one.figures.most),
            *(one.figures.were_losing, one.figures.regained, one.figures.regain),
        )
        for one in weak.components
    ]
    return Sheet(_("Điểm bị mất"), headers, rows)


def version_sheet(version: Version) -> Sheet:
    """Return the total's standings of one version as published, and which version stands now."""
    headers = [_("Hạng"), _("Mã đơn vị"), _("Đơn vị"), _("Điểm"), _("Xếp loại"), _("Bản"), _("Bản hiện hành")]
    numbers = (version.publication.version, version.current.version)
    rows = [
        [s.rank, s.unit.code, s.unit_name, s.points, s.get_unranked_display() or s.grade, *numbers]
        for s in version.standings
    ]
    return Sheet(_("Xếp hạng"), headers, rows)


def about_sheet(summary: Ranking) -> Sheet:
    """Return what the figures are: year, coverage, decision, rules, sources, and whether they are a sample."""
    publication = summary.publication
    rules: list[list[Cell]] = [[_("Quy tắc"), rule] for rule in sentences.rule_sentences(summary)]
    rows: list[list[Cell]] = [
        [_("Cơ quan tổ chức đánh giá"), summary.year.organiser.name],
        [_("Năm đánh giá"), summary.year.year],
        [_("Nhóm"), summary.year.group.label],
        [_("Số đơn vị có số liệu"), summary.coverage.units_with_figures],
        [_("Số đơn vị tham gia"), summary.coverage.roster],
        *rules,
    ]
    if publication:
        rows += [
            [_("Quyết định"), publication.decision_number],
            [_("Ngày quyết định"), date_vi(publication.decided_on)],
            [_("Bản công bố"), publication.version],
        ]
    rows += [[_("Nguồn"), cite(s)] for s in summary.sources]
    if summary.is_sample:
        rows.append([_("Loại dữ liệu"), _("Dữ liệu mẫu, không có thật")])
    return Sheet(_("Thông tin"), [_("Mục"), _("Nội dung")], rows)
