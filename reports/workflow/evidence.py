"""Evidence comes and goes: it joins a component, is marked when it is taken off; nothing is erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from districts import audit
from districts.audit import Act
from reports.models import Criterion, Evidence, Judgement, Score, ScoreSheet

from .context import WorkflowError, context_of
from .entering import evidence_refusal
from .evidence_files import examine, keep

NEEDS_TITLE = "Hãy ghi tên văn bản."
FILE_OR_LINK = "Hãy chọn một tệp hoặc ghi một đường dẫn (không cả hai)."
BAD_LINK = (
    "Đường dẫn phải bắt đầu bằng http:// hoặc https://; hãy chép cả địa chỉ từ thanh địa chỉ của trình duyệt."
)
REPEATED = "Tài liệu này đã có ở chính tiêu chí này."
GONE = "Tài liệu này đã được gỡ."
ALREADY_HANDED_IN = (
    "Tài liệu của phần tự chấm đã nộp nên không gỡ được; hãy bổ sung tài liệu mới khi giải trình."
)
SELF_SCORE_IS_OPEN = (ScoreSheet.Status.OPEN, ScoreSheet.Status.RETURNED)
# By the sheet, not by the year: a sheet let in again replies, or is handed in, later than the others.
IS_APPRAISED = (ScoreSheet.Status.APPRAISED, ScoreSheet.Status.REPLIED)


@dataclass(frozen=True)
class Document:
    """What a person says of a piece of evidence; exactly one of `file`, `url` and `held`.

    A file without a title is called by its name. `held` is what another component of the sheet has, as it stands there.
    """

    title: str = ""
    number: str = ""
    dated_on: dt.date | None = None
    url: str = ""
    file: UploadedFile | None = None
    held: Evidence | None = None


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
    if document.held is not None:
        _take_over(evidence, document.held)
    content = examine(evidence, document.file) if document.file is not None else None
    evidence.title = evidence.title or evidence.file_name.rpartition(".")[0]
    elsewhere = _same(evidence, sheet)
    if any(one.score_id == score.pk for one in elsewhere):
        raise WorkflowError(REPEATED)
    if content is not None:
        keep(evidence, content)
    evidence.save()
    codes = list(dict.fromkeys(one.score.criterion.code for one in elsewhere))
    _record(evidence, sheet, None, _described(evidence, codes), act)
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
    if [bool(document.url), document.file is not None, document.held is not None].count(True) != 1:
        raise WorkflowError(FILE_OR_LINK)
    if document.url and not document.title:
        raise WorkflowError({"title": NEEDS_TITLE})
    if document.url and not _is_web_address(document.url):
        raise WorkflowError({"url": BAD_LINK})


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _take_over(evidence: Evidence, held: Evidence) -> None:
    """Let a piece of evidence be what another component of its sheet has: the same file, stored once."""
    found = Evidence.objects.filter(pk=held.pk, score__sheet=evidence.score.sheet_id, removed_at=None).first()
    if found is None:
        raise WorkflowError(GONE)
    for name in ("title", "number", "dated_on", "url", "file", "file_name", "content_type", "size", "sha256"):
        setattr(evidence, name, getattr(found, name))


def _same(evidence: Evidence, sheet: ScoreSheet) -> list[Evidence]:
    """Return where the sheet has the same file, or the same link under the same title, now."""
    what = {"sha256": evidence.sha256} if evidence.sha256 else {"url": evidence.url, "title": evidence.title}
    found = Evidence.objects.filter(score__sheet=sheet, removed_at=None, **what)
    return list(found.select_related("score__criterion").order_by("score__criterion__order"))


def _described(evidence: Evidence, elsewhere: Sequence[str] = ()) -> str:
    what = evidence.url or f"{evidence.file_name} (SHA-256 {evidence.sha256})"
    also = f"dùng chung với tiêu chí {', '.join(elsewhere)}" if elsewhere else ""
    return " · ".join(part for part in (evidence.title, evidence.number, what, also) if part)


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
