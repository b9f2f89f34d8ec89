"""Which of our files is this? One brought to the page of another kind is named, with the page it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from districts.names import fold
from reports.models import ImportBatch
from reports.readers import text_of
from reports.sheet_files import Table

from .findings import Finding
from .layout import HEADER_ROWS, identity

Kind = ImportBatch.Kind


@dataclass(frozen=True)
class Form:
    """A kind of file in words, the page that takes it, and heads that only its table has side by side."""

    name: str
    page: str
    heads: tuple[frozenset[str], ...]


def _heads(*rows: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(fold(head) for head in row.split("; ")) for row in rows)


FORMS: Mapping[str, Form] = {
    Kind.SCORES: Form(
        "phiếu chấm điểm",
        "“Nhập bằng bảng tính” của kỳ đánh giá",
        _heads("Mã tiêu chí; Điểm tự chấm", "Mã tiêu chí; Điểm thẩm định", "Mã tiêu chí; Giá trị 1"),
    ),
    Kind.DOSSIERS: Form(
        "biểu II.06", "“Hồ sơ thủ tục hành chính” của đơn vị", _heads("(1); (2); (3); (4); (5)")
    ),
    Kind.SATISFACTION: Form(
        "bảng mức độ hài lòng", "“Mức độ hài lòng” của đơn vị", _heads("Loại; Phạm vi; Từ ngày; Đến ngày")
    ),
    Kind.FIGURES: Form(
        "bảng chỉ tiêu, sáng kiến, hoạt động",
        "“Chỉ tiêu” của đơn vị",
        _heads("Mã chỉ tiêu; Phạm vi; Đến ngày"),
    ),
    Kind.SURVEY: Form(
        "bảng phiếu điều tra xã hội học",
        "đợt điều tra xã hội học của kỳ đánh giá",
        _heads("Mã đơn vị; Mã tiêu chí; Câu hỏi"),
    ),
    Kind.RESULTS: Form("bảng kết quả năm trước", "“Kết quả năm trước” của cơ quan tổ chức đánh giá", ()),
    Kind.TASKS: Form(
        "bảng nhiệm vụ",
        "kế hoạch hoặc “Điểm mất và khắc phục” của đơn vị",
        _heads("Mã việc; Nội dung", "Mã việc; Biện pháp"),
    ),
}


# A workbook of points says whose they are: one unit's, or those of a year.
SCORE_BOOKS: Mapping[str, str] = {"unit": Kind.SCORES, "year": Kind.SCORES}


def wrong_kind(tables: Sequence[Table], expected: str) -> Finding | None:
    """Return the error for a file that certainly is of another kind than the page takes; None for any other."""
    found = _kinds(tables)
    if not found or expected in found or expected not in FORMS:
        return None
    form, wanted = FORMS[min(found)], FORMS[expected]
    return Finding(f"Đây là {form.name}, không phải {wanted.name}; hãy nộp ở trang {form.page}.")


def _kinds(tables: Sequence[Table]) -> set[str]:
    """Return what a workbook of ours says it is, else all kinds whose heads it has."""
    said = identity(tables)
    if said:
        kind = said.get("kind", "")
        return {SCORE_BOOKS.get(kind, kind)} & FORMS.keys()
    rows = [_folded(row) for table in tables for row in table.rows[:HEADER_ROWS]]
    return {kind for kind, form in FORMS.items() if any(heads <= row for heads in form.heads for row in rows)}


def _folded(row: Iterable[object]) -> frozenset[str]:
    return frozenset(fold(text) for cell in row if (text := text_of(cell)))
