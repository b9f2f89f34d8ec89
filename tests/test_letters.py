"""Reports to take away: what they say, in which layout, and what an office's own template may break."""

import csv
import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from django.template.loader import render_to_string
from docx.shared import Mm, Pt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.letters import forms, pdf, rendering
from reports.letters.heading import heading_of
from reports.letters.one_page import DENSITIES, OnePage, one_page
from reports.letters.paper import WIDTH
from reports.letters.rendering import LetterTemplateError, fill, word_file
from reports.letters.template_check import letter_templates, unit_specimen, year_specimen
from reports.qr import qr_data_uri
from reports.summaries.dashboard import dashboard
from reports.summaries.places import find_place

from .factories import make_organiser, make_unit
from .test_pages import text_of

PHU_XUYEN = "/ha-noi/2024/units/280/"
SAMPLE = "/tinh-minh-hoa/2024/units/MH03/"
DEMO_ROWS = rendering.PACKAGED.parent / "demo"
# Figures 1 to 17 of its inventory are those of the first paragraph.
LAST_OF_PARAGRAPH = 17
BODY_PART = "word/document.xml"


def opened(response) -> docx.document.Document:
    assert response.status_code == 200
    return docx.Document(io.BytesIO(response.content))


def words_of(document) -> str:
    """Return everything a document says, tables and headers too, in the order of its XML."""
    parts = [document.element.body, *(s.header._element for s in document.sections)]
    lines = []
    for part in parts:
        for paragraph in part.iter(f"{{{part.nsmap['w']}}}p"):
            pieces = paragraph.iter(f"{{{part.nsmap['w']}}}t", f"{{{part.nsmap['w']}}}br")
            lines.append("".join(" " if piece.tag.endswith("}br") else piece.text or "" for piece in pieces))
    return " ".join(" ".join(lines).replace("\u202f", " ").split())


# What the packaged templates are


@pytest.mark.parametrize(("name", "form"), [("unit.docx", forms.unit_form), ("year.docx", forms.year_form)])
def test_packaged_templates_are_what_the_program_draws(name, form):
    with zipfile.ZipFile(rendering.PACKAGED / name) as kept, zipfile.ZipFile(io.BytesIO(form())) as drawn:
        assert kept.namelist() == drawn.namelist()
        for part in kept.namelist():
            assert kept.read(part) == drawn.read(part), f"manage.py make_letter_templates ({part})"


@pytest.mark.parametrize("name", ["unit.docx", "year.docx"])
def test_the_page_is_a4_with_the_margins_and_the_letters_of_the_decree(name):
    document = docx.Document(str(rendering.PACKAGED / name))
    for section in document.sections:
        assert [round(int(x or 0) / Mm(1)) for x in (section.page_width, section.page_height)] == [210, 297]
        sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        assert [round(int(x or 0) / Mm(1)) for x in sides] == [20, 20, 30, 15]
        assert section.different_first_page_header_footer
    normal, heading = document.styles["Normal"].font, document.styles["Heading 1"].font
    assert (normal.name, normal.size, heading.name) == ("Times New Roman", Pt(14), "Times New Roman")
    header = document.sections[0].header._element.xml
    assert " PAGE " in header and 'w:jc w:val="center"' in header
    assert " PAGE " not in document.sections[0].first_page_header._element.xml


@pytest.mark.parametrize("name", ["unit.docx", "year.docx"])
def test_what_python_docx_does_not_draw_stands_in_the_order_that_word_wants(name):
    """Sequences of ECMA-376 (CT_TblPr, CT_SectPr, CT_PPr); Word calls a file damaged that breaks them."""
    order = {
        "tblPr": ["tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar", "tblLook"],
        "sectPr": ["headerReference", "type", "pgSz", "pgMar", "pgNumType", "cols", "titlePg", "docGrid"],
        "pPr": ["pStyle", "keepNext", "numPr", "pBdr", "spacing", "ind", "jc", "rPr", "sectPr"],
        "trPr": ["cantSplit", "tblHeader"],
    }
    document = docx.Document(str(rendering.PACKAGED / name))
    for tag, sequence in order.items():
        found = document.element.body.findall(f".//{{{document.element.nsmap['w']}}}{tag}")
        assert found
        for properties in found:
            places = [sequence.index(child.tag.split("}")[1]) for child in properties]
            assert places == sorted(places)


