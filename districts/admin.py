"""Django's admin for administrators: people and their roles, organisers, units; what is official is read only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as said
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from . import access, audit, names, notices
from .models import Change, Level, Membership, Organiser, OrganiserUnit, Scheme, Unit, UnitVersion, User

# Agencies (sở, phòng, ban) are in no official list; whoever needs them declares them.
AGENCIES = "co-quan"

admin.site.unregister(Group)


class AdministratorsOnly(admin.options.BaseModelAdmin):
    """The rights of districts.access instead of Django's permissions; rows are limited by each queryset."""

    def _may(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.is_administrator(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    has_view_permission = has_add_permission = has_change_permission = has_delete_permission = _may


class Audited(admin.ModelAdmin):
    """Every value saved here goes into the log of changes too."""

    def save_model(
        self, request: HttpRequest, obj: models.Model, form: forms.ModelForm, change: bool
    ) -> None:
        before = type(obj)._default_manager.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        write_down(
            request, (_entry(obj, name, before, obj) for name in form.changed_data if _is_plain(obj, name))
        )

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        changed = [(obj, fields) for obj, fields in formset.changed_objects]
        write_down(
            request,
            [
                *(_row(obj, None, str(obj)) for obj in formset.new_objects),
                *(_row(obj, ", ".join(fields), str(obj)) for obj, fields in changed),
                *(_row(obj, str(obj), None) for obj in formset.deleted_objects),
            ],
        )

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        write_down(request, [_row(obj, str(obj), None)])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        write_down(request, [_row(obj, str(obj), None) for obj in queryset])
        super().delete_queryset(request, queryset)


def write_down(request: HttpRequest, entries: Iterable[audit.Entry]) -> None:
    """Record what somebody changes through the admin."""
    assert isinstance(request.user, User)
    audit.record(entries, audit.Act(actor=request.user, how=Change.How.ADMIN))


class UserCreationForm(auth_forms.BaseUserCreationForm):
    class Meta:
        model = User
        fields = ("username", "last_name", "first_name", "email")


class LimitedPlaces(AdministratorsOnly):
    """Roles can be given only at places, and to people, within reach."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        assert request is not None
        reach = {
            "organiser": access.administered_by,
            "unit": access.units_administered_by,
            "parent": access.units_administered_by,
            "user": access.people_administered_by,
        }
        labels = {"organiser": _("Cơ quan tổ chức đánh giá"), "unit": _("hoặc đơn vị")}
        if db_field.name in labels:
            kwargs["label"] = labels[db_field.name]
        if db_field.name in reach:
            kwargs["queryset"] = reach[db_field.name](request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MembershipInline(LimitedPlaces, admin.TabularInline):
    model = Membership
    fields = ("role", "organiser", "unit")
    autocomplete_fields = ("unit",)
    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Who is no superuser makes people with a role only: without one they would be out of reach at once."""
        if not access.is_almighty(request.user):
            kwargs |= {"min_num": 1, "validate_min": True}
        return super().get_formset(request, obj, **kwargs)


@admin.register(User)
class UserAdmin(AdministratorsOnly, Audited, DjangoUserAdmin):
    list_display = ("username", "last_name", "first_name", "email", "is_active", "last_login")
    list_filter = ("is_active", "memberships__role")
    ordering = ("username",)
    inlines = (MembershipInline,)
    add_form = UserCreationForm
    # Django's own says in English what to do next.
    add_form_template = "admin/change_form.html"
    add_fieldsets = (
        (None, {"fields": ("username", "last_name", "first_name", "email", "password1", "password2")}),
    )
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    actions = ("take_off_second_factor",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return access.people_administered_by(request.user)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        standing = ("is_active", "is_superuser") if access.is_almighty(request.user) else ("is_active",)
        return (
            (None, {"fields": ("username", "password")}),
            (_("Người dùng"), {"fields": ("last_name", "first_name", "email")}),
            (_("Tài khoản"), {"fields": (*standing, "last_login", "date_joined")}),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what people did stays theirs. An account is switched off instead."""
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        # As Django finds them: not everything in an address is a number.
        before = self.get_object(request, unquote(id))
        response = super().user_change_password(request, id, form_url)
        user = self.get_object(request, unquote(id))
        if before is not None and user is not None and user.password != before.password:
            write_down(request, [_entry_of(user, "password", None, "đặt lại")])
            self._password_given(request, user)
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        former = form.initial.get("email", "") if change else ""
        super().save_model(request, obj, form, change)
        if not change:
            self._password_given(request, obj)
        if former and former != obj.email:
            notices.tell(
                obj, said("Người quản trị vừa đổi địa chỉ thư điện tử của tài khoản."), address=former
            )

    def _password_given(self, request: HttpRequest, user: User) -> None:
        """An administrator knows the password of somebody else: it is good for choosing one's own."""
        if user.pk == request.user.pk:
            return
        user.must_change_password = True
        user.save(update_fields=["must_change_password"])
        notices.tell(user, said("Người quản trị vừa đặt mật khẩu; khi đăng nhập, bạn cần đổi ngay."))

    @admin.action(description=_("Gỡ đăng nhập hai bước (mất điện thoại)"))
    def take_off_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        assert isinstance(request.user, User)
        # One's own goes against a code, in the office: a stolen session is not enough.
        queryset = queryset.exclude(pk=request.user.pk)
        devices = TOTPDevice.objects.filter(user__in=queryset, confirmed=True).select_related("user")
        write_down(request, [_entry_of(device.user, "totp", "bật", None) for device in devices])
        people = [device.user for device in devices]
        TOTPDevice.objects.filter(user__in=queryset).delete()
        for person in people:
            notices.tell(person, said("Người quản trị vừa gỡ đăng nhập hai bước của tài khoản."))
        self.message_user(request, _("Đã gỡ. Lần đăng nhập sau chỉ cần mật khẩu, hoặc gắn điện thoại mới."))


@admin.register(Membership)
class MembershipAdmin(LimitedPlaces, Audited):
    list_display = ("user", "role", "organiser", "unit")
    list_filter = ("role",)
    list_select_related = ("user", "organiser", "unit")
    search_fields = ("user__username", "user__last_name", "unit__name")
    autocomplete_fields = ("unit",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return access.memberships_administered_by(request.user)


class OrganiserUnitInline(LimitedPlaces, admin.TabularInline):
    model = OrganiserUnit
    autocomplete_fields = ("unit",)
    extra = 0

    def _may(self, request: HttpRequest, obj: Any = None) -> bool:
        """Which units an organiser is decides how far its people reach: not for its own administrators."""
        return access.is_almighty(request.user)

    has_add_permission = has_change_permission = has_delete_permission = _may

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.is_administrator(request.user)


@admin.register(Organiser)
class OrganiserAdmin(AdministratorsOnly, Audited):
    list_display = ("name", "slug", "absorbed_into")
    inlines = (OrganiserUnitInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organiser]:
        return access.administered_by(request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """An address is permanent."""
        return () if access.is_almighty(request.user) else ("slug", "absorbed_into", "is_sample")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.is_almighty(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AgencyForm(forms.ModelForm):
    class Meta:
        model = Unit
        fields = ("code", "type", "name", "parent", "valid_from", "valid_to")


@admin.register(Unit)
class UnitAdmin(LimitedPlaces, Audited):
    """Official units are read only; an agency is declared by the administrator of the unit it serves."""

    form = AgencyForm
    fields = ("code", "type", "name", "parent", "valid_from", "valid_to")
    list_display = ("full_name", "scheme", "code", "level", "parent", "valid_from", "valid_to")
    list_filter = ("scheme", "level")
    list_select_related = ("scheme", "parent")
    search_fields = ("name",)
    autocomplete_fields = ("parent",)
    ordering = ("sort_key",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Unit]:
        return access.units_administered_by(request.user)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Unit], search_term: str) -> Any:
        return queryset.filter(search_key__contains=names.fold(search_term)), False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request) and (obj is None or obj.scheme_id == AGENCIES)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            name = "Cơ quan chuyên môn do địa phương khai báo"
            obj.scheme = Scheme.objects.get_or_create(code=AGENCIES, defaults={"name": name})[0]
            obj.level = Level.AGENCY
        obj.sort_key = names.unit_sort_key(obj.name, obj.type)
        obj.search_key = names.search_key([(obj.type, obj.name)])
        super().save_model(request, obj, form, change)
        version = {"type": obj.type, "name": obj.name, "parent": obj.parent, "valid_from": obj.valid_from}
        UnitVersion.objects.update_or_create(unit=obj, defaults={**version, "valid_to": obj.valid_to})


def _is_plain(obj: models.Model, name: str) -> bool:
    return name != "password" and name in {field.name for field in obj._meta.concrete_fields}


def _entry(obj: models.Model, field: str, before: models.Model | None, after: models.Model) -> audit.Entry:
    return _entry_of(obj, field, _text(before, field), _text(after, field))


def _entry_of(obj: models.Model, field: str, before: str | None, after: str | None) -> audit.Entry:
    return audit.Entry(obj._meta.label_lower, obj.pk, str(obj), field, before, after)


def _row(obj: models.Model, before: str | None, after: str | None) -> audit.Entry:
    unit_id = getattr(obj, "unit_id", None)
    return audit.Entry(obj._meta.label_lower, obj.pk, str(obj), "*", before, after, unit_id)


def _text(obj: models.Model | None, field: str) -> str | None:
    value = getattr(obj, field, None)
    return None if value is None else str(value)
