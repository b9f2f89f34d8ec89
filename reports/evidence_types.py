"""What is in a file of evidence? Told from its content, never from its name. Pure."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

_SIGNATURES = (
    (b"%PDF-", "pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_DOCUMENTS = (
    ("word/document.xml", "docx", f"{_OFFICE}wordprocessingml.document"),
    ("xl/workbook.xml", "xlsx", f"{_OFFICE}spreadsheetml.sheet"),
)
ALLOWED = "PDF, Word (.docx), Excel (.xlsx), ảnh JPG hoặc PNG"
NOT_ALLOWED = (
    f"Không nhận loại tệp này; chỉ nhận {ALLOWED}. Loại tệp được xét theo nội dung, không theo tên. "
    "Hãy mở tệp bằng chương trình đã tạo ra nó rồi xuất ra PDF."
)
OLD_OFFICE = (
    "Tệp Word, Excel kiểu cũ (.doc, .xls) hoặc có mật khẩu. Hãy mở bằng Word hoặc Excel, bỏ mật khẩu nếu có, "
    "chọn “Lưu thành” (Save As) .docx, .xlsx hoặc PDF rồi tải lên lại."
)
ARCHIVE = "Tệp nén. Hãy giải nén rồi chọn các tệp bên trong; chọn được nhiều tệp một lần."
PHONE_PICTURE = (
    "Ảnh HEIC của điện thoại. Hãy lưu hoặc gửi ảnh ở dạng JPG, hoặc quét văn bản thành PDF rồi tải lên lại."
)
SLIDES = "Tệp trình chiếu hoặc tệp LibreOffice. Hãy mở tệp và xuất ra PDF rồi tải lên lại."
WITH_MACROS = "Tệp có macro; hãy lưu lại không kèm macro hoặc xuất ra PDF."
EMPTY = "Tệp rỗng; hãy kiểm tra lại tệp trên máy rồi chọn lại."
# What people send most often instead, and what they can do about it.
_REMEDIES = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
    (b"Rar!\x1a\x07", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
)
_HEIF = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1")


class NotEvidence(ValueError):
    """The file is not of a kind that is kept; the message says why and what to do, in Vietnamese."""


@dataclass(frozen=True)
class FileType:
    extension: str
    content_type: str


def file_type(content: bytes) -> FileType:
    """Return what the content is. Raises NotEvidence for anything but PDF, DOCX, XLSX, JPG and PNG."""
    if not content:
        raise NotEvidence(EMPTY)
    for signature, extension, content_type in _SIGNATURES:
        if content.startswith(signature):
            return FileType(extension, content_type)
    if content.startswith(b"PK\x03\x04"):
        return _document(content)
    for signature, remedy in _REMEDIES:
        if content.startswith(signature):
            raise NotEvidence(remedy)
    raise NotEvidence(PHONE_PICTURE if content[4:12] in _HEIF else NOT_ALLOWED)


def _document(content: bytes) -> FileType:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError) as error:
        raise NotEvidence(NOT_ALLOWED) from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise NotEvidence(WITH_MACROS)
    for part, extension, content_type in _DOCUMENTS:
        if part in names and "[Content_Types].xml" in names:
            return FileType(extension, content_type)
    is_other_document = not names.isdisjoint({"ppt/presentation.xml", "mimetype"})
    raise NotEvidence(SLIDES if is_other_document else ARCHIVE)
