"""Who issues a report, as the heading of Nghị định 30/2020/NĐ-CP prints it; number and date stay empty."""

from __future__ import annotations

from dataclasses import dataclass

from districts.models import Level, Organiser, Unit

PEOPLES_COMMITTEE = "ỦY BAN NHÂN DÂN"
AUTHORITIES = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
SAMPLE_MARK = "DỮ LIỆU MẪU: địa phương này không có thật, mọi số liệu chỉ để minh họa"


@dataclass(frozen=True)
class Heading:
    """The left and right column above a report, and who signs below it.

    `superior` is empty for a people's committee, which has none in its heading; `issuer` may hold a line break. What
    this program cannot know (number, symbol of an agency, place of one, day, name) is left in dots.
    """

    superior: str
    issuer: str
    issuer_name: str
    symbol: str
    place: str
    signed_for: str
    signer: str


def heading_of(unit: Unit | None, name: str) -> Heading:
    """Return the heading of a unit under the name that it had; None is an issuer that is no local authority."""
    if unit is not None and unit.level in AUTHORITIES:
        return Heading(
            superior="",
            issuer=f"{PEOPLES_COMMITTEE}\n{name.upper()}",
            issuer_name=f"Ủy ban nhân dân {name}",
            symbol="BC-UBND",
            place=_place(unit),
            signed_for=f"TM. {PEOPLES_COMMITTEE}",
            signer="CHỦ TỊCH",
        )
    above = unit.parent if unit is not None else None
    return Heading(
        superior=f"{PEOPLES_COMMITTEE}\n{above.full_name.upper()}"
        if above and above.level in AUTHORITIES
        else "",
        issuer=name.upper(),
        issuer_name=name,
        symbol="BC-…",
        place=_place(above) if above else "……",
        signed_for="",
        signer="THỦ TRƯỞNG CƠ QUAN",
    )


def unit_of_organiser(organiser: Organiser, year: int) -> Unit | None:
    """Return which unit an organiser was at the end of a year, None where it is no unit. One query."""
    own = organiser.organiser_units.exclude(valid_from__year__gt=year).exclude(valid_to__year__lt=year)
    last = own.select_related("unit__parent").last()
    return last.unit if last else None


def _place(unit: Unit) -> str:
    """Return the place name; one that is a number keeps its type (Quận 1)."""
    return unit.full_name if unit.name[:1].isdigit() else unit.name
