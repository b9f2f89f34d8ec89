"""What do the checks say to whoever enters a dossier count? The plain sums: no source stands between the two."""

from __future__ import annotations

from decimal import Decimal

from reports.check_sentences import NAMES, joined
from reports.checks import AtMost, Finding, PrintedRate, Sum, Verdict
from reports.models import DossierCount
from reports.numbers_vi import count, percent


def sentence(finding: Finding, row: DossierCount) -> str:
    """Return one finding of a row that is being entered as a sentence."""
    match finding.identity:
        case Sum():
            return _of_sum(finding, finding.identity, row)
        case PrintedRate():
            return _of_rate(finding, finding.identity, row)
        case AtMost():
            return _of_at_most(finding, finding.identity, row)


def _of_sum(finding: Finding, identity: Sum, row: DossierCount) -> str:
    names = joined(str(NAMES[name]) for name in finding.terms)
    terms = " + ".join(count(getattr(row, name)) for name in finding.terms)
    added = f"{names} = {terms} = {count(finding.right)}" if len(finding.terms) > 1 else f"{names} = {terms}"
    whole, gap = f"tổng số {NAMES[identity.whole]}", count(abs(finding.gap or Decimal(0)))
    if finding.is_bound and finding.verdict is Verdict.UNKNOWN:
        worded = row.wording_of(identity.whole) or count(finding.left)
        return f"{added}; {whole} ghi “{worded}”, chênh {gap}: phù hợp, nhưng không đủ để kết luận."
    empty = ", ".join(str(NAMES[name]) for name in finding.missing)
    blank = f"; ô còn trống: {empty}" if empty and finding.verdict is Verdict.UNKNOWN else ""
    return f"{added}, {whole} = {count(finding.left)}, lệch {gap}{blank}."


def _of_rate(finding: Finding, identity: PrintedRate, row: DossierCount) -> str:
    part = sum(getattr(row, name) for name in finding.terms)
    rate, rounded = percent(finding.left, 4), percent(finding.right, 4)
    if finding.exact is None:
        return _of_implied(finding, identity, part, rate)
    share = f"{count(part)}/{count(getattr(row, identity.whole))} = {percent(finding.exact, 4)}"
    if finding.is_truncated:
        return f"{share}, làm tròn là {rounded}; tỷ lệ đã công bố {rate} là cắt bớt chứ không làm tròn."
    return f"{share}, làm tròn là {rounded}, không khớp với tỷ lệ đã công bố {rate}."


def _of_implied(finding: Finding, identity: PrintedRate, part: int, rate: str) -> str:
    said = f"{count(part)} hồ sơ là {rate}, ô tổng số còn trống"
    if finding.implied is None:
        return f"{said}: không có tổng số nào phù hợp."
    least, greatest = finding.implied
    if least < greatest:
        return f"{said}: tổng số từ {count(least)} đến {count(greatest)} hồ sơ là phù hợp."
    late = f", tức là {count(least - part)} hồ sơ quá hạn" if identity.key == "on_time_rate" else ""
    return f"{said}: chỉ tổng số {count(least)} hồ sơ là phù hợp{late}."


def _of_at_most(finding: Finding, identity: AtMost, row: DossierCount) -> str:
    part = f"{str(NAMES[identity.part]).capitalize()} {count(finding.right)} hồ sơ"
    whole_name = "quá hạn" if identity.also else NAMES[identity.whole]
    whole = row.wording_of(identity.whole) or count(finding.left)
    if finding.verdict is Verdict.BROKEN:
        return f"{part}, nhiều hơn số {whole_name} {whole}: không thể đúng."
    return f"{part} trên số {whole_name} “{whole}”: không đủ để kết luận."
