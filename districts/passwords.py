"""Which passwords are refused? Mostly by Django's own rules, said in Vietnamese."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import password_validation as rules
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class LongEnough(rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("Mật khẩu quá ngắn: cần ít nhất %(count)d ký tự.") % {"count": self.min_length}

    def get_help_text(self) -> str:
        return _("Ít nhất %(count)d ký tự; một câu dễ nhớ tốt hơn một từ khó nhớ.") % {
            "count": self.min_length
        }


class NotTooLong:
    """OWASP ASVS 4.0.3, 2.1.2: 64 characters and more, and no more than 128."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(
                _("Mật khẩu quá dài: nhiều nhất %(count)d ký tự.") % {"count": self.max_length}
            )

    def get_help_text(self) -> str:
        return _("Nhiều nhất %(count)d ký tự.") % {"count": self.max_length}


class NotLikeThePerson(rules.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return _("Mật khẩu quá giống tên đăng nhập, họ tên hoặc thư điện tử của bạn.")

    def get_help_text(self) -> str:
        return _("Không giống tên đăng nhập, họ tên hoặc thư điện tử.")


class NotCommon(rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("Mật khẩu này có trong danh sách mật khẩu hay bị dùng.")

    def get_help_text(self) -> str:
        return _("Không phải mật khẩu thông dụng.")


class NotOnlyDigits(rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return _("Mật khẩu không được chỉ gồm chữ số.")

    def get_help_text(self) -> str:
        return _("Không chỉ gồm chữ số.")


def is_common(password: str) -> bool:
    """Return whether a password is in Django's list of the twenty thousand that are used most."""
    try:
        NotCommon().validate(password)
    except ValidationError:
        return True
    return False