@pytest.mark.parametrize("name", ["unit.docx", "year.docx"])
def test_heads_of_tables_are_repeated_and_rows_stay_whole(name):
    document = docx.Document(str(rendering.PACKAGED / name))
    tables = [t for t in document.tables if t.style and t.style.name == "Table Grid"]
    assert tables
    for table in tables:
        assert "w:tblHeader" in table.rows[0]._tr.xml and "w:cantSplit" in table.rows[2]._tr.xml
        assert sum(c.width for c in table.columns) <= Mm(WIDTH) + 9000


def test_every_name_a_template_may_use_is_used_by_a_packaged_one():
    for letter, name in ((unit_specimen(), "unit.docx"), (year_specimen(), "year.docx")):
        with zipfile.ZipFile(rendering.PACKAGED / name) as packed:
            text = re.sub(r"<[^>]+>", "", packed.read(BODY_PART).decode())
        unused = {field for field in vars(letter) if not re.search(rf"\b{field}\b", text)}
        assert unused <= {"organiser"}


# Who issues it


@pytest.mark.django_db
def test_a_peoples_committee_heads_its_own_report_and_invents_no_number():
    heading = heading_of(make_unit("Phú Xuyên", type="Huyện", level=2), "Huyện Phú Xuyên")
    assert heading.issuer == "ỦY BAN NHÂN DÂN\nHUYỆN PHÚ XUYÊN"
    assert (heading.superior, heading.symbol, heading.place) == ("", "BC-UBND", "Phú Xuyên")


@pytest.mark.django_db
def test_an_agency_stands_below_the_committee_it_serves():
    above = make_unit("Minh Họa", type="Tỉnh", level=1)
    heading = heading_of(make_unit("Nội vụ", type="Sở", level=4, parent=above), "Sở Nội vụ")
    assert heading.superior == "ỦY BAN NHÂN DÂN\nTỈNH MINH HỌA"
    assert (heading.issuer, heading.symbol, heading.place) == ("SỞ NỘI VỤ", "BC-…", "Minh Họa")


@pytest.mark.django_db
def test_a_place_that_is_a_number_keeps_its_type_and_no_unit_leaves_dots():
    assert heading_of(make_unit("1", type="Quận", level=2), "Quận 1").place == "Quận 1"
    assert heading_of(None, str(make_organiser().name)).place == "……"


