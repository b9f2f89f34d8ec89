"""What people of five roles do in the course of a year, step by step, each on the page where it is done.

Everybody gets the full points, except for what is said here: so every figure of the result can be told by hand.
"""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from playwright.sync_api import expect

from .office import (
    Desks,
    Tables,
    add_person,
    download,
    enter,
    fill,
    follow,
    judge,
    move,
    opened,
    press,
    row_of,
    submit,
    take_over,
    upload,
)

# What others lose of the appraised component 8.1.1 and of the surveyed component 8.2.1; MH10 hands nothing in.
OTHERS = {
    "MH02": ("Thị xã Long Vân", 1, 2),
    "MH03": ("Thị xã Hòa Khê", 1, 3),
    "MH04": ("Huyện Sông Mẫu", 2, 3),
    "MH05": ("Huyện Đông Khánh", 0.5, 0.5),
    "MH06": ("Huyện Yên Bằng", 2, 4),
    "MH07": ("Huyện Lâm Khê", 2, 5),
    "MH08": ("Huyện Phú Vân", 0.25, 0.75),
    "MH09": ("Huyện Khánh Giang", 2.5, 5.5),
    "MH11": ("Huyện Nam Lộc", 2.5, 6.5),
    "MH14": ("Huyện Tân Hạ", 2.5, 7.5),
}
SIPAS = "8.2.1 Chỉ số hài lòng của người dân, tổ chức (SIPAS cấp huyện)"
# A decision, a meeting or a document is of a day that has come.
TODAY = f"{dt.date.today():%d/%m/%Y}"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
# Of a template, counted from 0.
FIRST_ROW, MAXIMA, CODES = 5, 3, 4


def prepare_criteria_and_people(desks: Desks) -> None:
    """The administrator makes the year's criteria from last year's, and an account that enters for ten units."""
    page = desks.at("quantri", "/office/criteria/bo-tieu-chi-mau-2/copy/")
    fill(page, {"name": "Bộ tiêu chí tỉnh Minh Họa 2026", "slug": "minh-hoa-2026"})
    press(page, "Lập bản mới", "Đã lập bản mới")
    expect(page.locator("main")).to_contain_text("Tổng điểm, mã và quy tắc đều khớp.")
    follow(desks.at("quantri"), "Người dùng, vai trò")
    page = desks.at("quantri", "/office/admin/districts/user/add/")
    given = "mùa lúa chín vàng đồng"
    account = {
        "username": "nhapho",
        "last_name": "Tổ",
        "first_name": "nhập hộ",
        "email": "nhapho@minh-hoa.invalid",
    }
    names = [name for name, _, _ in OTHERS.values()]
    add_person(page, {**account, "password1": given, "password2": given}, "lãnh đạo đơn vị", names)
    take_over(desks, "nhapho", given, "mùa cam chín đỏ cả vườn")


def open_year(desks: Desks) -> str:
    """The publisher prepares the year with its rules and deadlines and opens it for twelve units."""
    page = desks.at("congbo")
    follow(page, "Lập kỳ đánh giá")
    days = {"self_scoring": 30, "round1": 60, "reply": 75, "round2": 90}
    due = {f"deadline_{stage}": f"17:00 {in_days(after)}" for stage, after in days.items()}
    place = {"organiser": "Tỉnh Minh Họa", "year": "2026", "group": "UBND cấp huyện"}
    criteria = {"criteria_set": "Bộ tiêu chí tỉnh Minh Họa 2026", "grade_bands": "Xuất sắc = 95\nTốt = 80"}
    fill(page, {**place, **criteria, **due})
    press(page, "Lưu", "Đã lập kỳ đánh giá")
    expect(page.locator("main")).to_contain_text("12 đơn vị có phiếu")
    move(page, "Mở kỳ đánh giá")
    expect(page.locator("main")).to_contain_text("12/12 đơn vị")
    return urlsplit(page.url).path


def in_days(days: int) -> str:
    return f"{dt.date.today() + dt.timedelta(days=days):%d/%m/%Y}"


