"""People's answers at a desk: each form counts once; what was written beside it waits for a moderator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts import access, audit
from districts.audit import Act
from reports.models import Desk, Factor, Rating, RatingComment

from .context import WorkflowError

CLOSED = "Quầy này hiện không nhận đánh giá."
NOT_MODERATOR = "Chỉ người thẩm định và người quản trị của cơ quan tổ chức đánh giá được duyệt ý kiến."
NO_STATE = "Hãy chọn chuyển hoặc không chuyển ý kiến cho đơn vị."


@dataclass(frozen=True)
class Answer:
    """What a form says: the level on its scale, the factors that were judged, and words, if any."""

    level: int
    levels: int
    factors: Mapping[str, int] = field(default_factory=dict)
    comment: str = ""


@transaction.atomic
def rate(desk: Desk, answer: Answer, form_hash: str) -> bool:
    """Count an answer; return False where this very form was counted before, also at the same moment.

    Anybody may: nothing is known of who answers, so nothing goes into the log of changes. The row's unique hash,
    not a look beforehand, decides which of two equal posts counts. Raises WorkflowError, ValidationError.
    """
    if not desk.is_active:
        raise WorkflowError(CLOSED)
    row = Rating(
        desk=desk,
        level=answer.level,
        levels=answer.levels,
        factors=_judged(answer),
        on=timezone.localdate(),
        form_hash=form_hash,
    )
    row.clean_fields(exclude=["desk"])
    row.validate_constraints(exclude=["form_hash"])
    defaults = {name: getattr(row, name) for name in ("desk", "level", "levels", "factors", "on")}
    counted, is_new = Rating.objects.get_or_create(form_hash=form_hash, defaults=defaults)
    if is_new and answer.comment:
        RatingComment.objects.create(rating=counted, text=answer.comment)
    return is_new


@transaction.atomic
def moderate(comment: RatingComment, state: str, act: Act) -> None:
    """Let a comment through to the unit, or not; may be changed later. Raises Denied, WorkflowError."""
    comment = RatingComment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    unit = comment.rating.desk.unit
    if act.actor is not None:
        access.require(access.can_moderate(act.actor, unit), NOT_MODERATOR)
    if state not in (RatingComment.State.SHOWN, RatingComment.State.HIDDEN):
        raise WorkflowError(NO_STATE)
    before, comment.state = comment.state, state
    comment.moderated_by, comment.moderated_at = act.actor, timezone.now()
    comment.save(update_fields=["state", "moderated_by", "moderated_at"])
    entry = audit.Entry(
        model="reports.ratingcomment",
        object_id=comment.pk,
        # Never the text: the log is read by the unit too.
        label=f"Ý kiến số {comment.pk}",
        field="state",
        before=before,
        after=state,
        unit_id=unit.pk,
    )
    audit.record([entry], act)


def _judged(answer: Answer) -> dict[str, int]:
    known = {key: level for key, level in answer.factors.items() if key in Factor.values}
    if any(not 1 <= level <= answer.levels for level in known.values()):
        raise ValidationError({"factors": "Mức đánh giá nằm ngoài thang."})
    return known
