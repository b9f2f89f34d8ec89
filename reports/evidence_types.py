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
NOT_ALLOWED = f"Không nhận loại tệp này; chỉ nhận {ALLOWED}. Loại tệp được xét theo nội dung, không theo tên."
WITH_MACROS = "Tệp có macro; hãy lưu lại không kèm macro hoặc xuất ra PDF."
EMPTY = "Tệp rỗng."


class NotEvidence(ValueError):
    """The file is not of a kind that is kept; the message says why, in Vietnamese."""


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
    raise NotEvidence(NOT_ALLOWED)


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
    raise NotEvidence(NOT_ALLOWED)
