"""May they? The only permission rules: what a person's memberships allow at a unit or at an organiser.

A role at a unit reaches that unit alone. A role at an organiser reaches the organiser's units and all units below
them, as far as seeing goes; it never lets anybody enter for a unit. Roles do not contain one another, but every
role lets its holder see. A superuser may everything; who is not logged in, or no longer active, nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, IntegerField, Q, QuerySet

from .models import Membership, Organiser, OrganiserUnit, Role, Unit, User
from .prepared import Asked, Prepared

# Country, province, district, commune, and an agency of the commune: no chain of parents is longer.
LEVELS_ABOVE = 4
_PARENTS = ["parent" + "__parent" * steps for steps in range(LEVELS_ABOVE)]


class Denied(PermissionDenied):
    """They may see it but not do this: the message says why, in Vietnamese."""


@dataclass(frozen=True)
class _Rights:
    """A person's memberships, read once: roles by unit and by organiser, and the units each organiser is."""

    at_units: dict[int, set[str]] = field(default_factory=dict)
    at_organisers: dict[int, set[str]] = field(default_factory=dict)
    organiser_units: frozenset[int] = frozenset()


def can_view(user: User | AnonymousUser, unit: Unit) -> bool:
    """Return whether they may see a unit's unpublished figures and evidence."""
    if is_almighty(user):
        return True
    rights = _rights(user)
    return unit.pk in rights.at_units or not rights.organiser_units.isdisjoint((unit.pk, *_above(unit)))


def can_enter(user: User | AnonymousUser, unit: Unit) -> bool:
    """Return whether they may fill in a unit's self-scores and evidence."""
    return _has_role_at(user, unit, Role.REPORTER, Role.LEAD)


def is_of(user: User | AnonymousUser, unit: Unit) -> bool:
    """Return whether they have a role of their own at a unit, or at an agency of it: it is theirs to be judged."""
    at_units = _rights(user).at_units
    # The organiser's people have none, and judge many sheets at once: no query for them.
    return unit.pk in at_units or (
        bool(at_units) and Unit.objects.filter(pk__in=at_units, parent=unit).exists()
    )


def can_lead(user: User | AnonymousUser, unit: Unit) -> bool:
    """Return whether they may submit a unit's sheet and reply to the appraisal."""
    return _has_role_at(user, unit, Role.LEAD)


def can_view_organiser(user: User | AnonymousUser, organiser: Organiser) -> bool:
    """Return whether they may see an organiser's years as a whole, all units of it, before publication."""
    return is_almighty(user) or organiser.pk in _rights(user).at_organisers


def can_appraise(user: User | AnonymousUser, organiser: Organiser) -> bool:
    """Return whether they may appraise the organiser's sheets."""
    return _has_role_of(user, organiser, Role.APPRAISER)


def can_publish(user: User | AnonymousUser, organiser: Organiser) -> bool:
    """Return whether they may move the organiser's years, decide, publish and correct."""
    return _has_role_of(user, organiser, Role.PUBLISHER)


def can_administer(user: User | AnonymousUser, organiser: Organiser) -> bool:
    """Return whether they may manage the organiser's people and criteria."""
    return _has_role_of(user, organiser, Role.ADMINISTRATOR)


def can_scrutinise(user: User | AnonymousUser, organiser: Organiser) -> bool:
    """Return whether they may see what of the organiser's sheets is worth a second look: hints, never public."""
    return can_appraise(user, organiser) or can_publish(user, organiser) or can_administer(user, organiser)


def can_manage_desks(user: User | AnonymousUser, unit: Unit) -> bool:
    """Return whether they may set up a unit's one-stop desks: its lead, and the administrator of its organiser."""
    organiser = organiser_above(unit)
    return can_lead(user, unit) or (organiser is not None and can_administer(user, organiser))


def can_moderate(user: User | AnonymousUser, unit: Unit) -> bool:
    """Return whether they read what people wrote at a unit's desks before the unit does, and let it pass or not.

    Who appraises or administers for its organiser; nobody of the unit, whose own work the comments are about.
    """
    organiser = organiser_above(unit)
    if organiser is None:
        return is_almighty(user)
    return can_appraise(user, organiser) or can_administer(user, organiser)


