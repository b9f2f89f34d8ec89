"""Forms of one's own account, in Vietnamese; what they say never tells whether an account exists."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_credentials
from django import forms
from django.conf import settings
from django.contrib.auth import forms as auth_forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from . import guessing
from .models import User
from .visitors import client_address

RESET_PAUSE = 5 * 60
# What a thread is called that sends one.
LETTER = "reset-letter"


class LoginForm(auth_forms.AuthenticationForm):
    error_messages = {
        "invalid_login": _("Tên đăng nhập hoặc mật khẩu không đúng. Chữ hoa và chữ thường khác nhau."),
        "inactive": _("Tên đăng nhập hoặc mật khẩu không đúng. Chữ hoa và chữ thường khác nhau."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Tên đăng nhập")
        self.fields["password"].label = _("Mật khẩu")

    def clean(self) -> dict[str, Any]:
        assert self.request is not None
        username, address = self.cleaned_data.get("username", ""), client_address(self.request)
        if guessing.is_guessed(username, address):
            raise ValidationError(
                _("Tài khoản này đang bị thử mật khẩu quá nhiều lần. Hãy thử lại sau một giờ.")
            )
        # What django-axes refuses is not tried: whoever is locked out here locks out nobody elsewhere.
        is_tried = AxesProxyHandler.is_allowed(self.request, get_credentials(username=username))
        try:
            return super().clean()
        except ValidationError:
            if is_tried:
                guessing.note(username)
            raise


class NewPasswordForm(auth_forms.SetPasswordForm):
    error_messages = {"password_mismatch": _("Hai lần nhập mật khẩu mới không giống nhau.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_new_passwords(self.fields)


class PasswordChangeForm(auth_forms.PasswordChangeForm):
    error_messages = {
        "password_mismatch": _("Hai lần nhập mật khẩu mới không giống nhau."),
        "password_incorrect": _("Mật khẩu hiện tại không đúng."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("Mật khẩu hiện tại")
        _name_new_passwords(self.fields)


class CurrentPasswordForm(forms.Form):
    """The password once more, before something that a stolen session must not do."""

    password = forms.CharField(
        label=_("Mật khẩu hiện tại"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(_("Mật khẩu hiện tại không đúng."))
        return password


class PasswordResetForm(auth_forms.PasswordResetForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Thư điện tử công vụ")

    def save(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Send the letter with the public's address of the site: the request's own is what its sender says."""
        if settings.PUBLIC_URL:
            address = urlsplit(settings.PUBLIC_URL)
            kwargs |= {"domain_override": address.netloc, "use_https": address.scheme == "https"}
        super().save(**kwargs)

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Let the letter go out aside: how long the answer takes must not tell whether somebody has the address."""
        threading.Thread(target=super().send_mail, args=args, kwargs=kwargs, name=LETTER).start()

    def get_users(self, email: str) -> Iterable[User]:
        """Nobody where a letter went to this address a moment ago: the form must not fill a mailbox."""
        digest = sha256(email.strip().lower().encode()).hexdigest()
        return super().get_users(email) if cache.add(f"password-reset-{digest}", 1, RESET_PAUSE) else ()


class CodeForm(forms.Form):
    """Six digits from the application on the phone; each code once, wrong ones with growing pauses."""

    code = forms.CharField(
        label=_("Mã 6 chữ số"),
        max_length=7,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "size": 8}
        ),
    )

    def __init__(self, *args: Any, device: TOTPDevice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.device = device

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].replace(" ", "")
        is_allowed, _pause = self.device.verify_is_allowed()
        if not is_allowed:
            raise ValidationError(_("Đã nhập sai nhiều lần. Hãy chờ một lát rồi nhập mã mới."))
        if not self.device.verify_token(code):
            raise ValidationError(_("Mã không đúng hoặc đã dùng. Hãy nhập mã đang hiện trên điện thoại."))
        return code


def _name_new_passwords(fields: dict[str, forms.Field]) -> None:
    fields["new_password1"].label = _("Mật khẩu mới")
    fields["new_password2"].label = _("Nhập lại mật khẩu mới")
    fields["new_password2"].help_text = ""
