"""What makes one form of a desk count once: a short-lived signed number that belongs to the form, not to a person."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

from reports.models import Desk

SALT = "reports.desk"
# Long enough for somebody who scans, waits for a turn and answers afterwards.
VALID_FOR = dt.timedelta(hours=2)


class TokenExpired(ValueError):
    """The form was open for too long."""


class TokenForged(ValueError):
    """Not a token of this desk, or not ours at all."""


@dataclass(frozen=True)
class FormToken:
    """What a form was made with: its desk's levels at that moment, and the hash under which it counts."""

    levels: int
    form_hash: str


def new_token(desk: Desk) -> str:
    """Return a token for one form of a desk."""
    return _signer().sign(f"{desk.code}.{desk.levels}.{secrets.token_urlsafe(12)}")


def read_token(text: str, desk: Desk) -> FormToken:
    """Return what a form of this desk was made with. Raises TokenExpired, TokenForged."""
    try:
        code, levels, nonce = _signer().unsign(text, max_age=VALID_FOR).split(".")
    except SignatureExpired as error:
        raise TokenExpired from error
    except (BadSignature, ValueError) as error:
        raise TokenForged from error
    if code != desk.code:
        raise TokenForged
    # Without the key: a form sent before and after the key was changed is one. 96 bits by chance are not guessed.
    return FormToken(int(levels), hashlib.sha256(f"{SALT}:{nonce}".encode()).hexdigest())


def _signer() -> TimestampSigner:
    return TimestampSigner(salt=SALT)