# What the reports say


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_report_of_phu_xuyen_says_what_its_page_says(client):
    said = words_of(opened(client.get(f"{PHU_XUYEN}report.docx")))
    for words in (
        "ỦY BAN NHÂN DÂN HUYỆN PHÚ XUYÊN",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
        "Số: /BC-UBND DỰ THẢO",
        "Phú Xuyên, ngày …… tháng …… năm ………",
        "BÁO CÁO Kết quả cải cách hành chính năm 2024 của Huyện Phú Xuyên",
        "Năm 2024, Huyện Phú Xuyên đạt 92,41 điểm, xếp thứ 23/30. Tăng 0,8 điểm và tăng 7 bậc so với năm 2023.",
        "Điểm thẩm định 63,26 70 24/30 −1,06 (số suy ra) –",
        "100 % hài lòng và rất hài lòng (6.790/6.790 lượt)",
        "trên 4.500 học viên",
        "xử lý 1.139 hồ sơ, tiết kiệm 4.160 giờ, tiết kiệm 108.440.000 đồng",
        "TM. ỦY BAN NHÂN DÂN CHỦ TỊCH",
    ):
        assert words in said
    assert "MẪU" not in said and "None" not in said and "{" not in said


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_report_of_a_sample_unit_is_marked_on_every_page(client):
    document = opened(client.get(f"{SAMPLE}report.docx"))
    assert "DỮ LIỆU MẪU" in document.sections[0].header._element.xml
    said = words_of(document)
    assert "DỮ LIỆU MẪU: địa phương này không có thật" in said
    assert "Xếp loại: Xuất sắc." in said and "3. Cải cách thủ tục hành chính" in said
    assert "Đánh giá chất lượng quy định và giải quyết TTHC 4,23 5 0,77" in said


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_report_of_a_year_carries_the_whole_ranking_as_its_appendix(client):
    document = opened(client.get("/tinh-minh-hoa/2024/huyen/report.docx"))
    said = words_of(document)
    assert "Năm 2024, 12/12 đơn vị có kết quả; 12 đơn vị được xếp hạng." in said
    assert "Điểm trung bình 87,42; cao nhất 91,89, thấp nhất 77,76." in said
    assert "(Kèm theo Báo cáo số /BC-UBND ngày …… tháng …… năm ……… của Ủy ban nhân dân Tỉnh Minh Họa)" in said
    rows = [[cell.text for cell in row.cells] for row in document.tables[-1].rows]
    assert len(rows) == 13 and rows[0][0] == "Hạng"
    assert rows[3][:5] == ["3", "Thị xã Hòa Khê", "90,49", "64,20", "26,29"]


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_what_holds_for_every_unit_is_said_once_and_why_one_is_not_ranked_in_its_row(client):
    document = opened(client.get("/tinh-minh-hoa/2023/huyen/report.docx"))
    assert words_of(document).count("bộ tiêu chí đã đổi so với năm trước") == 1
    assert "lý do: Đính chính điểm tiêu chí thành phần 7.3.2" in words_of(document)
    last = opened(client.get("/tinh-minh-hoa/2021/huyen/report.docx")).tables[-1].rows[-1]
    assert [cell.text for cell in last.cells] == ["–", "Huyện Thượng Khê", *"––––––", "không nộp báo cáo"]


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_a_year_that_only_a_document_tells_of_ranks_nobody_in_its_report(client):
    said = words_of(opened(client.get("/ha-noi/2024/huyen/report.docx")))
    assert "Mới có số liệu của 1/30 đơn vị năm 2024." in said
    assert "hệ thống không tự xếp hạng các đơn vị này" in said


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tinh-minh-hoa/2021/units/MH10/report.docx", 200),
        ("/nam-dinh/2024/units/364/report.docx", 200),
        ("/son-la/2021/units/122/report.docx", 200),
        ("/ha-noi/2019/units/280/report.docx", 404),
        ("/ha-noi/2024/units/999/report.docx", 404),
        ("/ha-noi/2019/huyen/report.docx", 404),
        ("/khong-co/2024/huyen/report.docx", 404),
    ],
)
def test_there_is_a_report_of_what_is_public_only(client, path, status):
    assert client.get(path).status_code == status


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
@pytest.mark.parametrize(
    ("path", "most"),
    [
        (f"{SAMPLE}report.docx", 18),
        (f"{SAMPLE}a4/", 18),
        ("/tinh-minh-hoa/2024/huyen/report.docx", 9),
    ],
)
def test_a_report_asks_a_constant_number_of_queries(client, django_assert_max_num_queries, path, most):
    with django_assert_max_num_queries(most):
        assert client.get(path).status_code == 200


