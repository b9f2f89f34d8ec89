"""One-stop desks that people may judge: set up, renamed, closed and opened again."""

from __future__ import annotations

import secrets

from django.db import transaction

from districts import access, audit
from districts.audit import Act
from reports.models import Desk

FIELDS = ("name", "levels", "asks_factors", "asks_comment", "is_active")
# Read from paper and typed on a phone: no capitals, nothing that looks like something else.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH = 8
NOT_YOURS = "Chỉ lãnh đạo đơn vị và người quản trị của cơ quan tổ chức đánh giá được lập, sửa quầy."


@transaction.atomic
def save_desk(desk: Desk, act: Act) -> Desk:
    """Store a new desk under a code of its own, or what was changed of one; the code in print never changes.

    Answers keep the scale of their day, so a desk may change its own. Raises Denied, ValidationError.
    """
    if act.actor is not None:
        access.require(access.can_manage_desks(act.actor, desk.unit), NOT_YOURS)
    before = Desk.objects.select_for_update(of=("self",)).filter(pk=desk.pk).first()
    if before is None:
        desk.code = new_code()
        organiser = access.organiser_above(desk.unit)
        desk.is_sample = organiser is not None and organiser.is_sample
    desk.full_clean()
    desk.save(update_fields=None if before is None else FIELDS)
    audit.record([_entry(desk, name, before) for name in FIELDS], act)
    return desk


def new_code() -> str:
    """Return a code that cannot be guessed from another desk's."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def _entry(desk: Desk, name: str, before: Desk | None) -> audit.Entry:
    return audit.Entry(
        model="reports.desk",
        object_id=desk.pk,
        label=desk.name,
        field=name,
        before=None if before is None else str(getattr(before, name)),
        after=str(getattr(desk, name)),
        unit_id=desk.unit_id,
    )
