"""The index of Decision 766/QĐ-TTg (23/06/2022): its groups and components, and what counts would give. Pure.

The portal's own score is the official one. The formulas below were fitted to scores the National Public Service Portal
shows (to within 0,015 points); they are not the text of the law and serve only to explain a score. It is another thing
than the PAR INDEX and never added to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Empty(StrEnum):
    """What nothing out of nothing earns."""

    UNKNOWN = "unknown"
    FULL = "full"
    ZERO = "zero"


@dataclass(frozen=True)
class Component:
    """A part of a group: its maximum, what is divided by what, and the line through the fitted scores.

    Points are min(maximum, maximum × ratio / target): `target` is the ratio from which all points are given.
    """

    key: str
    title: str
    maximum: Decimal
    numerator: str
    denominator: str
    target: Fraction
    empty: Empty = Empty.UNKNOWN


@dataclass(frozen=True)
class Group:
    """One of the six groups."""

    key: str
    title: str
    components: tuple[Component, ...]

    @property
    def maximum(self) -> Decimal:
        return sum((one.maximum for one in self.components), Decimal(0))


def _component(
    key: str, title: str, maximum: str, of: tuple[str, str], target: str = "1", empty: Empty = Empty.UNKNOWN
) -> Component:
    return Component(key, title, Decimal(maximum), of[0], of[1], Fraction(target), empty)


_PROCEDURES, _RECEIVED, _RESOLVED = "thủ tục hành chính", "hồ sơ tiếp nhận", "hồ sơ đã giải quyết"
_PAYABLE = "thủ tục có nghĩa vụ tài chính"
_PETITIONS = "phản ánh, kiến nghị"

GROUPS: tuple[Group, ...] = (
    Group(
        "transparency",
        "Công khai, minh bạch",
        (
            _component(
                "transparency.published",
                "Thủ tục công bố đúng hạn",
                "6",
                ("thủ tục công bố đúng hạn", "thủ tục phải công bố"),
            ),
            _component(
                "transparency.updated",
                "Thủ tục cập nhật, công khai đúng hạn",
                "4",
                ("thủ tục công khai đúng hạn", "thủ tục phải công khai"),
            ),
            _component(
                "transparency.complete",
                "Thủ tục công khai đủ nội dung",
                "2",
                ("thủ tục công khai đủ nội dung", "thủ tục đã công khai"),
            ),
            _component(
                "transparency.synchronised",
                "Hồ sơ đồng bộ lên Cổng Dịch vụ công quốc gia",
                "6",
                ("hồ sơ đã đồng bộ", _RECEIVED),
            ),
        ),
    ),
    Group(
        "progress",
        "Tiến độ giải quyết",
        (
            _component(
                "progress.in_time",
                "Hồ sơ giải quyết trước và đúng hạn",
                "20",
                ("hồ sơ trước và đúng hạn", "hồ sơ phải giải quyết"),
            ),
        ),
    ),
    Group(
        "online",
        "Dịch vụ công trực tuyến",
        (
            _component(
                "online.offered",
                "Thủ tục cung cấp dịch vụ công trực tuyến",
                "2",
                ("thủ tục có dịch vụ công trực tuyến", _PROCEDURES),
                "0.8",
            ),
            _component(
                "online.used",
                "Dịch vụ công trực tuyến có phát sinh hồ sơ",
                "4",
                ("dịch vụ có phát sinh hồ sơ", "dịch vụ công trực tuyến"),
            ),
            _component(
                "online.dossiers", "Hồ sơ nộp trực tuyến", "6", ("hồ sơ nộp trực tuyến", _RECEIVED), "0.5"
            ),
        ),
    ),
    Group(
        "digitised",
        "Số hóa hồ sơ",
        (
            _component("digitised.results", "Cấp kết quả điện tử", "6", ("kết quả điện tử", _RESOLVED)),
            _component(
                "digitised.on_receipt",
                "Số hóa thành phần hồ sơ khi tiếp nhận",
                "4",
                ("hồ sơ được số hóa", _RECEIVED),
            ),
            _component(
                "digitised.certified",
                "Thủ tục chấp nhận bản sao chứng thực điện tử",
                "2",
                ("thủ tục chấp nhận", _PROCEDURES),
            ),
            _component(
                "digitised.reused",
                "Khai thác, sử dụng lại thông tin số hóa",
                "2",
                ("hồ sơ dùng lại dữ liệu", _RECEIVED),
                "0.8",
            ),
            _component(
                "digitised.shared",
                "Kết nối, chia sẻ dữ liệu để tái sử dụng",
                "4",
                ("thủ tục chia sẻ dữ liệu", _PROCEDURES),
            ),
            _component(
                "digitised.population",
                "Hồ sơ dùng dữ liệu dân cư",
                "2",
                ("hồ sơ dùng dữ liệu dân cư", _RECEIVED),
            ),
            _component(
                "digitised.connected",
                "Thủ tục kết nối dữ liệu dân cư",
                "2",
                ("thủ tục đã kết nối", _PROCEDURES),
            ),
        ),
    ),
    Group(
        "payment",
        "Thanh toán trực tuyến",
        (
            _component(
                "payment.offered",
                "Thủ tục có nghĩa vụ tài chính được tích hợp",
                "2",
                ("thủ tục đã tích hợp", _PAYABLE),
                "0.8",
            ),
            _component(
                "payment.used",
                "Thủ tục có giao dịch thanh toán trực tuyến",
                "2",
                ("thủ tục có giao dịch", _PAYABLE),
                "0.8",
            ),
            _component(
                "payment.dossiers",
                "Hồ sơ thanh toán trực tuyến",
                "6",
                ("hồ sơ thanh toán trực tuyến", "hồ sơ có nghĩa vụ tài chính"),
            ),
        ),
    ),
    Group(
        "satisfaction",
        "Mức độ hài lòng",
        (
            _component(
                "satisfaction.petitions_in_time",
                "Phản ánh, kiến nghị xử lý đúng hạn",
                "6",
                ("phản ánh, kiến nghị xử lý đúng hạn", _PETITIONS),
                empty=Empty.FULL,
            ),
            _component(
                "satisfaction.petitions",
                "Hài lòng về xử lý phản ánh, kiến nghị",
                "6",
                ("phản ánh, kiến nghị được đánh giá hài lòng", _PETITIONS),
                empty=Empty.FULL,
            ),
            _component(
                "satisfaction.dossiers",
                "Hài lòng về giải quyết thủ tục hành chính",
                "6",
                ("lượt hài lòng", "lượt đánh giá"),
                "0.9",
                Empty.ZERO,
            ),
        ),
    ),
)
COMPONENTS: Mapping[str, Component] = {one.key: one for group in GROUPS for one in group.components}
MAXIMA: Mapping[str, Decimal] = {
    **{group.key: group.maximum for group in GROUPS},
    **{key: one.maximum for key, one in COMPONENTS.items()},
}


def explained(component: Component, numerator: int | None, denominator: int | None) -> Fraction | None:
    """Return the points the fitted formula gives for two counts, exact; None where it cannot say.

    A count that is not known is not 0. Raises ValueError for a part greater than its whole.
    """
    if numerator is None or denominator is None:
        return None
    if numerator > denominator:
        raise ValueError(f"{component.title}: tử số {numerator} lớn hơn mẫu số {denominator}.")
    if denominator:
        ratio = Fraction(numerator, denominator)
        return Fraction(component.maximum) * min(Fraction(1), ratio / component.target)
    if component.empty == Empty.UNKNOWN:
        return None
    return Fraction(component.maximum) if component.empty == Empty.FULL else Fraction(0)


def group_of(key: str) -> Group:
    """Return the group that a key is, or belongs to. Raises KeyError for one that is neither."""
    for group in GROUPS:
        if key == group.key or key in {one.key for one in group.components}:
            return group
    raise KeyError(key)


def adds_up(points: Mapping[str, Decimal]) -> list[tuple[str, Decimal, Decimal]]:
    """Return where printed scores do not add up: the whole's key ("" the total), what it says, what its parts give.

    `points` by key of groups and components, the total under "". Only wholes whose parts are all printed are compared;
    half a hundredth a part is rounding.
    """
    wholes = [("", [group.key for group in GROUPS])]
    wholes += [(group.key, [one.key for one in group.components]) for group in GROUPS]
    found = []
    for whole, parts in wholes:
        if whole in points and all(part in points for part in parts):
            given = sum((points[part] for part in parts), Decimal(0))
            if abs(given - points[whole]) > Decimal("0.005") * len(parts):
                found.append((whole, points[whole], given))
    return found