# The paragraph to copy


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_paragraph_of_phu_xuyen_states_what_the_first_paragraph_of_its_report_states(client):
    """Points, place, movement, both parts with their places, the survey's rise; and its digital group."""
    paragraphs = client.get(PHU_XUYEN).context["paragraphs"]
    assert paragraphs[0] == (
        "Năm 2024, Huyện Phú Xuyên đạt 92,41 điểm, xếp thứ 23/30. "
        "Tăng 0,8 điểm và tăng 7 bậc so với năm 2023. "
        "Điểm thẩm định 63,26/70, xếp thứ 24/30; điều tra xã hội học 29,15/30, xếp thứ 4/30. "
        "Tổng điểm tăng (+0,8) dù điểm thẩm định giảm (−1,06, số suy ra): bù lại, điểm điều tra xã hội học +1,86."
    )
    assert "thuộc nhóm chuyển đổi số tiên phong của thành phố Hà Nội" in " ".join(paragraphs)


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_every_figure_of_the_first_paragraph_of_phu_xuyens_report_is_in_ours(client):
    said = client.get(PHU_XUYEN).context["paragraphs"][0]
    with (DEMO_ROWS / "0-phu-xuyen.inventory.csv").open() as inventory:
        figures = [row for row in csv.DictReader(inventory) if int(row["position"]) <= LAST_OF_PARAGRAPH]
    assert len(figures) == LAST_OF_PARAGRAPH
    for figure in figures:
        assert re.search(rf"(?<![\d,.]){re.escape(figure['number'])}(?![\d]|,\d)", said), figure


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_paragraphs_tell_of_dossiers_and_people_with_their_counts(client):
    paragraphs = client.get(SAMPLE).context["paragraphs"]
    assert paragraphs[1].startswith(
        "Năm 2024, hồ sơ thủ tục hành chính (cơ quan của đơn vị): tiếp nhận 7.709; đã giải quyết 7.671;"
    )
    assert "trước và đúng hạn 99,66\u202f% (7.645/7.671) trên hồ sơ đã giải quyết" in paragraphs[1]
    assert "96,98\u202f% hài lòng và rất hài lòng (997/1.028 lượt)" in paragraphs[1]
    assert paragraphs[-1].startswith("Dữ liệu mẫu: địa phương này không có thật")


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_bounds_keep_their_word_and_days_are_days(client):
    said = " ".join(client.get("/son-la/2021/units/122/").context["paragraphs"])
    assert "tiếp nhận trên 351.000" in said
    said = " ".join(client.get(PHU_XUYEN).context["paragraphs"])
    assert "học viên các lớp tập huấn (toàn địa bàn) trên 4.500 học viên" in said
    assert "Đến ngày 31/12/2024: văn bản được gửi, nhận dưới dạng điện tử (toàn địa bàn) 100\u202f%." in said


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_page_holds_the_paragraphs_and_a_button_that_waits_for_its_script(client):
    page = client.get(PHU_XUYEN).content.decode()
    assert 'data-copy="report-text"' in page and re.search(r"<button[^>]*hidden[^>]*>Sao chép", page)
    assert "js/copy.js" in page


# The one page


@pytest.fixture
def _weasyprint():
    """Skip where the library or Pango is not on the machine: PDFs are an extra."""
    if pdf._weasyprint() is None:
        pytest.skip("WeasyPrint is not installed")


def summary_of(organiser: str, year: int, code: str):
    place = find_place(organiser, year, code)
    assert place
    return dashboard(place[0], year, place[1])


def pages_of(page: OnePage) -> tuple[bytes, int]:
    context = {
        "page": page,
        "address": "https://cchc.example.vn/",
        "qr": qr_data_uri("https://cchc.example.vn/"),
    }
    return pdf.one_page_pdf(
        lambda density: render_to_string("reports/a4_pdf.html", context | {"density": density}), page.density
    )


@pytest.mark.usefixtures("_weasyprint")
@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
@pytest.mark.parametrize(
    "unit",
    [
        ("tinh-minh-hoa", 2024, "MH03"),
        ("ha-noi", 2024, "280"),
        ("nam-dinh", 2024, "364"),
        ("son-la", 2021, "122"),
    ],
)
def test_a_unit_takes_one_page(unit):
    written, pages = pages_of(one_page(summary_of(*unit)))
    assert pages == 1 and written.startswith(b"%PDF-")


@pytest.mark.usefixtures("_weasyprint")
@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_a_unit_with_twenty_four_areas_is_set_smaller_and_takes_one_page():
    page = one_page(summary_of("tinh-minh-hoa", 2024, "MH03"))
    crowded = replace(page, areas=page.areas * 3)
    assert DENSITIES.index(crowded.density) > DENSITIES.index(page.density)
    assert pages_of(crowded)[1] == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_what_grows_without_end_is_cut_and_counted():
    summary = summary_of("ha-noi", 2024, "280")
    topics = summary.figures.topics
    longer = replace(topics[0], observations=topics[0].observations * 10)
    page = one_page(replace(summary, figures=replace(summary.figures, topics=(longer,))))
    assert len(page.indicators) == 8 and page.left_out == "Còn 12 mục nữa trên trang của đơn vị."
    assert one_page(summary).left_out == ""


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_page_to_print_says_what_the_dashboard_says(client):
    page = text_of(client, f"{PHU_XUYEN}a4/")
    for words in (
        "Năm 2024, Huyện Phú Xuyên đạt 92,41 điểm, xếp thứ 23/30.",
        "hạng 4/30 điểm +1,86",
        "Học viên các lớp tập huấn (toàn địa bàn, Năm 2024): trên 4.500 học viên",
        "thuộc nhóm chuyển đổi số tiên phong của thành phố Hà Nội",
    ):
        assert words in page
    assert "Dữ liệu mẫu" not in page and "Dữ liệu mẫu: địa phương này" in text_of(client, f"{SAMPLE}a4/")


