"""People: who logs in, for whom they act, and what was changed by whom."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .units import Organiser, Unit


class User(AbstractUser):
    """A person who logs in. Ours from the first migration, so that it can grow."""

    # Somebody else knows the password, or everybody does: nothing else is done before it is changed.
    # In the database as well: the release before, which still serves while this one is brought in, knows no such field.
    must_change_password = models.BooleanField(_("phải đổi mật khẩu"), default=False, db_default=False)

    class Meta:
        verbose_name = _("người dùng")
        verbose_name_plural = _("người dùng")

    def get_full_name(self) -> str:
        """Family name first, as Vietnamese names are written."""
        return f"{self.last_name} {self.first_name}".strip()


class Role(models.TextChoices):
    VIEWER = "viewer", _("xem")
    REPORTER = "reporter", _("nhập liệu")
    LEAD = "lead", _("lãnh đạo đơn vị")
    APPRAISER = "appraiser", _("thẩm định")
    PUBLISHER = "publisher", _("quyết định, công bố")
    ADMINISTRATOR = "administrator", _("quản trị")


UNIT_ROLES = (Role.VIEWER, Role.REPORTER, Role.LEAD)
ORGANISER_ROLES = (Role.VIEWER, Role.APPRAISER, Role.PUBLISHER, Role.ADMINISTRATOR)


class Membership(models.Model):
    """A person's role at one unit or at one organiser; an organiser's people reach all units below it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("người dùng")
    )
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, blank=True, related_name="memberships")
    organiser = models.ForeignKey(
        Organiser, models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    role = models.CharField(_("vai trò"), max_length=13, choices=Role.choices)

    class Meta:
        verbose_name = _("vai trò của người dùng")
        verbose_name_plural = _("vai trò của người dùng")
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(organiser__isnull=True),
                name="districts_membership_unit_or_organiser",
                violation_error_message=_("Vai trò gắn với một đơn vị hoặc một cơ quan tổ chức đánh giá."),
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) | Q(role__in=UNIT_ROLES),
                name="districts_membership_unit_role",
                violation_error_message=_("Đơn vị chỉ có vai trò xem, nhập liệu và lãnh đạo."),
            ),
            models.CheckConstraint(
                condition=Q(organiser__isnull=True) | Q(role__in=ORGANISER_ROLES),
                name="districts_membership_organiser_role",
                violation_error_message=_(
                    "Cơ quan tổ chức chỉ có vai trò xem, thẩm định, công bố và quản trị."
                ),
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "role"],
                condition=Q(unit__isnull=False),
                name="districts_membership_unit_once",
            ),
            models.UniqueConstraint(
                fields=["user", "organiser", "role"],
                condition=Q(organiser__isnull=False),
                name="districts_membership_organiser_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.unit or self.organiser}"


class AppendOnly(models.Model):
    """Rows that are written once; database triggers refuse the rest on both engines."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValidationError(_("Dòng này chỉ được ghi thêm, không sửa."))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ValidationError(_("Dòng này chỉ được ghi thêm, không xóa."))


class Change(AppendOnly):
    """One value before and after: who, when, how and why."""

    class How(models.TextChoices):
        FORM = "form", _("nhập tay")
        IMPORT = "import", _("tệp")
        STEP = "step", _("chuyển giai đoạn")
        ADMIN = "admin", _("quản trị")
        COMMAND = "command", _("dòng lệnh")

    # "reports.score" and the row's key; the row itself may be gone.
    model = models.CharField(_("bảng"), max_length=60)
    object_id = models.BigIntegerField(_("mã dòng"))
    label = models.CharField(_("tên dòng"), max_length=300, blank=True)
    field = models.CharField(_("trường"), max_length=60)
    before = models.TextField(_("trước"), null=True, blank=True)  # noqa: DJ001 - empty text is not "nothing"
    after = models.TextField(_("sau"), null=True, blank=True)  # noqa: DJ001
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="changes")
    # What the change belongs to beside the unit: "ha-noi/2024/huyen".
    context = models.CharField(_("thuộc"), max_length=120, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="changes"
    )
    how = models.CharField(_("cách thức"), max_length=7, choices=How.choices)
    batch = models.PositiveBigIntegerField(_("tệp nhập"), null=True, blank=True)
    reason = models.TextField(_("lý do"), blank=True)
    at = models.DateTimeField(_("lúc"), default=timezone.now)

    class Meta:
        verbose_name = _("thay đổi")
        verbose_name_plural = _("nhật ký thay đổi")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["model", "object_id"], name="districts_change_object"),
            models.Index(fields=["context", "unit", "-at"], name="districts_change_context"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id} · {self.field}"