def enter_by_grid(desks: Desks) -> str:
    """The reporter answers the questions of four components; the rules give the points."""
    page = desks.at("nhaplieu")
    follow(page, "Mở phiếu Thành phố Minh Giang 2026")
    enter(page, "1.1.1", "Chậm hoặc thiếu nội dung")
    enter(page, "1.1.2", "18", "20")
    enter(page, "1.2.1", "1")
    enter(page, "1.3.1", "3", "14")
    expect(page.locator("[data-sum=total][data-part=points]")).to_have_text("4,05")
    return urlsplit(page.url).path


def upload_the_rest(desks: Desks, year: str, sheet: str) -> None:
    """The reporter fills in the template's empty rows and uploads it: 49 components, 4 of which were there."""
    page = desks.at("nhaplieu", sheet)
    tables = opened(download(page, "Tải biểu mẫu bảng tính"))
    own = {"1.5.1": 0.25, "1.6.1": 1.44}
    heads, *rows = tables["Tự chấm"][FIRST_ROW - 1 :]
    code, most, points = (heads.index(head) for head in ("Mã tiêu chí", "Tối đa", "Điểm tự chấm"))
    for row in rows:
        if row[points] == "":
            row[points] = own.get(row[code], row[most])
    follow(page, "Nhập từ bảng tính")
    upload(page, tables, values=45)
    expect(desks.at("nhaplieu", sheet).locator("[data-sum=total][data-part=points]")).to_have_text("68,24")


