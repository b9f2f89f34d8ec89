"""Who is writing? The audit's act of a request."""

from __future__ import annotations

from django.http import HttpRequest

from districts.audit import Act
from districts.models import Change, User


def person(request: HttpRequest) -> User:
    """Return who is logged in, where `login_required` has seen to it that somebody is."""
    assert isinstance(request.user, User)
    return request.user


def act_of(request: HttpRequest, reason: str = "") -> Act:
    """Return who is writing through a form, for the audit."""
    return Act(actor=person(request), how=Change.How.FORM, reason=reason)
