"""Evidence comes and goes: a file or a link joins a component, is marked when it is taken off; nothing is erased."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from districts import audit
from districts.audit import Act
from reports.evidence_types import NotEvidence, file_type
from reports.models import Criterion, Evidence, Judgement, Score, ScoreSheet

from .context import WorkflowError, context_of
from .entering import evidence_refusal

NEEDS_TITLE = "Hãy ghi tên văn bản."
FILE_OR_LINK = "Hãy chọn một tệp hoặc ghi một đường dẫn (không cả hai)."
BAD_LINK = "Đường dẫn phải bắt đầu bằng http:// hoặc https://."
GONE = "Tài liệu này đã được gỡ."
ALREADY_HANDED_IN = (
    "Tài liệu của phần tự chấm đã nộp nên không gỡ được; hãy bổ sung tài liệu mới khi giải trình."
)
SELF_SCORE_IS_OPEN = (ScoreSheet.Status.OPEN, ScoreSheet.Status.RETURNED)
# By the sheet, not by the year: a sheet let in again replies, or is handed in, later than the others.
IS_APPRAISED = (ScoreSheet.Status.APPRAISED, ScoreSheet.Status.REPLIED)
SHEET_IS_FULL = "Tài liệu của phiếu này đã gần đủ {} MB cho phép; hãy dẫn đường dẫn, hoặc hỏi người quản trị."
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Document:
    """What a person says of a piece of evidence; exactly one of `file` and `url`."""

    title: str
    number: str = ""
    dated_on: dt.date | None = None
    url: str = ""
    file: UploadedFile | None = None


@transaction.atomic
def attach(sheet: ScoreSheet, criterion: Criterion, document: Document, act: Act) -> Evidence:
    """Add evidence to a component of a sheet. Raises WorkflowError, Denied.

    The file's kind comes from its content, its stored name from chance; its SHA-256 is kept beside it.
    """
    sheet = (
        ScoreSheet.objects.select_for_update(of=("self",)).select_related("assessment_year").get(pk=sheet.pk)
    )
    _refuse_if_closed(sheet, criterion, act)
    _check(document)
    score, _ = Score.objects.get_or_create(sheet=sheet, criterion=criterion)
    evidence = Evidence(
        score=score,
        stage=Judgement.Stage.REPLY if sheet.status in IS_APPRAISED else Judgement.Stage.SELF,
        title=document.title,
        number=document.number,
        dated_on=document.dated_on,
        url=document.url,
        by=act.actor,
    )
    if document.file is not None:
        _store(evidence, document.file)
    evidence.save()
    _record(evidence, sheet, None, _described(evidence), act)
    return evidence


@transaction.atomic
def remove(evidence: Evidence, act: Act) -> None:
    """Take evidence off its component: marked, not erased. Raises WorkflowError, Denied."""
    score = evidence.score
    # Locked, so that nothing is taken away from under a sheet that is being handed in.
    sheets = ScoreSheet.objects.select_for_update(of=("self",)).select_related("assessment_year")
    sheet = sheets.get(pk=score.sheet_id)
    _refuse_if_closed(sheet, score.criterion, act)
    if evidence.stage == Judgement.Stage.SELF and sheet.status not in SELF_SCORE_IS_OPEN:
        raise WorkflowError(ALREADY_HANDED_IN)
    locked = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    if locked.removed_at is not None:
        raise WorkflowError(GONE)
    locked.removed_at = timezone.now()
    locked.save(update_fields=["removed_at"])
    _record(evidence, sheet, _described(evidence), None, act)


def _refuse_if_closed(sheet: ScoreSheet, criterion: Criterion, act: Act) -> None:
    # Without a person it is a command, which may what the shell may.
    refusal = evidence_refusal(act.actor, sheet, criterion) if act.actor is not None else None
    if refusal is not None:
        raise WorkflowError(refusal)


def _check(document: Document) -> None:
    if not document.title:
        raise WorkflowError({"title": NEEDS_TITLE})
    if bool(document.url) == (document.file is not None):
        raise WorkflowError(FILE_OR_LINK)
    if document.url and not _is_web_address(document.url):
        raise WorkflowError({"url": BAD_LINK})


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _store(evidence: Evidence, upload: UploadedFile) -> None:
    limit: int = settings.EVIDENCE_MAX_BYTES
    if upload.size is None or upload.size > limit:
        raise WorkflowError({"file": f"Tệp lớn hơn {limit // MEGABYTE} MB."})
    most: int = settings.SHEET_EVIDENCE_MAX_BYTES
    # What was taken off is kept, so it counts.
    files = Evidence.objects.filter(score__sheet=evidence.score.sheet_id)
    if (files.aggregate(bytes=Sum("size"))["bytes"] or 0) + upload.size > most:
        raise WorkflowError({"file": SHEET_IS_FULL.format(most // MEGABYTE)})
    content = upload.read()
    try:
        kind = file_type(content)
    except NotEvidence as error:
        raise WorkflowError({"file": str(error)}) from error
    evidence.file_name = _display_name(upload.name or "", kind.extension)
    evidence.content_type = kind.content_type
    evidence.size = len(content)
    evidence.sha256 = hashlib.sha256(content).hexdigest()
    evidence.file.save(f"{secrets.token_hex(16)}.{kind.extension}", ContentFile(content), save=False)


def _display_name(name: str, extension: str) -> str:
    """Return the uploader's name of a file, safe in a header, with the extension of what it is."""
    stem = "".join(sign for sign in name.rpartition("/")[2].rpartition("\\")[2] if sign.isprintable())
    stem = unicodedata.normalize("NFC", stem.rpartition(".")[0] or stem)[:150].strip(" .") or "tai-lieu"
    return f"{stem}.{extension}"


def _described(evidence: Evidence) -> str:
    what = evidence.url or f"{evidence.file_name} (SHA-256 {evidence.sha256})"
    return " · ".join(part for part in (evidence.title, evidence.number, what) if part)


def _record(evidence: Evidence, sheet: ScoreSheet, before: str | None, after: str | None, act: Act) -> None:
    criterion = evidence.score.criterion
    entry = audit.Entry(
        model="reports.evidence",
        object_id=evidence.pk,
        label=str(criterion),
        field="evidence",
        before=before,
        after=after,
        unit_id=sheet.unit_id,
        context=context_of(sheet.assessment_year),
    )
    audit.record([entry], act)
