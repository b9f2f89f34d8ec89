"""People and their roles from a spreadsheet: checked as a whole, written as a whole."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower

from districts import access, audit
from districts.audit import Act
from districts.models import Membership, Organiser, Role, Unit, User
from districts.models.people import ORGANISER_ROLES, UNIT_ROLES
from districts.names import fold
from reports.readers import ReadError, text_of
from reports.sheet_files import Table

from .findings import Finding, at_cell
from .layout import HEADER_ROWS, Layout, labelled
from .places import UnitIndex

HEADERS = ("Họ và tên", "Thư điện tử", "Tên đăng nhập", "Mã đơn vị", "Đơn vị", "Vai trò")
_LABELS = {
    fold(header): name
    for header, name in zip(HEADERS, ("name", "email", "username", "code", "unit", "role"), strict=True)
} | {"ho ten": "name", "email": "email", "ten don vi": "unit"}
ROLES = {fold(str(label)): value for value, label in Role.choices} | {
    fold(value): value for value in Role.values
}
MOST_ROWS = 2000
NAME_LENGTH = User._meta.get_field("last_name").max_length or 0
NO_HEADER = "Không tìm thấy hàng tiêu đề có “Thư điện tử” và “Vai trò”; hãy dùng tệp mẫu của trang này."
TOO_MANY = f"Tệp có hơn {MOST_ROWS} dòng; hãy chia nhỏ."
ELSEWHERE = "Tên đăng nhập này đã có và thuộc người ngoài phạm vi quản trị của bạn."


@dataclass(frozen=True)
class PersonRow:
    """One row: a person, a role, and where; exactly one of `unit` and `organiser` is a key."""

    last_name: str
    first_name: str
    email: str
    username: str
    role: str
    unit: int | None
    organiser: int | None
    where: str
    sheet: str
    row: int

    @property
    def full_name(self) -> str:
        return f"{self.last_name} {self.first_name}".strip()

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)

    def finding(self, message: str, value: str = "") -> Finding:
        return Finding(message, self.sheet, self.row, value=value)


@dataclass(frozen=True)
class PeopleCheck:
    """What a list of people would do: `new` accounts, `roles` for people who have one, rows that change nothing."""

    rows: Sequence[PersonRow]
    findings: Sequence[Finding]
    new: Sequence[PersonRow] = ()
    roles: Sequence[PersonRow] = ()
    unchanged: int = 0


def read_people(tables: Iterable[Table], user: User, organiser: Organiser) -> PeopleCheck:
    """Read a file and check it against what stands; a row without a unit means the organiser itself."""
    found = [layout for table in tables if (layout := _layout(table)) is not None]
    if len(found) != 1:
        return PeopleCheck([], [Finding(NO_HEADER)])
    reading = _Reading(found[0], user, organiser)
    rows = list(found[0].rows())
    if len(rows) > MOST_ROWS:
        return PeopleCheck([], [Finding(TOO_MANY)])
    people = [person for number, cells in rows if (person := reading.person(number, cells)) is not None]
    if reading.findings or not people:
        return PeopleCheck(people, reading.findings or [Finding("Tệp không có dòng nào.")])
    return checked(people, user)


def checked(rows: Sequence[PersonRow], user: User) -> PeopleCheck:
    """Check rows against one another, the accounts there are, and what their sender may give. Five queries."""
    standing = _Standing(rows, user)
    findings: list[Finding] = []
    new: dict[str, PersonRow] = {}
    roles, seen, unchanged = [], set[tuple[Any, ...]](), 0
    for row in rows:
        first = new.get(row.username)
        refusal = standing.refusal(row) or (
            first and _differs(row, first) and f"Khác họ tên hoặc thư điện tử ở hàng {first.row}."
        )
        given = (row.username, row.role, row.unit, row.organiser)
        if refusal:
            findings.append(row.finding(refusal, row.username))
        elif given in seen:
            findings.append(row.finding("Dòng này lặp lại một dòng ở trên.", row.username))
        elif row.username not in standing.accounts:
            new.setdefault(row.username, row)
            roles.append(row)
        elif given in standing.given:
            unchanged += 1
        else:
            roles.append(row)
        seen.add(given)
    return PeopleCheck(rows, findings, tuple(new.values()), roles, unchanged)


@transaction.atomic
def write_people(check: PeopleCheck, act: Act) -> list[User]:
    """Make the accounts and give the roles of a check without findings; return whose account is new.

    Nobody knows a new account's password: its owner sets one by the letter of a reset.
    """
    assert not check.findings
    made = {}
    for row in check.new:
        user = User(
            username=row.username, email=row.email, last_name=row.last_name, first_name=row.first_name
        )
        user.set_password(secrets.token_urlsafe(32))
        user.full_clean()
        user.save()
        made[row.username] = user
    others = {row.username for row in check.roles} - made.keys()
    people = made | {user.username: user for user in User.objects.filter(username__in=others)}
    given = [
        Membership(user=people[r.username], role=r.role, unit_id=r.unit, organiser_id=r.organiser)
        for r in check.roles
    ]
    for membership in given:
        membership.full_clean(exclude=["user"])
        membership.save()
    audit.record(
        [
            *(
                audit.Entry("districts.user", user.pk, str(user), "*", None, str(user))
                for user in made.values()
            ),
            *(
                audit.Entry("districts.membership", one.pk, str(one), "*", None, str(one), one.unit_id)
                for one in given
            ),
        ],
        act,
    )
    return list(made.values())


def packed(rows: Iterable[PersonRow]) -> list[dict[str, Any]]:
    """Return rows as plain values, to be signed and sent back with the confirmation."""
    return [asdict(row) for row in rows]


def unpacked(values: Iterable[dict[str, Any]]) -> list[PersonRow]:
    return [PersonRow(**value) for value in values]


def _layout(table: Table) -> Layout | None:
    for number, row in enumerate(table.rows[:HEADER_ROWS]):
        columns = labelled(row, _LABELS)
        if {"email", "role"} <= columns.keys():
            return Layout(table, number, columns)
    return None


def _differs(row: PersonRow, other: PersonRow) -> bool:
    return (row.full_name, row.email) != (other.full_name, other.email)


class _Standing:
    """The accounts and roles there are, as far as rows name them."""

    def __init__(self, rows: Sequence[PersonRow], user: User) -> None:
        accounts = User.objects.filter(username__in={row.username for row in rows})
        self.accounts = {account.username: account for account in accounts}
        within = access.people_administered_by(user).filter(username__in=self.accounts)
        self.within = set(within.values_list("username", flat=True))
        emails = User.objects.annotate(lower=Lower("email")).filter(lower__in={row.email for row in rows})
        self.by_email = dict(emails.values_list("lower", "username"))
        roles = Membership.objects.filter(user__in=accounts)
        self.given = set(roles.values_list("user__username", "role", "unit", "organiser"))
        self.units = set(
            access.units_administered_by(user)
            .filter(pk__in={row.unit for row in rows if row.unit})
            .values_list("pk", flat=True)
        )
        self.organisers = set(access.administered_by(user).values_list("pk", flat=True))

    def refusal(self, row: PersonRow) -> str | None:
        account = self.accounts.get(row.username)
        if (row.unit is not None and row.unit not in self.units) or (
            row.organiser is not None and row.organiser not in self.organisers
        ):
            return "Đơn vị ngoài phạm vi quản trị của bạn."
        if account is not None and row.username not in self.within:
            return ELSEWHERE
        if account is not None and account.email.casefold() != row.email.casefold():
            return "Tên đăng nhập này đã có với thư điện tử khác."
        if account is None and row.email in self.by_email:
            return f"Thư điện tử này đã thuộc tài khoản “{self.by_email[row.email]}”."
        return None


class _Reading:
    """One pass over the rows of a file."""

    def __init__(self, layout: Layout, user: User, organiser: Organiser) -> None:
        self.layout, self.organiser, self.findings = layout, organiser, list[Finding]()
        units = access.units_administered_by(user).filter(valid_to=None).prefetch_related("versions")
        self.units = UnitIndex(units, among="trong phạm vi quản trị của bạn")

    def person(self, number: int, cells: list[object]) -> PersonRow | None:
        before = len(self.findings)
        said = {name: text_of(self.layout.cell(cells, name)) for name in set(_LABELS.values())}
        last, _, first = said["name"].rpartition(" ")
        if not said["name"]:
            self._say(number, "name", "Thiếu họ và tên.")
        elif max(len(last), len(first)) > NAME_LENGTH:
            self._say(number, "name", f"Họ và tên dài hơn {NAME_LENGTH} ký tự.")
        self._valid(number, "email", said["email"], validate_email, "Thư điện tử không hợp lệ.")
        email = said["email"].lower()
        username = said["username"] or email
        self._valid(number, "username", username, UnicodeUsernameValidator(), "Tên đăng nhập không hợp lệ.")
        unit = self._unit(number, said)
        role = self._role(number, said["role"], unit)
        if len(self.findings) > before:
            return None
        return PersonRow(
            last_name=last,
            first_name=first,
            email=email,
            username=username,
            role=role,
            unit=unit.pk if unit else None,
            organiser=None if unit else self.organiser.pk,
            where=unit.full_name if unit else self.organiser.name,
            sheet=self.layout.table.name,
            row=number + 1,
        )

    def _unit(self, number: int, said: dict[str, str]) -> Unit | None:
        if not (said["code"] or said["unit"]):
            return None
        try:
            return self.units.find(said["code"], said["unit"])
        except ReadError as error:
            self._say(number, "code" if said["code"] else "unit", str(error))
            return None

    def _role(self, number: int, said: str, unit: Unit | None) -> str:
        role = ROLES.get(fold(said), "")
        allowed = UNIT_ROLES if unit else ORGANISER_ROLES
        if role not in allowed:
            whose = "đơn vị" if unit else "cơ quan tổ chức đánh giá"
            labels = ", ".join(str(one.label) for one in allowed)
            self._say(number, "role", f"Vai trò ở {whose} là một trong: {labels}.")
        return role

    def _valid(self, number: int, name: str, value: str, validate: Any, message: str) -> None:
        try:
            validate(value)
        except ValidationError:
            self._say(number, name, message)

    def _say(self, number: int, name: str, message: str) -> None:
        self.findings.append(at_cell(self.layout.table, number, self.layout.columns.get(name), message))
