"""What Word can do and python-docx has no word for: borders, fields, numbering, rows that stay whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document
    from docx.section import Section
    from docx.table import Table, _Cell, _Row
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

FONT = "Times New Roman"
RED = "A3271D"
LANGUAGE = "vi-VN"
TWIPS_PER_MM = 1440 / 25.4
# A file made twice is the same file.
TIMESTAMP = (2020, 3, 5, 0, 0, 0)


def element(tag: str, **attributes: str | int) -> Any:
    """Return an element of WordprocessingML: element("w:pgNumType", start=1)."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def typeface(style: Any) -> None:
    """Set a style in black Times New Roman, for Vietnamese too, in place of the theme's fonts."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.name, style.font.color.rgb = FONT, RGBColor(0, 0, 0)
    properties = style.element.rPr
    for themed in (properties.rFonts, properties.find(qn("w:color"))):
        for name in [n for n in themed.attrib if "heme" in n]:
            del themed.attrib[name]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        properties.rFonts.set(qn(f"w:{script}"), FONT)
    properties.append(element("w:lang", val=LANGUAGE, eastAsia=LANGUAGE))


def run(paragraph: Paragraph, text: str, *, size: float, bold: bool = False, italic: bool = False) -> Run:
    """Add a text to a paragraph in a size of its own."""
    from docx.shared import Pt

    added = paragraph.add_run(text)
    added.font.size, added.bold, added.italic = Pt(size), bold, italic
    return added


def centre(paragraph: Paragraph) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def red(paragraph: Paragraph, size: float | None = None) -> None:
    from docx.shared import Pt, RGBColor

    for one in paragraph.runs:
        one.bold, one.font.color.rgb = True, RGBColor.from_string(RED)
        if size:
            one.font.size = Pt(size)


def rule(cell: _Cell, *, indent: int, width: int) -> None:
    """Add a line below a cell's last text, as far from both edges as said, in millimetres."""
    paragraph = cell.add_paragraph()
    run(paragraph, "", size=2)
    border(paragraph, indent=indent, width=width)


def border(paragraph: Paragraph, *, indent: int, width: int) -> None:
    """Draw a line above an empty paragraph, within a column of a width in millimetres."""
    from docx.shared import Mm, Pt

    shape = paragraph.paragraph_format
    shape.left_indent = shape.right_indent = Mm(min(indent, width // 2))
    shape.space_before, shape.space_after, shape.line_spacing = Pt(2), Pt(4), Pt(4)
    edges = element("w:pBdr")
    edges.append(element("w:top", val="single", sz=6, space=1, color="000000"))
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        edges, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def field(paragraph: Paragraph, code: str, *, size: float) -> None:
    """Add a field that Word computes, such as PAGE."""
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("result", "2"), ("end", "")):
        added = run(paragraph, text if kind == "result" else "", size=size)
        if kind in ("begin", "separate", "end"):
            added._r.append(element("w:fldChar", fldCharType=kind))
        elif not kind:
            instruction = element("w:instrText")
            instruction.text = f" {text} "
            added._r.append(instruction)


def fixed(table: Table, widths: Sequence[int]) -> None:
    """Give a table's columns widths in millimetres that no text changes."""
    from docx.shared import Mm

    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def no_padding(table: Table) -> None:
    from docx.oxml.ns import qn

    margins = element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(element(f"w:{side}", w=0, type="dxa"))
    table._tbl.tblPr.find(qn("w:tblLook")).addprevious(margins)


def repeat(row: _Row) -> None:
    """Repeat a row at the head of each page of its table."""
    keep_whole(row)
    row._tr.get_or_add_trPr().append(element("w:tblHeader"))


def keep_whole(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(element("w:cantSplit"))


def write(
    cell: _Cell, text: str, *, size: float, bold: bool = False, italic: bool = False, centred: bool = False
) -> None:
    """Write a cell's one text."""
    from docx.enum.table import WD_ALIGN_VERTICAL
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    run(paragraph, text, size=size, bold=bold, italic=italic)
    if centred:
        centre(paragraph)
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER


def drop(paragraph: Paragraph) -> None:
    paragraph._p.getparent().remove(paragraph._p)


def restart_pages(section: Section) -> None:
    """Count a section's pages from 1."""
    section._sectPr.insert_element_before(
        element("w:pgNumType", start=1), "w:cols", "w:vAlign", "w:noEndnote", "w:titlePg", "w:docGrid"
    )


def number(document: Document, style: Any) -> None:
    """Let Word number a style's paragraphs I, II, III …"""
    from docx.oxml.ns import qn

    numbering = document.part.numbering_part.element
    abstract = element("w:abstractNum", abstractNumId=90)
    abstract.append(element("w:multiLevelType", val="singleLevel"))
    level = element("w:lvl", ilvl=0)
    shape = {"start": 1, "numFmt": "upperRoman", "pStyle": style.style_id, "suff": "space", "lvlText": "%1."}
    for tag, value in shape.items():
        level.append(element(f"w:{tag}", val=value))
    level.append(element("w:rPr"))
    level[-1].append(element("w:b"))
    abstract.append(level)
    # The schema wants every abstractNum before the first num.
    numbering.find(qn("w:num")).addprevious(abstract)
    counted = element("w:num", numId=90)
    counted.append(element("w:abstractNumId", val=90))
    numbering.append(counted)
    properties = style.element.get_or_add_pPr()
    link = properties.get_or_add_numPr()
    link.get_or_add_ilvl().val = 0
    link.get_or_add_numId().val = 90


def steady(packed: bytes) -> bytes:
    """Return a zip file whose parts carry one fixed time."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, TIMESTAMP), source.read(name), zipfile.ZIP_DEFLATED)
    return written.getvalue()
