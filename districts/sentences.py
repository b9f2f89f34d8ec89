"""What became of a unit, said in Vietnamese: whole sentences with placeholders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# More names than this are counted in the sentence and listed below it.
MAX_NAMES = 12


@dataclass(frozen=True, slots=True)
class Title:
    """A unit's type and name at the time the sentence speaks of: "Xã", "Phú Xuyên"."""

    type: str
    name: str

    @property
    def full(self) -> str:
        return f"{self.type} {self.name}".strip()

    @property
    def inside(self) -> str:
        """As it stands inside a sentence: xã Phú Xuyên."""
        return f"{self.type.lower()} {self.name}".strip()


def listed(titles: Sequence[Title]) -> str:
    """The names by type, in the order given: "các xã Phú Xuyên, Phượng Dực và phường Sơn Tây"."""
    by_type: dict[str, list[str]] = {}
    for title in titles:
        by_type.setdefault(title.type.lower(), []).append(title.name)
    groups = [
        ngettext("%(type)s %(names)s", "các %(type)s %(names)s", len(of_type))
        % {"type": type_, "names": ", ".join(of_type)}
        for type_, of_type in by_type.items()
    ]
    if len(groups) < 2:
        return "".join(groups)
    return _("%(first)s và %(last)s") % {"first": ", ".join(groups[:-1]), "last": groups[-1]}


def listed_or_counted(titles: Sequence[Title]) -> str:
    if len(titles) <= MAX_NAMES:
        return listed(titles)
    return _("%(count)s đơn vị hành chính (danh sách bên dưới)") % {"count": len(titles)}


def written(day: dt.date) -> str:
    return date_format(day, "DATE_FORMAT")


def continued(unit: Title, day: dt.date | None) -> str:
    if day is None:
        return _("%(unit)s được giữ nguyên khi sắp xếp đơn vị hành chính.") % {"unit": unit.full}
    return _("%(unit)s được giữ nguyên khi sắp xếp đơn vị hành chính từ ngày %(day)s.") % {
        "unit": unit.full,
        "day": written(day),
    }


def became(old: Title, new: Title, day: dt.date | None, legal_act: str = "") -> str:
    """A rename or a change of type, with the act where it is known."""
    said = {"old": old.full, "new": new.inside, "act": legal_act, "day": written(day) if day else ""}
    if day is None:
        return _("%(old)s nay là %(new)s.") % said
    if legal_act:
        return _("%(old)s từ ngày %(day)s là %(new)s theo %(act)s.") % said
    return _("%(old)s từ ngày %(day)s là %(new)s.") % said


def ended(
    unit: Title,
    successors: Sequence[Title],
    day: dt.date | None,
    *,
    province: Title | None = None,
    main: Title | None = None,
) -> str:
    """A unit that closed, and where its territory is now.

    `province`: the successors', said where it is not the one the unit belonged to; `main`: who got the
    main part of a unit that was divided.
    """
    said = {
        "unit": unit.full,
        "day": written(day) if day else "",
        "now": listed_or_counted(successors),
        "province": province.inside if province else "",
        "main": main.inside if main else "",
    }
    if day is None:
        if not successors:
            return _("%(unit)s đã kết thúc hoạt động.") % said
        return _("%(unit)s đã kết thúc hoạt động; địa bàn nay thuộc %(now)s.") % said
    if not successors:
        return _("%(unit)s kết thúc hoạt động từ ngày %(day)s.") % said
    if province and main:
        return (
            _(
                "%(unit)s kết thúc hoạt động từ ngày %(day)s; địa bàn nay thuộc %(now)s, %(province)s"
                " (phần chính thuộc %(main)s)."
            )
            % said
        )
    if province:
        return (
            _("%(unit)s kết thúc hoạt động từ ngày %(day)s; địa bàn nay thuộc %(now)s, %(province)s.") % said
        )
    if main:
        return (
            _(
                "%(unit)s kết thúc hoạt động từ ngày %(day)s; địa bàn nay thuộc %(now)s"
                " (phần chính thuộc %(main)s)."
            )
            % said
        )
    return _("%(unit)s kết thúc hoạt động từ ngày %(day)s; địa bàn nay thuộc %(now)s.") % said


def merged(unit: Title, others: Sequence[Title], successor: Title, day: dt.date | None) -> str:
    """A unit that was arranged together with others of its level into one."""
    said = {"unit": unit.full, "others": listed_or_counted(others), "new": successor.inside}
    if day is None:
        return _("%(unit)s được sắp xếp cùng %(others)s; địa bàn nay thuộc %(new)s.") % said
    return _("%(unit)s được sắp xếp cùng %(others)s từ ngày %(day)s; địa bàn nay thuộc %(new)s.") % {
        **said,
        "day": written(day),
    }


def founded(unit: Title, wholes: Sequence[Title], parts: Sequence[Title], day: dt.date | None) -> str:
    """A unit formed from whole units, from parts of units, or from both."""
    said = {
        "unit": unit.full,
        "day": written(day) if day else "",
        "wholes": listed_or_counted(wholes),
        "parts": listed_or_counted(parts),
    }
    if day is None:
        return _("%(unit)s được thành lập trên địa bàn %(from)s.") % {
            **said,
            "from": listed_or_counted([*wholes, *parts]),
        }
    if wholes and parts:
        return (
            _("%(unit)s được thành lập từ ngày %(day)s trên địa bàn %(wholes)s cùng một phần %(parts)s.")
            % said
        )
    if parts:
        return _("%(unit)s được thành lập từ ngày %(day)s trên một phần địa bàn %(parts)s.") % said
    return _("%(unit)s được thành lập từ ngày %(day)s trên địa bàn %(wholes)s.") % said


def basis(legal_acts: Iterable[str]) -> str:
    """The acts a change rests on, each once; empty where none is sourced."""
    acts = ", ".join(dict.fromkeys(act for act in legal_acts if act))
    return _("Căn cứ: %(acts)s.") % {"acts": acts} if acts else ""


def remarks(
    place: str, kind: str, day: dt.date | None, *, main: bool | None, is_part: bool, derived: bool
) -> list[str]:
    """What stands beside a neighbour in the lineage: where it lies, what happened, when, how it is known."""
    part = _("phần chính") if main else _("một phần")
    return [
        said
        for said in (
            place,
            kind,
            part if is_part else "",
            _("từ %(day)s") % {"day": written(day)} if day else "",
            _("suy ra từ cấp xã") if derived else "",
        )
        if said
    ]
