"""A Word document in the layout of Nghị định 30/2020/NĐ-CP (Phụ lục I), piece by piece.

Its words belong to the form, not to the screen: a Vietnamese official paper is Vietnamese in every edition of the
site, so they do not go through gettext.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.letters import word_xml

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph

BODY, TABLE, SMALL = 14, 12, 11
# Millimetres: A4, and the margins of Phụ lục I, mục I.2.
PAGE, TOP, BOTTOM, LEFT, RIGHT = (210, 297), 20, 20, 30, 15
WIDTH = PAGE[0] - LEFT - RIGHT
HEADING_COLUMNS = (66, 99)


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, the tag in its cells, its width in millimetres."""

    head: str
    tag: str
    width: int
    is_number: bool = True


class Paper:
    """A Word document under construction; every method adds one piece at its end."""

    def __init__(self) -> None:
        from docx import Document as new_document

        self.document: Document = new_document()
        self._styles()
        self._page(self.document.sections[0])
        self._page_number(self.document.sections[0])

    def file(self) -> bytes:
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments = "Báo cáo cải cách hành chính", "", ""
        written = io.BytesIO()
        self.document.save(written)
        return word_xml.steady(written.getvalue())

    # Pieces of the heading

    def heading(self) -> None:
        """Add the national heading beside the issuer, number and place (ô số 1 to 4)."""
        table = self._bare_table(HEADING_COLUMNS)
        left, right = table.rows[0].cells
        self._lines(left, [("{{ heading.superior }}", 13, False, False)], condition="heading.superior")
        self._lines(left, [("{{ heading.issuer }}", 13, True, False)])
        word_xml.rule(left, indent=22, width=HEADING_COLUMNS[0])
        self._lines(left, [("Số:        /{{ heading.symbol }}", 13, False, False)])
        self._lines(left, [("DỰ THẢO", 12, True, False)])
        self._lines(
            right,
            [
                ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13, True, False),
                ("Độc lập - Tự do - Hạnh phúc", 14, True, False),
            ],
        )
        word_xml.rule(right, indent=17, width=HEADING_COLUMNS[1])
        self._lines(right, [("{{ heading.place }}, ngày …… tháng …… năm ………", 14, False, True)])
        for cell in (left, right):
            word_xml.drop(cell.paragraphs[0])

    def title(self, subject: str) -> None:
        """Add the kind of the paper and what it is about (ô số 5a)."""
        self._centred("BÁO CÁO", before=14)
        self._centred(subject)
        paragraph = self._centred("", size=2)
        word_xml.border(paragraph, indent=62, width=WIDTH)
        self._marked_sample()

    def _marked_sample(self) -> None:
        self.line("{%p if is_sample %}")
        paragraph = self._centred("{{ sample_mark }}", size=13, before=6)
        word_xml.red(paragraph)
        self.line("{%p endif %}")

    # Pieces of the body

    def section(self, title: str) -> None:
        """Add a heading; Word numbers them itself, so one that is left out leaves no gap."""
        self.document.add_paragraph(title.upper(), style="Heading 1")

    def text(self, text: str) -> None:
        self.document.add_paragraph(text, style="Body Text")

    def note(self, text: str) -> None:
        from docx.shared import Pt

        paragraph = self.document.add_paragraph(text)
        paragraph.paragraph_format.space_before = Pt(4)
        paragraph.runs[0].font.size = Pt(SMALL)
        paragraph.runs[0].italic = True

    def line(self, tag: str) -> None:
        """Add a paragraph that only steers docxtpl and is gone from the report."""
        self.document.add_paragraph(tag)

    def when(self, condition: str, add: Callable[[], None]) -> None:
        self.line(f"{{%p if {condition} %}}")
        add()
        self.line("{%p endif %}")

    def unless(self, condition: str, add: Callable[[], None]) -> None:
        self.when(f"not {condition}", add)

    def each(self, name: str, add: Callable[[], None]) -> None:
        self.line(f"{{%p for item in {name} %}}")
        add()
        self.line("{%p endfor %}")

    def table(self, caption: str, rows: str, columns: Sequence[Column], size: int = TABLE) -> None:
        """Add a table with a caption above; its head is repeated on every page."""
        from docx.shared import Pt

        if caption:
            paragraph = self.document.add_paragraph(caption)
            paragraph.runs[0].bold = paragraph.runs[0].italic = True
            paragraph.runs[0].font.size = Pt(13)
            paragraph.paragraph_format.keep_with_next = True
            paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(6), Pt(3)
        table = self.document.add_table(4, len(columns), style="Table Grid")
        word_xml.fixed(table, [column.width for column in columns])
        head, opening, body, closing = table.rows
        word_xml.repeat(head)
        word_xml.keep_whole(body)
        opening.cells[0].text, closing.cells[0].text = f"{{%tr for row in {rows} %}}", "{%tr endfor %}"
        for place, column in enumerate(columns):
            word_xml.write(head.cells[place], column.head, size=size, bold=True, centred=True)
            word_xml.write(body.cells[place], column.tag, size=size, centred=column.is_number)

    def sources(self) -> None:
        self.line("{%p if sources %}")
        self.section("Nguồn số liệu")
        self.each("sources", lambda: self.text("- {{ item }}"))
        self.line("{%p endif %}")

    def signature(self) -> None:
        """Add to whom it goes and who signs (ô số 7 and 9); names are for the office."""
        from docx.shared import Pt

        self._centred("", size=6)
        table = self._bare_table((80, 85))
        left, right = table.rows[0].cells
        word_xml.keep_whole(table.rows[0])
        word_xml.write(left, "Nơi nhận:", size=12, bold=True, italic=True)
        for text in ("- ……;", "- Lưu: VT, ….."):
            run = left.add_paragraph(text).runs[0]
            run.font.size = Pt(11)
        self._lines(right, [("{{ heading.signed_for }}", 14, True, False)], condition="heading.signed_for")
        self._lines(right, [("{{ heading.signer }}", 14, True, False)])
        word_xml.drop(right.paragraphs[0])

    def appendix(self, title: str) -> None:
        """Begin the appendix on a page and with page numbers of its own."""
        from docx.enum.section import WD_SECTION

        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        self._page(section)
        word_xml.restart_pages(section)
        self._centred("Phụ lục")
        self._centred(title, caps=True)
        self._centred(
            "(Kèm theo Báo cáo số        /{{ heading.symbol }} ngày …… tháng …… năm ……… của {{ heading.issuer_name }})",
            bold=False,
            italic=True,
        )
        self._marked_sample()
        self._centred("", size=4)

    # What all are made of

    def _styles(self) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm, Pt

        for name in ("Normal", "Body Text", "Heading 1", "Heading 1 Char", "Header", "Table Grid"):
            word_xml.typeface(self.document.styles[name])
        normal = self.document.styles["Normal"]
        normal.font.size = Pt(BODY)
        normal.paragraph_format.space_after = Pt(0)
        body = self.document.styles["Body Text"].paragraph_format
        body.alignment, body.first_line_indent = WD_ALIGN_PARAGRAPH.JUSTIFY, Mm(10)
        body.space_before, body.space_after, body.line_spacing = Pt(0), Pt(6), 1.15
        section = self.document.styles["Heading 1"]
        word_xml.number(self.document, section)
        section.font.size, section.font.bold = Pt(BODY), True
        section.paragraph_format.space_before, section.paragraph_format.space_after = Pt(12), Pt(6)

    def _page(self, section: Any) -> None:
        from docx.shared import Mm

        section.page_width, section.page_height = Mm(PAGE[0]), Mm(PAGE[1])
        section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
        section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
        section.header_distance = section.footer_distance = Mm(8)
        section.different_first_page_header_footer = True

    def _page_number(self, section: Any) -> None:
        """Centre the number in the top margin, from the second page on; a sample is named on each page."""
        paragraph = section.header.paragraphs[0]
        word_xml.centre(paragraph)
        word_xml.field(paragraph, "PAGE", size=13)
        mark = section.header.add_paragraph("{% if is_sample %}DỮ LIỆU MẪU{% endif %}")
        word_xml.centre(mark)
        word_xml.red(mark, size=SMALL)
        section.first_page_header.paragraphs[0].text = ""

    def _bare_table(self, widths: Sequence[int]) -> Table:
        table = self.document.add_table(1, len(widths))
        word_xml.fixed(table, widths)
        word_xml.no_padding(table)
        return table

    def _lines(self, cell: _Cell, lines: Sequence[tuple[str, int, bool, bool]], condition: str = "") -> None:
        if condition:
            cell.add_paragraph(f"{{%p if {condition} %}}")
        for text, size, bold, italic in lines:
            paragraph = cell.add_paragraph()
            word_xml.centre(paragraph)
            word_xml.run(paragraph, text, size=size, bold=bold, italic=italic)
        if condition:
            cell.add_paragraph("{%p endif %}")

    def _centred(
        self,
        text: str,
        *,
        size: int = BODY,
        bold: bool = True,
        italic: bool = False,
        caps: bool = False,
        before: int = 0,
    ) -> Paragraph:
        from docx.shared import Pt

        paragraph = self.document.add_paragraph()
        word_xml.centre(paragraph)
        paragraph.paragraph_format.space_before = Pt(before)
        run = word_xml.run(paragraph, text, size=size, bold=bold, italic=italic)
        # Capitals by format: the text holds tags, whose names are in small letters.
        run.font.all_caps = caps or None
        return paragraph
