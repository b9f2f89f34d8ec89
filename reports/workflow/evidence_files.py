"""A file of evidence on the disk: checked, named by chance, stored once a sheet whatever it proves."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Sum

from reports.evidence_types import NotEvidence, file_type
from reports.models import Evidence

from .context import WorkflowError

MEGABYTE = 1 << 20
TOO_LARGE = (
    "Tệp lớn hơn {} MB. Hãy quét lại ở 150–200 dpi, nén PDF hoặc chia thành nhiều tệp; "
    "hoặc ghi đường dẫn đến văn bản."
)
SHEET_IS_FULL = "Tài liệu của phiếu này đã gần đủ {} MB cho phép; hãy dẫn đường dẫn, hoặc hỏi người quản trị."


def examine(evidence: Evidence, upload: UploadedFile) -> bytes:
    """Check an upload and note what it is; return its content, which `keep` stores. Raises WorkflowError."""
    limit: int = settings.EVIDENCE_MAX_BYTES
    if upload.size is None or upload.size > limit:
        raise _refused(TOO_LARGE.format(limit // MEGABYTE))
    content = upload.read()
    try:
        kind = file_type(content)
    except NotEvidence as error:
        raise _refused(str(error)) from error
    evidence.file_name = _display_name(upload.name or "", kind.extension)
    evidence.content_type = kind.content_type
    evidence.size = len(content)
    evidence.sha256 = hashlib.sha256(content).hexdigest()
    return content


def keep(evidence: Evidence, content: bytes) -> None:
    """Store what was examined, unless its sheet, which is locked, has it on the disk. Raises WorkflowError."""
    if (known := _stored(evidence)) is not None:
        evidence.file = known.file
        return
    _refuse_if_full(evidence)
    extension = evidence.file_name.rpartition(".")[2]
    evidence.file.save(f"{secrets.token_hex(16)}.{extension}", ContentFile(content), save=False)


def _display_name(name: str, extension: str) -> str:
    """Return the uploader's name of a file, safe in a header, with the extension of what it is."""
    stem = "".join(sign for sign in name.rpartition("/")[2].rpartition("\\")[2] if sign.isprintable())
    stem = unicodedata.normalize("NFC", stem.rpartition(".")[0] or stem)[:150].strip(" .") or "tai-lieu"
    return f"{stem}.{extension}"


def _stored(evidence: Evidence) -> Evidence | None:
    """Return a piece of evidence of the same sheet with the same file, one that was taken off included."""
    same = Evidence.objects.filter(score__sheet=evidence.score.sheet_id, sha256=evidence.sha256)
    found = same.exclude(file="").first()
    # A file that the disk has lost comes back with the next upload.
    return found if found and found.file.storage.exists(found.file.name or "") else None


def _refuse_if_full(evidence: Evidence) -> None:
    most: int = settings.SHEET_EVIDENCE_MAX_BYTES
    # What was taken off is kept, so it counts; a file that proves several components counts once.
    files = Evidence.objects.filter(score__sheet=evidence.score.sheet_id).exclude(file="").order_by()
    used = files.values("file", "size").distinct().aggregate(bytes=Sum("size"))["bytes"] or 0
    if used + (evidence.size or 0) > most:
        raise _refused(SHEET_IS_FULL.format(most // MEGABYTE))


def _refused(message: str) -> WorkflowError:
    return WorkflowError({"file": message})
