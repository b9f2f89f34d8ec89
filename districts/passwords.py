"""Which passwords are refused? Django's own rules, said in Vietnamese."""

from __future__ import annotations

from django.contrib.auth import password_validation as rules
from django.utils.translation import gettext as _


class LongEnough(rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("Mật khẩu quá ngắn: cần ít nhất %(count)d ký tự.") % {"count": self.min_length}

    def get_help_text(self) -> str:
        return _("Ít nhất %(count)d ký tự; một câu dễ nhớ tốt hơn một từ khó nhớ.") % {
            "count": self.min_length
        }


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
