"""Accounts for many people at once, from a spreadsheet: shown first, then made, each told by a letter."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.mail import EmailMessage, get_connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from districts import access
from districts.audit import Act
from districts.models import Change, Organiser, Role, User
from reports import spreadsheets
from reports.imports.people import HEADERS, PeopleCheck, checked, packed, read_people, unpacked, write_people
from reports.public_address import public_address
from reports.sheet_files import FileError, read_tables
from reports.spreadsheets import Sheet

from .uploads import FileForm

ONLY_ADMINISTRATORS = "Chỉ người quản trị được cấp tài khoản."
SALT = "office.people"
# As long as somebody may look at what would be done before saying yes.
SHOWN_SECONDS = 3600
OLD = "Bản xem trước đã quá một giờ; hãy tải tệp lên lại."
SUBJECT = "Tài khoản hệ thống Chỉ số cải cách hành chính"
logger = logging.getLogger(__name__)


class PeopleFileForm(FileForm):
    """A list of people, and whose they are where a row names no unit."""

    organiser = forms.ModelChoiceField(
        Organiser.objects.none(), label="Cơ quan tổ chức đánh giá", empty_label=None
    )
    field_order = ("organiser", "file")

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["organiser"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = access.administered_by(user)


@login_required
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Take a file, and show what it would do."""
    user = _administrator(request)
    form = PeopleFileForm(user, request.POST or None, request.FILES or None)
    if form.is_bound and form.is_valid():
        try:
            tables = read_tables(form.cleaned_data["file"].read())
        except FileError as error:
            form.add_error("file", str(error))
        else:
            return _preview(request, read_people(tables, user, form.cleaned_data["organiser"]))
    context = {"form": form, "roles": Role.labels, "crumbs": [("Cấp tài khoản", "")]}
    return render(request, "office/people.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def people_apply(request: HttpRequest) -> HttpResponse:
    """Do what was shown, all of it or nothing, and write to whoever has a new account."""
    user = _administrator(request)
    try:
        values = signing.loads(request.POST.get("rows", ""), salt=_salt(user), max_age=SHOWN_SECONDS)
    except signing.BadSignature:
        messages.error(request, OLD)
        return redirect("office:people")
    check = checked(unpacked(values), user)
    if check.findings:
        return _preview(request, check)
    made = write_people(check, Act(actor=user, how=Change.How.IMPORT))
    failed = _invite(request, made)
    messages.success(request, f"Đã cấp {len(made)} tài khoản mới và {len(check.roles)} vai trò.")
    if failed:
        messages.warning(request, f"Chưa gửi được thư cho {len(failed)} người: {', '.join(failed)}.")
    return redirect("office:people")


@login_required
@require_GET
def people_template(request: HttpRequest) -> HttpResponse:
    """Return an empty list, with the roles and the units that it may name."""
    user = _administrator(request)
    units = access.units_administered_by(user).filter(valid_to=None).order_by("sort_key", "code")
    named = [[unit.code, unit.full_name] for unit in units[:20_000]]
    sheets = [
        Sheet("Tài khoản", HEADERS, []),
        Sheet("Vai trò", ["Vai trò"], [[str(label)] for label in Role.labels]),
        Sheet("Đơn vị", ["Mã đơn vị", "Đơn vị"], named),
    ]
    return spreadsheets.xlsx_response(sheets, "cchc-tai-khoan")


def _administrator(request: HttpRequest) -> User:
    user = request.user
    access.require(isinstance(user, User) and access.is_administrator(user), ONLY_ADMINISTRATORS)
    assert isinstance(user, User)
    return user


def _salt(user: User) -> str:
    """What one administrator was shown, no other can confirm."""
    return f"{SALT}.{user.pk}"


def _preview(request: HttpRequest, check: PeopleCheck) -> HttpResponse:
    user = _administrator(request)
    context = {
        "check": check,
        "new": {row.username for row in check.new},
        "rows": signing.dumps(packed(check.rows), salt=_salt(user), compress=True),
        "crumbs": [("Cấp tài khoản", reverse("office:people")), ("Xem trước", "")],
    }
    status = 422 if check.findings else 200
    return render(request, "office/people_preview.html", context, status=status)


def _invite(request: HttpRequest, people: Iterable[User]) -> list[str]:
    """Write to each how to set a password; return the names of those to whom no letter went."""
    addresses = {
        "reset": public_address(request, reverse("office-password-reset")),
        "office": public_address(request, reverse("office:home")),
    }
    failed, connection = [], get_connection()
    for user in people:
        body = render_to_string("office/people_invitation_email.txt", {"user": user, **addresses})
        try:
            EmailMessage(SUBJECT, body, to=[user.email], connection=connection).send()
        except OSError as error:
            logger.warning("an invitation could not be sent: %s", type(error).__name__)
            failed.append(user.get_username())
    return failed


urlpatterns: list[URLPattern] = [
    path("people/", people, name="people"),
    path("people/apply/", people_apply, name="people_apply"),
    path("people/template/", people_template, name="people_template"),
]
