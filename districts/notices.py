"""Letters that tell a person what changed in the way they log in, whoever changed it."""

from __future__ import annotations

import logging

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import User

logger = logging.getLogger(__name__)


def tell(user: User, what: str, *, address: str | None = None) -> None:
    """Send a letter with a whole sentence, to the person's address or to one that was theirs before.

    What was changed stays changed where mail does not go: the log says so, without the address.
    """
    to = user.email if address is None else address
    if not to:
        return
    context = {"user": user, "what": what, "at": timezone.localtime()}
    subject = _("Tài khoản hệ thống Chỉ số cải cách hành chính: có thay đổi về đăng nhập")
    try:
        send_mail(subject, render_to_string("office/account_notice_email.txt", context), None, [to])
    except OSError as error:
        logger.warning("a notice could not be sent: %s", type(error).__name__)
