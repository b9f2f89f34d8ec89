"""The packaged templates of Word reports: written once, replaceable, their tags filled in by docxtpl."""

from __future__ import annotations

from reports.letters.paper import SMALL, Column, Paper


def unit_form() -> bytes:
    """Return the template of a unit's report."""
    form = Paper()
    form.heading()
    form.title("Kết quả cải cách hành chính năm {{ year }} của {{ unit_name }}")
    form.section("Kết quả Chỉ số cải cách hành chính")
    form.when("index_paragraph", lambda: form.text("{{ index_paragraph }}"))
    form.when("decision", lambda: form.text("Theo bản công bố: {{ decision }}."))
    form.when("grade", lambda: form.text("Xếp loại: {{ grade }}."))
    form.unless("index_paragraph", lambda: form.text("Năm {{ year }} chưa có kết quả Chỉ số của đơn vị."))
    form.when(
        "results",
        lambda: form.table(
            "Tổng điểm và các phần điểm",
            "results",
            [
                Column("Nội dung", "{{ row.title }}", 54, is_number=False),
                Column("Điểm", "{{ row.points }}", 26),
                Column("Tối đa", "{{ row.maximum }}", 18),
                Column("Thứ hạng", "{{ row.rank }}", 22),
                Column("Tăng, giảm điểm", "{{ row.change }}", 25),
                Column("Tăng, giảm bậc", "{{ row.places }}", 20),
            ],
        ),
    )
    form.when(
        "areas",
        lambda: form.table(
            "Điểm theo lĩnh vực",
            "areas",
            [
                Column("Lĩnh vực", "{{ row.code }}. {{ row.title }}", 59, is_number=False),
                Column("Điểm", "{{ row.points }}", 16),
                Column("Tối đa", "{{ row.maximum }}", 14),
                Column("Đạt", "{{ row.percent }}", 18),
                Column("Thứ hạng", "{{ row.rank }}", 18),
                Column("Trung bình", "{{ row.mean }}", 21),
                Column("Cao nhất", "{{ row.best }}", 19),
            ],
        ),
    )
    form.when(
        "losses",
        lambda: form.table(
            "Tiêu chí thành phần mất nhiều điểm nhất",
            "losses",
            [
                Column("Tiêu chí thành phần", "{{ row.code }} {{ row.title }}", 111, is_number=False),
                Column("Điểm", "{{ row.points }}", 18),
                Column("Tối đa", "{{ row.maximum }}", 18),
                Column("Bị mất", "{{ row.lost }}", 18),
            ],
        ),
    )
    form.when(
        "history",
        lambda: form.table(
            "Qua các năm",
            "history",
            [
                Column("Năm", "{{ row.year }}", 30),
                Column("Tổng điểm", "{{ row.total }}", 55),
                Column("Thứ hạng", "{{ row.rank }}", 40),
                Column("Xếp loại", "{{ row.grade }}", 40),
            ],
        ),
    )
    form.when("dossiers", lambda: _dossiers(form))
    form.when("satisfaction", lambda: _figures(form, "Mức độ hài lòng", "satisfaction"))
    form.when("indicators", lambda: _figures(form, "Các chỉ tiêu khác", "indicators"))
    form.when("initiatives or activities", lambda: _practices(form))
    form.sources()
    form.signature()
    return form.file()


def year_form() -> bytes:
    """Return the template of a year's report, the ranking in its appendix."""
    form = Paper()
    form.heading()
    form.title("Kết quả Chỉ số cải cách hành chính năm {{ year }}, nhóm {{ group }}, {{ organiser }}")
    form.section("Kết quả chung")
    form.text("{{ result_paragraph }}")
    form.each("publication", lambda: form.text("{{ item }}"))
    form.text("Bảng xếp hạng đầy đủ ở Phụ lục kèm theo.")
    form.section("Cách tính và xếp hạng")
    form.each("rules", lambda: form.text("{{ item }}"))
    form.sources()
    form.signature()
    form.appendix("Bảng xếp hạng Chỉ số cải cách hành chính năm {{ year }}, nhóm {{ group }}")
    form.table(
        "",
        "ranks",
        [
            Column("Hạng", "{{ row.rank }}", 11),
            Column("Đơn vị", "{{ row.unit }}", 38, is_number=False),
            Column("Tổng điểm", "{{ row.total }}", 16),
            Column("Thẩm định", "{{ row.appraised }}", 17),
            Column("Điều tra XHH", "{{ row.survey }}", 17),
            Column("± điểm", "{{ row.change }}", 14),
            Column("± bậc", "{{ row.places }}", 12),
            Column("Xếp loại", "{{ row.grade }}", 17),
            Column("Ghi chú", "{{ row.note }}", 23, is_number=False),
        ],
        size=SMALL,
    )
    form.each("notes", lambda: form.note("Lưu ý khi so sánh: {{ item }}."))
    form.note("± điểm, ± bậc: tăng, giảm so với năm trước; dấu gạch ngang: không có số liệu.")
    return form.file()


def _dossiers(form: Paper) -> None:
    form.section("Giải quyết hồ sơ thủ tục hành chính")
    form.line("{%p for item in dossiers %}")
    form.table(
        "{{ item.scope }}, {{ item.period }}",
        "item.rows",
        [
            Column("Nội dung", "{% if row.is_part %}– {% endif %}{{ row.label }}", 105, is_number=False),
            Column("Số hồ sơ, tỷ lệ", "{{ row.value }}", 60),
        ],
    )
    form.line("{%p for gap in item.findings %}")
    form.text("{{ gap }}")
    form.line("{%p endfor %}")
    form.line("{%p endfor %}")


def _figures(form: Paper, title: str, name: str) -> None:
    form.section(title)
    form.table(
        "",
        name,
        [
            Column("Nội dung", "{{ row.title }}", 60, is_number=False),
            Column("Phạm vi", "{{ row.scope }}", 35, is_number=False),
            Column("Kỳ", "{{ row.period }}", 24, is_number=False),
            Column("Kết quả", "{{ row.value }}", 46, is_number=False),
        ],
    )


def _practices(form: Paper) -> None:
    form.section("Sáng kiến và hoạt động")
    form.each("initiatives", lambda: form.text("- {{ item }}"))
    form.each("activities", lambda: form.text("- {{ item }}"))