def hand_in(desks: Desks, year: str, sheet: str) -> None:
    """The unit's lead hands the sheet in; the reporter has no such button."""
    page = desks.at("nhaplieu", sheet)
    expect(page.get_by_role("link", name="Nộp phiếu")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Lãnh đạo đơn vị nộp phiếu.")
    page = desks.at("lanhdao", sheet)
    submit(page)
    follow(page, "Rút lại phiếu")
    fill(page, {"reason": "Sót tài liệu."})
    press(page, "Rút lại phiếu", "Đã rút lại phiếu.")
    submit(page)


def send_back_and_mend(desks: Desks, year: str, sheet: str) -> None:
    """The appraiser sends the sheet back with a reason; the unit reads it, mends one answer and hands in again."""
    page = desks.at("thamdinh", year)
    follow(page, "Thành phố Minh Giang")
    follow(page, "Trả lại để sửa")
    fill(page, {"reason": "Tiêu chí 2.1.1: một văn bản ban hành sai trình tự."})
    press(page, "Trả lại để sửa", "Đã trả lại để sửa.")
    page = desks.at("nhaplieu", f"{sheet}?area=2")
    expect(page.locator(".notice-warn")).to_contain_text("một văn bản ban hành sai trình tự")
    enter(page, "2.1.1", "1")
    expect(page.locator("[data-sum=total][data-part=points]")).to_have_text("67,74")
    submit(desks.at("lanhdao", sheet))


def hand_in_for_others(desks: Desks, year: str, sheet: str) -> None:
    """Ten units come in one workbook, and are handed in one by one."""
    page = desks.at("nhapho", f"{year}uploads/")
    tables = opened(download(page, "một tệp cho mọi đơn vị ở trên (.xlsx)"))
    fill_in(tables, "Tự chấm")
    upload(page, tables, values=490)
    for name, _, _ in OTHERS.values():
        page = desks.at("nhapho")
        follow(page, f"Mở phiếu {name} 2026")
        submit(page)


def fill_in(tables: Tables, sheet: str) -> None:
    """Give every unit that hands in the maximum of every component that is still empty."""
    rows = tables[sheet]
    for row in rows[FIRST_ROW:]:
        if not row[0].endswith("MH10"):
            row[2:] = [
                most if said == "" else said for said, most in zip(row[2:], rows[MAXIMA][2:], strict=True)
            ]


def close_entry(desks: Desks, year: str, sheet: str) -> None:
    """Entry is closed, and the unit that did not hand in is said not to have reported; the appraisal begins."""
    page = desks.at("congbo", year)
    follow(page, "Khóa tự chấm điểm")
    expect(page.locator("main")).to_contain_text("1 đơn vị chưa nộp phiếu: Huyện Thượng Khê.")
    follow(page, "Không thực hiện, quay lại trang của năm")
    move(page, "Khóa tự chấm điểm")
    follow(page, "Quay lại giai đoạn trước")
    fill(page, {"reason": "Khóa trước hạn."})
    press(page, "Quay lại giai đoạn trước", "Đã quay lại giai đoạn trước.")
    move(page, "Khóa tự chấm điểm")
    follow(page, "Huyện Thượng Khê")
    follow(page, "Ghi nhận không nộp báo cáo")
    fill(page, {"reason": "Đã nhắc hai lần."})
    press(page, "Ghi nhận không nộp báo cáo", "Đã ghi nhận không nộp báo cáo.")
    move(desks.at("congbo", year), "Bắt đầu thẩm định")


def appraise(desks: Desks, year: str, sheet: str) -> None:
    """The appraiser accepts all of a sheet and takes points off two components, with reasons."""
    page = desks.at("thamdinh", year)
    follow(page, "Thẩm định")
    follow(page, "Thành phố Minh Giang")
    press(page, "Chấp nhận điểm tự chấm của mọi tiêu chí chưa thẩm định…")
    press(page, "Chấp nhận cả 49 tiêu chí", "Đã chấp nhận điểm tự chấm của 49 tiêu chí.")
    judge(page, "1.1.2", "1,6", "Hai nhiệm vụ chưa có văn bản xác nhận.")
    judge(page, "1.6.1", "1,2", "Sáu nhiệm vụ quá hạn.")
    press(page, "Hoàn thành thẩm định", "Đã hoàn thành thẩm định.")


def appraise_others(desks: Desks, year: str, sheet: str) -> None:
    """Ten sheets are appraised by workbook, the points of the survey with them."""
    page = desks.at("thamdinh", f"{year}uploads/")
    tables = opened(download(page, "Tải tệp mẫu (.xlsx)"))
    for name, code, part in (("Thẩm định", "8.1.1", 1), ("Điều tra XHH", "8.2.1", 2)):
        fill_in(tables, name)
        column = tables[name][CODES].index(code)
        for row in tables[name][FIRST_ROW:]:
            if lost := OTHERS.get(row[0].removeprefix("minh-hoa:")):
                row[column] -= lost[part]
            elif row[0].endswith("MH01") and code == "8.2.1":
                row[column] = 7.2
    # Ten units with 49 components, eleven with 8 of the survey.
    upload(page, tables, values=578, reason="Biên bản thẩm định số 8.")
    for name, _, _ in OTHERS.values():
        page = desks.at("thamdinh", f"{year}appraisal/")
        follow(page, name)
        press(page, "Hoàn thành thẩm định", "Đã hoàn thành thẩm định.")


def reply(desks: Desks, year: str, sheet: str) -> None:
    """The unit replies to one of the two components, with a document; its lead sends the reply."""
    move(desks.at("congbo", year), "Mở giải trình")
    page = desks.at("nhaplieu")
    follow(page, "Giải trình Thành phố Minh Giang 2026")
    card = page.locator("section.card", has_text="1.1.2")
    expect(card).to_contain_text("Hai nhiệm vụ chưa có văn bản xác nhận.")
    card.locator("textarea").fill("Hai văn bản xác nhận gửi kèm.")
    press(page, "Lưu giải trình", "Đã lưu 1 dòng.")
    page.locator("section.card", has_text="1.1.2").get_by_role("link", name="thêm tài liệu").click()
    page.wait_for_url("**/evidence/*/")
    files = page.locator("form").filter(has=page.locator("[name=file]"))
    fill(files, {"title": "Văn bản xác nhận", "number": "12/XN-VP", "dated_on": TODAY})
    files.locator("[name=file]").set_input_files(
        {"name": "xn.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    press(page, "Thêm", "Đã thêm tài liệu kiểm chứng.")
    press(desks.at("lanhdao", f"{sheet}reply/"), "Lưu và gửi giải trình", "Đã gửi giải trình.")


def second_round(desks: Desks, year: str, sheet: str) -> None:
    """The appraiser reads reply and document, and gives one of the two components back."""
    move(desks.at("congbo", year), "Bắt đầu thẩm định lần 2")
    page = desks.at("thamdinh", f"{sheet}appraisal/")
    expect(row_of(page, "1.1.2")).to_contain_text("Hai văn bản xác nhận gửi kèm.")
    assert download(page, "Văn bản xác nhận") == PDF
    judge(page, "1.1.2", "1,8", "")
    press(page, "Hoàn thành thẩm định", "Đã hoàn thành thẩm định.")


def council(desks: Desks, year: str, sheet: str) -> None:
    """The council meets; two of three members agree, one of them in writing."""
    page = desks.at("congbo", year)
    move(page, "Trình hội đồng thẩm định")
    follow(page, "Hội đồng")
    follow(page, "Ghi phiên họp")
    fill(page, {"held_on": TODAY, "minutes_number": "05/BB-HĐTĐ", "conclusion": "Thông qua."})
    votes = (
        ("Chủ tịch UBND tỉnh", "có mặt", "tán thành"),
        ("Giám đốc Sở Nội vụ", "bằng văn bản", "tán thành"),
        ("Chánh Văn phòng UBND tỉnh", "có mặt", "không tán thành"),
    )
    for number, vote in enumerate(votes):
        names = (f"votes-{number}-{field}" for field in ("member", "mode", "vote"))
        fill(page, dict(zip(names, vote, strict=True)))
    press(page, "Lưu phiên họp", "Đã lưu phiên họp.")
    expect(page.locator("main")).to_contain_text("Quyết nghị hợp lệ: 2/3 thành viên tán thành")


def decide(desks: Desks, year: str, sheet: str) -> None:
    move(desks.at("congbo", year), "Chốt kết quả")


def publish(desks: Desks, year: str) -> None:
    """The publisher looks at the checklist and at the result, and publishes it under the decision's number."""
    page = desks.at("congbo", year)
    follow(page, "Kiểm tra")
    expect(page.locator("main")).to_contain_text("Đủ 12 phiếu đã chốt.")
    expect(page.locator("main")).to_contain_text("1/12 đơn vị không nộp báo cáo")
    follow(page, "Đến trang công bố")
    expect(page.locator(".preview tr", has_text="Thành phố Minh Giang")).to_contain_text("96,70")
    fill(page, {"decision_number": "27/QĐ-UBND", "decided_on": TODAY})
    page.get_by_label("Tôi đã xem các mục còn cảnh báo và vẫn công bố").check()
    press(page, "Công bố", "Đã công bố.")


def correct_cell(desks: Desks, year: str) -> None:
    """A published cell is put right; that alone changes nothing that is published."""
    page = desks.at("congbo", year)
    follow(page, "Đính chính")
    cell = {
        "sheet": "Thành phố Minh Giang",
        "criterion": SIPAS,
        "value": "7,6",
        "reason": "Sót một đợt điều tra.",
    }
    fill(page, {f"cell-{name}": value for name, value in cell.items()})
    press(page, "Sửa ô này", "bản công bố chỉ thay đổi khi công bố bản đính chính")


def publish_correction(desks: Desks, year: str) -> None:
    """The correction is published under a document of its own."""
    page = desks.at("congbo", f"{year}correct/")
    expect(page.locator("tr", has_text="8.2.1").first).to_contain_text("7,2 7,6 Sót một đợt điều tra.")
    expect(page.locator(".preview tr", has_text="Thành phố Minh Giang")).to_contain_text("trước: 96,70")
    document = {"decision_number": "31/QĐ-UBND", "decided_on": TODAY}
    fill(page, {**document, "reason": "Tính sót một đợt điều tra."})
    press(page, "Công bố bản đính chính", "Đã công bố bản đính chính.")


UNTIL_THE_RESULT = (
    *(upload_the_rest, hand_in, send_back_and_mend, hand_in_for_others, close_entry),
    *(appraise, appraise_others, reply, second_round, council, decide),
)
