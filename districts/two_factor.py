"""One-time codes from a phone (TOTP): set up, asked for after the password, taken off again."""

from __future__ import annotations

import time
from base64 import b32encode

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from . import access, notices
from .account_forms import CodeForm
from .models import User

PENDING = "second_factor"
# In the session of who has given a code.
PASSED = "second_factor_passed"
# In the session of who sets a device up: which one. Its secret is shown to nobody else, who may have stolen a session.
OWN_DEVICE = "second_factor_device"
PENDING_SECONDS = 10 * 60
BACKEND = "django.contrib.auth.backends.ModelBackend"
DEVICE_SET = gettext_lazy("Đăng nhập hai bước vừa được bật: từ nay cần thêm mã trên điện thoại.")


def device_of(user: AbstractBaseUser, *, confirmed: bool = True) -> TOTPDevice | None:
    """Return the person's device, or the one being set up."""
    device: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=confirmed).first()
    return device


def is_required(user: User) -> bool:
    """Return whether this person may log in with a code only: who publishes or administers, where the server says."""
    return settings.REQUIRE_TOTP and (access.is_administrator(user) or access.published_by(user).exists())


def is_due(user: AbstractBaseUser) -> bool:
    """Return whether a code must follow this person's password."""
    return device_of(user) is not None or (isinstance(user, User) and is_required(user))


def is_missing(request: HttpRequest) -> bool:
    """Return whether who is logged in should have given a code and has not: the server began to ask for it since."""
    user = request.user
    return isinstance(user, User) and PASSED not in request.session and is_required(user)


def ask(request: HttpRequest, user: AbstractBaseUser, next_url: str) -> None:
    """Remember, in a new session, whose password was right; log in nobody yet."""
    request.session.flush()
    request.session[PENDING] = {"user": user.pk, "next": next_url, "at": int(time.time())}


def pending_user(request: HttpRequest) -> User | None:
    """Return whose password was right within the last ten minutes and whose code is awaited."""
    pending = request.session.get(PENDING)
    if not pending or time.time() - pending["at"] > PENDING_SECONDS:
        return None
    return User.objects.filter(pk=pending["user"], is_active=True).first()


@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for the code after the password; who must have a device and has none sets it up here."""
    user = pending_user(request)
    if user is None:
        return redirect("office-login")
    device = device_of(user)
    is_new = device is None
    form = CodeForm(request.POST or None, device=device or _unconfirmed_device(request, user))
    if not form.is_valid():
        return _page(request, "office/two_factor.html", form, is_new=is_new)
    _confirm(request, form.device)
    if is_new:
        notices.tell(user, str(DEVICE_SET))
    next_url = request.session.pop(PENDING)["next"]
    login(request, user, backend=BACKEND)
    request.session[PASSED] = True
    return redirect(next_url)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Show the QR code of a new device and confirm it by its first code."""
    user = person_of(request)
    if device_of(user):
        return redirect("office-account")
    form = CodeForm(request.POST or None, device=_unconfirmed_device(request, user))
    if not form.is_valid():
        return _page(request, "office/two_factor_set_up.html", form, is_new=True)
    _confirm(request, form.device)
    request.session[PASSED] = True
    notices.tell(user, str(DEVICE_SET))
    messages.success(request, _("Từ nay đăng nhập cần mật khẩu và mã trên điện thoại."))
    return redirect("office-account")


@require_POST
def take_off(request: HttpRequest) -> HttpResponse:
    """Take the device off, against a valid code: a stolen session is not enough."""
    user = person_of(request)
    device = device_of(user)
    access.require(not is_required(user), _("Người công bố và người quản trị phải đăng nhập bằng hai bước."))
    if device is None:
        return redirect("office-account")
    form = CodeForm(request.POST, device=device)
    if form.is_valid():
        TOTPDevice.objects.filter(user=user).delete()
        notices.tell(user, _("Đăng nhập hai bước vừa được tắt."))
        messages.success(request, _("Đã tắt đăng nhập hai bước."))
    else:
        messages.error(request, "; ".join(str(error) for error in form.errors["code"]))
    return redirect("office-account")


def account(request: HttpRequest) -> HttpResponse:
    """Who I am here: my roles, my password, my second step."""
    user = person_of(request)
    device = device_of(user)
    context = {
        "memberships": user.memberships.select_related("unit", "organiser"),
        "device": device,
        "is_required": is_required(user),
        "form": CodeForm(device=device) if device else None,
    }
    return render(request, "office/account.html", context)


def person_of(request: HttpRequest) -> User:
    """Return who is logged in. Raises Denied."""
    access.require(isinstance(request.user, User), _("Hãy đăng nhập."))
    assert isinstance(request.user, User)
    return request.user


def _unconfirmed_device(request: HttpRequest, user: User) -> TOTPDevice:
    """Return the device that this session sets up; one that has none yet gets it, and ends what others began."""
    begun = TOTPDevice.objects.filter(user=user, confirmed=False)
    device: TOTPDevice | None = begun.filter(pk=request.session.get(OWN_DEVICE)).first()
    if device is None:
        begun.delete()
        device = TOTPDevice.objects.create(user=user, confirmed=False, name="điện thoại")
        request.session[OWN_DEVICE] = device.pk
    return device


@transaction.atomic
def _confirm(request: HttpRequest, device: TOTPDevice) -> None:
    if device.confirmed:
        return
    TOTPDevice.objects.filter(user=device.user, confirmed=False).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    request.session.pop(OWN_DEVICE, None)


def _page(request: HttpRequest, template: str, form: CodeForm, *, is_new: bool) -> HttpResponse:
    context: dict[str, object] = {"form": form, "is_new": is_new}
    if is_new:
        code = segno.make(form.device.config_url, error="m")
        context["qr"] = code.svg_data_uri(scale=4, border=4, light="#fff")
        context["secret"] = b32encode(form.device.bin_key).decode()
    return render(request, template, context)