@pytest.mark.usefixtures("_weasyprint")
@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_pdf_is_served_as_such_and_linked(client):
    response = client.get(f"{PHU_XUYEN}report.pdf")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert f"{PHU_XUYEN}report.pdf" in client.get(f"{PHU_XUYEN}a4/").content.decode()
    assert client.get("/ha-noi/2024/units/999/report.pdf").status_code == 404


@pytest.mark.usefixtures("_weasyprint")
@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/a.css",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "cchc:../settings.py",
        "cchc:site.css",
        "//example.com/x.png",
    ],
)
def test_a_pdf_reads_nothing_but_its_own_files(address):
    assert pdf.own_file(address) is None
    with pytest.raises(ValueError, match=r"disallowed|absolute"):
        pdf._own_files_only()(address)


@pytest.mark.usefixtures("_weasyprint")
def test_a_pdf_reads_its_style_and_pictures_that_the_page_holds():
    fetch = pdf._own_files_only()
    assert b"size: A4 portrait" in fetch("cchc:a4.css").read()
    assert fetch("data:text/plain,abc").read() == b"abc"


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_where_no_pdf_can_be_made_none_is_offered_and_the_address_says_why(client, settings):
    settings.PDF = False
    assert "report.pdf" not in client.get(f"{PHU_XUYEN}a4/").content.decode()
    response = client.get(f"{PHU_XUYEN}report.pdf")
    assert response.status_code == 501
    assert "Máy chủ này không tạo tệp PDF" in response.content.decode()


# Texts and templates that could break it

TEXTS = st.text(max_size=40) | st.sampled_from(
    ["</w:t>", "a < b & c", "{{ x }}", "{% if %}", "]]>", "\x0b\x00"]
)


@given(TEXTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_of_a_unit_becomes_markup(text):
    written = fill(rendering.PACKAGED / "unit.docx", replace(unit_specimen(), index_paragraph=f"(({text}))"))
    document = docx.Document(io.BytesIO(written))
    assert "((" in words_of(document) and len(document.tables) == 9


def own_template(folder, text: str, name: str = "unit.docx"):
    document = docx.Document()
    document.add_paragraph(text)
    document.save(str(folder / name))


def test_an_offices_own_template_goes_first(settings, tmp_path):
    settings.LETTER_DIR = tmp_path
    own_template(tmp_path, "Đơn vị: {{ unit_name }}")
    assert words_of(docx.Document(io.BytesIO(word_file(unit_specimen())))).startswith("Đơn vị: –")
    assert "CỘNG HÒA" in words_of(docx.Document(io.BytesIO(word_file(year_specimen()))))
    assert letter_templates() == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ ten_huyen }}", "mẫu gọi một tên mà hệ thống không có ('ten_huyen' is undefined)"),
        ("{% for row in areas %}", "sai cú pháp của thẻ"),
        ("{{ unit_name.__class__.__mro__ }}", "mẫu"),
    ],
)
def test_a_broken_template_is_named_with_its_fault(settings, tmp_path, text, reason):
    settings.LETTER_DIR = tmp_path
    own_template(tmp_path, text)
    with pytest.raises(LetterTemplateError, match=r"Mẫu văn bản unit\.docx bị lỗi") as raised:
        word_file(unit_specimen())
    assert reason in str(raised.value)
    assert [found.id for found in letter_templates()] == ["reports.E001"]


def test_a_template_that_is_no_word_file_is_refused_and_an_empty_folder_noticed(settings, tmp_path):
    settings.LETTER_DIR = tmp_path
    assert [found.id for found in letter_templates()] == ["reports.W001"]
    (tmp_path / "unit.docx").write_bytes(b"no zip")
    assert "tệp không phải văn bản Word (.docx)" in letter_templates()[0].msg


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_a_reader_is_told_that_the_offices_template_is_broken(client, settings, tmp_path):
    settings.LETTER_DIR = tmp_path
    own_template(tmp_path, "{{ ten_huyen }}")
    response = client.get(f"{PHU_XUYEN}report.docx")
    assert response.status_code == 500
    assert "Mẫu văn bản unit.docx bị lỗi" in response.content.decode()