def units_of(user: User | AnonymousUser) -> QuerySet[Unit]:
    """Return the units whose unpublished figures they may see: `can_view`, as a query."""
    if is_almighty(user):
        return Unit.objects.all()
    rights = _rights(user)
    return Unit.objects.filter(Q(pk__in=rights.at_units) | _at_or_below(rights.organiser_units))


def own_units(user: User | AnonymousUser) -> QuerySet[Unit]:
    """Return the units at which they themselves have a role, whichever it is."""
    return Unit.objects.filter(pk__in=_rights(user).at_units)


def units_entered_by(user: User | AnonymousUser) -> QuerySet[Unit]:
    """Return the units for which they may fill in: `can_enter`, as a query, by their own roles alone."""
    at_units = _rights(user).at_units.items()
    return Unit.objects.filter(pk__in=[pk for pk, roles in at_units if roles & {Role.REPORTER, Role.LEAD}])


def organisers_of(user: User | AnonymousUser) -> QuerySet[Organiser]:
    """Return the organisers whose years they may see as a whole: `can_view_organiser`, as a query."""
    if is_almighty(user):
        return Organiser.objects.all()
    return Organiser.objects.filter(pk__in=_rights(user).at_organisers)


def administered_by(user: User | AnonymousUser) -> QuerySet[Organiser]:
    """Return the organisers whose people and criteria they may manage: `can_administer`, as a query."""
    return _organisers_with(user, Role.ADMINISTRATOR)


def is_administrator(user: User | AnonymousUser) -> bool:
    """Return whether they administer any organiser at all; no query beyond the memberships."""
    return is_almighty(user) or any(
        Role.ADMINISTRATOR in roles for roles in _rights(user).at_organisers.values()
    )


def published_by(user: User | AnonymousUser) -> QuerySet[Organiser]:
    """Return the organisers whose years they may publish: `can_publish`, as a query."""
    return _organisers_with(user, Role.PUBLISHER)


def units_administered_by(user: User | AnonymousUser) -> QuerySet[Unit]:
    """Return the units of the organisers they administer, and all below: where they may give roles."""
    if is_almighty(user):
        return Unit.objects.all()
    administered = OrganiserUnit.objects.filter(organiser__in=administered_by(user))
    return Unit.objects.filter(_at_or_below(frozenset(administered.values_list("unit_id", flat=True))))


def memberships_administered_by(user: User | AnonymousUser) -> QuerySet[Membership]:
    """Return the roles they may give and take: at their organisers and at the units of these."""
    at_mine = Q(organiser__in=administered_by(user)) | Q(unit__in=units_administered_by(user))
    return Membership.objects.all() if is_almighty(user) else Membership.objects.filter(at_mine)


def people_administered_by(user: User | AnonymousUser) -> QuerySet[User]:
    """Return the people whose accounts they may manage: those with no role outside their reach, no superusers.

    Who may set somebody's password may act as them: so a single role elsewhere keeps the account out of reach.
    """
    if is_almighty(user):
        return User.objects.all()
    mine = memberships_administered_by(user).values("pk")
    elsewhere = Membership.objects.exclude(pk__in=mine).values("user")
    people = User.objects.filter(is_superuser=False, memberships__in=mine).exclude(pk__in=elsewhere)
    return people.distinct()


def organiser_above(unit: Unit) -> Organiser | None:
    """Return the nearest organiser above a unit, the one that assesses it; remembered on the unit object."""
    if "_organiser_above" not in unit.__dict__:
        above = _above(unit)
        found = OrganiserUnit.objects.filter(unit__in=above).select_related("organiser")
        nearest = min(found, key=lambda one: (above.index(one.unit_id), one.organiser_id), default=None)
        unit.__dict__["_organiser_above"] = nearest and nearest.organiser
    organiser: Organiser | None = unit.__dict__["_organiser_above"]
    return organiser


