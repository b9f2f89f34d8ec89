"""What do the checks of a dossier count say, in whole Vietnamese sentences with the sums shown?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.db.models import DecimalField, PositiveIntegerField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.checks import AtMost, Finding, Level, PrintedRate, Sum, Verdict, check_dossiers
from reports.models import DossierCount
from reports.numbers_vi import count, percent

NAMES = {
    "received": gettext_lazy("tiếp nhận"),
    "received_online": gettext_lazy("trực tuyến"),
    "received_direct": gettext_lazy("trực tiếp"),
    "carried_over": gettext_lazy("từ kỳ trước chuyển sang"),
    "resolved": gettext_lazy("đã giải quyết"),
    "resolved_early": gettext_lazy("trước hạn"),
    "resolved_on_time": gettext_lazy("đúng hạn"),
    "resolved_late": gettext_lazy("quá hạn"),
    "on_time_or_early": gettext_lazy("trước và đúng hạn"),
    "pending": gettext_lazy("đang giải quyết"),
    "pending_on_time": gettext_lazy("đang giải quyết trong hạn"),
    "pending_late": gettext_lazy("đang giải quyết quá hạn"),
    "late_unspecified": gettext_lazy("trễ hạn"),
    "awaiting_supplement": gettext_lazy("chờ bổ sung"),
    "suspended": gettext_lazy("tạm dừng"),
    "returned": gettext_lazy("trả lại"),
    "withdrawn": gettext_lazy("rút hồ sơ"),
    "apologised": gettext_lazy("có thư xin lỗi"),
    "rescheduled": gettext_lazy("có hẹn lại ngày trả"),
    "digitised_on_receipt": gettext_lazy("số hóa khi tiếp nhận"),
    "digitised_results": gettext_lazy("đã số hóa"),
}


@dataclass(frozen=True)
class FindingText:
    """A finding in words; `css` is "ok", "gap" or empty, as the list of findings draws it."""

    text: str
    css: str
    level: Level


def dossier_findings(row: DossierCount) -> tuple[FindingText, ...]:
    """Return what the identities of form II.06 say of a dossier count, in the form's order.

    A part that is not more than its whole goes without saying.
    """
    found = findings_of(row)
    said = [f for f in found if f.verdict is not Verdict.HOLDS or not isinstance(f.identity, AtMost)]
    return tuple(FindingText(sentence(f, row), _css(f), f.level) for f in said)


def dossier_gaps(row: DossierCount) -> tuple[FindingText, ...]:
    """Return those of dossier_findings that do not agree; where all agrees nothing is put into words."""
    return tuple(FindingText(sentence(f, row), "gap", f.level) for f in findings_of(row) if _css(f) == "gap")


def findings_of(row: DossierCount) -> list[Finding]:
    """Return what the identities of form II.06 find in a dossier count, under the convention it declares."""
    names = _counted_fields(type(row))
    counts, qualities = {n: getattr(row, n) for n in names}, {n: row.quality_of(n) for n in names}
    return check_dossiers(counts, qualities, row.convention)


@cache
def _counted_fields(model: type[DossierCount]) -> tuple[str, ...]:
    fields = model._meta.get_fields()
    return tuple(f.name for f in fields if isinstance(f, PositiveIntegerField | DecimalField))


def _css(finding: Finding) -> str:
    if finding.verdict is Verdict.HOLDS:
        return "ok"
    fits = finding.verdict is Verdict.UNKNOWN and (finding.is_bound or finding.level is Level.NOTE)
    return "" if fits else "gap"


def sentence(finding: Finding, row: DossierCount) -> str:
    """Return one finding of a row as a sentence."""
    match finding.identity:
        case Sum():
            return _of_sum(finding, finding.identity, row)
        case PrintedRate():
            return _of_rate(finding, finding.identity, row)
        case AtMost():
            return _of_at_most(finding, finding.identity, row)


def _of_sum(finding: Finding, identity: Sum, row: DossierCount) -> str:
    args = {
        "names": joined(str(NAMES[name]) for name in finding.terms),
        "sum": " + ".join(count(getattr(row, name)) for name in finding.terms),
        "right": count(finding.right),
        "whole_name": NAMES[identity.whole],
        "whole": row.wording_of(identity.whole) or count(finding.left),
        "gap": count(abs(finding.gap or Decimal(0))),
        "missing": ", ".join(str(NAMES[name]) for name in finding.missing),
    }
    if finding.verdict is Verdict.HOLDS:
        return _("%(names)s: %(sum)s = %(right)s, khớp với số %(whole_name)s.") % args
    if finding.verdict is Verdict.BROKEN:
        return (
            _(
                "%(names)s: %(sum)s = %(right)s, không khớp với số %(whole_name)s %(whole)s: "
                "chênh lệch %(gap)s hồ sơ."
            )
            % args
        )
    if finding.is_bound:
        return (
            _(
                "%(names)s: %(sum)s = %(right)s; nguồn chỉ ghi số %(whole_name)s là “%(whole)s”, chênh "
                "%(gap)s hồ sơ: phù hợp, nhưng không đủ để kết luận."
            )
            % args
        )
    return (
        _(
            "%(names)s: %(sum)s = %(right)s, nguồn ghi %(whole_name)s %(whole)s: còn %(gap)s hồ sơ chưa rõ "
            "(nguồn không ghi số %(missing)s)."
        )
        % args
    )


def joined(words: Iterable[str]) -> str:
    """Return the terms of a sum, in words that begin a sentence."""
    text = " + ".join(words)
    return text[:1].upper() + text[1:]


def _of_rate(finding: Finding, identity: PrintedRate, row: DossierCount) -> str:
    part = sum(getattr(row, name) for name in finding.terms)
    args = {
        "part": count(part),
        "whole": count(getattr(row, identity.whole)),
        "exact": percent(finding.exact, 4),
        "rate": percent(finding.left, 4),
        "rounded": percent(finding.right, 4),
    }
    if finding.exact is None:
        return _of_implied(finding, identity, part)
    if finding.verdict is Verdict.HOLDS:
        return _("%(part)s/%(whole)s = %(exact)s, khớp với tỷ lệ nguồn ghi %(rate)s.") % args
    if finding.is_truncated:
        return (
            _(
                "%(part)s/%(whole)s = %(exact)s, làm tròn là %(rounded)s; nguồn ghi %(rate)s, tức là cắt "
                "bớt chứ không làm tròn."
            )
            % args
        )
    return (
        _("%(part)s/%(whole)s = %(exact)s, làm tròn là %(rounded)s; nguồn ghi %(rate)s, không khớp.") % args
    )


def _of_implied(finding: Finding, identity: PrintedRate, part: int) -> str:
    args = {"part": count(part), "rate": percent(finding.left, 4)}
    if finding.implied is None:
        return _("Không có tổng số nào để %(part)s hồ sơ là %(rate)s.") % args
    least, greatest = finding.implied
    args |= {"least": count(least), "greatest": count(greatest), "rest": count(least - part)}
    if least < greatest:
        return (
            _(
                "Nguồn ghi %(part)s hồ sơ là %(rate)s mà không ghi tổng số; suy ra tổng số từ %(least)s đến "
                "%(greatest)s hồ sơ."
            )
            % args
        )
    if identity.key == "on_time_rate":
        return (
            _(
                "Nguồn ghi %(part)s hồ sơ là %(rate)s mà không ghi tổng số; chỉ tổng số %(least)s hồ sơ là "
                "phù hợp, tức là %(rest)s hồ sơ quá hạn (suy ra)."
            )
            % args
        )
    return (
        _(
            "Nguồn ghi %(part)s hồ sơ là %(rate)s mà không ghi tổng số; chỉ tổng số %(least)s hồ sơ là "
            "phù hợp (suy ra)."
        )
        % args
    )


def _of_at_most(finding: Finding, identity: AtMost, row: DossierCount) -> str:
    args = {
        "part_name": str(NAMES[identity.part]).capitalize(),
        "part": count(finding.right),
        "whole_name": _("quá hạn") if identity.also else NAMES[identity.whole],
        "whole": row.wording_of(identity.whole) or count(finding.left),
    }
    if finding.verdict is Verdict.BROKEN:
        return (
            _("%(part_name)s %(part)s hồ sơ, nhiều hơn số %(whole_name)s %(whole)s: không thể đúng.") % args
        )
    return _("%(part_name)s %(part)s hồ sơ trên số %(whole_name)s “%(whole)s”: không đủ để kết luận.") % args
