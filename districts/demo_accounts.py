"""One account for each role, for the fictional province only; one password for all of them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import ProtectedError, Q

from .models import Level, Membership, Organiser, Role, Unit, User

# The top-level name that never resolves (RFC 2606): no letter reaches anybody.
DOMAIN = "minh-hoa.invalid"


@dataclass(frozen=True)
class Account:
    """Who it is and which role it shows; unit roles are those of the province's first district."""

    username: str
    last_name: str
    first_name: str
    role: Role
    is_of_unit: bool = False

    @property
    def email(self) -> str:
        return f"{self.username}@{DOMAIN}"


ACCOUNTS = (
    Account("nhaplieu", "Cán bộ", "nhập liệu (mẫu)", Role.REPORTER, is_of_unit=True),
    Account("lanhdao", "Lãnh đạo", "đơn vị (mẫu)", Role.LEAD, is_of_unit=True),
    Account("thamdinh", "Cán bộ", "thẩm định (mẫu)", Role.APPRAISER),
    Account("congbo", "Lãnh đạo", "công bố (mẫu)", Role.PUBLISHER),
    Account("quantri", "Cán bộ", "quản trị (mẫu)", Role.ADMINISTRATOR),
    Account("xem", "Cán bộ", "theo dõi (mẫu)", Role.VIEWER),
)


@transaction.atomic
def keep_demo_accounts() -> tuple[str, ...]:
    """Make what is missing of the accounts and give them the demo password; return their names.

    Nothing happens, and nothing is returned, where the fictional province is not loaded.
    """
    organiser = Organiser.objects.filter(is_sample=True).first()
    unit = _first_unit(organiser) if organiser else None
    if organiser is None or unit is None:
        return ()
    password = demo_password()
    known = {user.username: user for user in _demo_users()}
    if len(known) < len(ACCOUNTS) or not known[ACCOUNTS[0].username].check_password(password):
        encoded = make_password(password)
        for account in ACCOUNTS:
            _write(account, encoded, organiser, unit)
    return tuple(account.username for account in ACCOUNTS)


@transaction.atomic
def remove_demo_accounts() -> int:
    """Take the accounts out; one that something still names stays, but lets nobody in. Return how many went."""
    removed = 0
    for user in _demo_users():
        try:
            with transaction.atomic():
                user.delete()
                removed += 1
        except ProtectedError:
            user.memberships.all().delete()
            user.is_active = False
            user.set_unusable_password()
            user.save(update_fields=["is_active", "password"])
    if not settings.DEMO_PASSWORD:
        password_file().unlink(missing_ok=True)
    return removed


def demo_password() -> str:
    """Return CCHC_DEMO_PASSWORD, or a random one, made once and kept readable by the owner only."""
    if settings.DEMO_PASSWORD:
        return str(settings.DEMO_PASSWORD)
    path = password_file()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def password_file() -> Path:
    """Return where the random password is kept, so that `make run` can say it at each start."""
    return Path(settings.VAR_DIR) / "demo_password"


def _demo_users() -> list[User]:
    """Both the name and the address are ours: a real person may be called `xem`."""
    condition = Q(pk__in=[])
    for account in ACCOUNTS:
        condition |= Q(username=account.username, email=account.email)
    return list(User.objects.filter(condition).order_by("pk"))


def _first_unit(organiser: Organiser) -> Unit | None:
    in_force = Unit.objects.filter(parent__in=organiser.units.all(), level=Level.DISTRICT, valid_to=None)
    return in_force.order_by("code").first()


def _write(account: Account, encoded: str, organiser: Organiser, unit: Unit) -> None:
    names = {"first_name": account.first_name, "last_name": account.last_name}
    user, _created = User.objects.update_or_create(
        username=account.username,
        email=account.email,
        defaults={**names, "password": encoded, "is_active": True},
    )
    place = {"unit": unit} if account.is_of_unit else {"organiser": organiser}
    Membership.objects.get_or_create(user=user, role=account.role, **place)