def units_assessed_by(organiser: Organiser) -> QuerySet[Unit]:
    """Return the units of which it is the nearest organiser above: `organiser_above`, as a query."""
    mine = OrganiserUnit.objects.filter(organiser=organiser).values("unit")
    links = OrganiserUnit.objects.filter(unit__in=Unit.objects.filter(_at_or_below(mine)))
    found = list(links.values_list("unit", "organiser"))
    own = frozenset(unit for unit, whose in found if whose == organiser.pk)
    others = frozenset(unit for unit, _whose in found) - own
    below = Unit.objects.filter(_at_or_below(own)).exclude(pk__in=own)
    return below.exclude(_below(others)) if others else below


def keys_assessed_by(organiser: Organiser, level: int) -> list[int]:
    """Return the keys of `units_assessed_by` of one level, for pages that many ask for. One query."""
    return [key for (key,) in KEYS_ASSESSED(organiser=organiser.pk, level=level)]


def require(allowed: bool, message: str) -> None:
    """Raise Denied with the message unless allowed."""
    if not allowed:
        raise Denied(message)


def is_almighty(user: User | AnonymousUser) -> bool:
    """Return whether they are a superuser whose account is in use."""
    return user.is_active and user.is_superuser


def _has_role_at(user: User | AnonymousUser, unit: Unit, *roles: Role) -> bool:
    return is_almighty(user) or not _rights(user).at_units.get(unit.pk, set()).isdisjoint(roles)


def _has_role_of(user: User | AnonymousUser, organiser: Organiser, role: Role) -> bool:
    return is_almighty(user) or role in _rights(user).at_organisers.get(organiser.pk, ())


def _organisers_with(user: User | AnonymousUser, role: Role) -> QuerySet[Organiser]:
    if is_almighty(user):
        return Organiser.objects.all()
    with_role = [pk for pk, roles in _rights(user).at_organisers.items() if role in roles]
    return Organiser.objects.filter(pk__in=with_role)


def _rights(user: User | AnonymousUser) -> _Rights:
    """Read the memberships in one query and remember them on the user object, so for one request."""
    if not isinstance(user, User) or not user.is_active:
        return _Rights()
    if "_rights" not in user.__dict__:
        user.__dict__["_rights"] = _read_rights(user)
    rights: _Rights = user.__dict__["_rights"]
    return rights


def _read_rights(user: User) -> _Rights:
    at_units: dict[int, set[str]] = defaultdict(set)
    at_organisers: dict[int, set[str]] = defaultdict(set)
    organiser_units = set()
    for role, unit_id, organiser_id, organiser_unit_id in Membership.objects.filter(user=user).values_list(
        "role", "unit_id", "organiser_id", "organiser__organiser_units__unit_id"
    ):
        if unit_id is not None:
            at_units[unit_id].add(role)
        if organiser_id is not None:
            at_organisers[organiser_id].add(role)
        if organiser_unit_id is not None:
            organiser_units.add(organiser_unit_id)
    return _Rights(dict(at_units), dict(at_organisers), frozenset(organiser_units))


def _above(unit: Unit) -> tuple[int, ...]:
    """Return the units above, the nearest first: one query, remembered on the unit object."""
    if "_above" not in unit.__dict__:
        columns = [f"{path}_id" for path in _PARENTS]
        chain = Unit.objects.filter(pk=unit.pk).values_list(*columns).get() if unit.parent_id else ()
        unit.__dict__["_above"] = tuple(pk for pk in chain if pk is not None)
    above: tuple[int, ...] = unit.__dict__["_above"]
    return above


def _at_or_below(unit_ids: Iterable[int] | QuerySet[Any, Any]) -> Q:
    return Q(pk__in=unit_ids) | _below(unit_ids)


def _below(unit_ids: Iterable[int] | QuerySet[Any, Any], unit: str = "") -> Q:
    condition = Q()
    for path in _PARENTS:
        condition |= Q(**{f"{unit}{path}__in": unit_ids})
    return condition


def _keys_assessed() -> QuerySet[Unit, tuple[int]]:
    organiser = Asked("organiser", BigIntegerField())
    own = OrganiserUnit.objects.filter(organiser=organiser).values("unit")
    others = OrganiserUnit.objects.filter(_below(own, "unit__")).exclude(unit__in=own).values("unit")
    below = Unit.objects.filter(_below(own), level=Asked("level", IntegerField()))
    return below.exclude(pk__in=own).exclude(_below(others)).values_list("pk")


KEYS_ASSESSED = Prepared(_keys_assessed)
