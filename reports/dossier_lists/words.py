"""What do one-stop systems call things? Headings, states, channels and marks, as they print them. Pure.

All words are compared folded: lower case, without marks, whatever the Unicode form. Of the headings that mean the
same the first named here is taken, as "ngày kết thúc xử lý" before "ngày trả kết quả": a dossier is in time by when
it was finished, not by when somebody came for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from districts.names import fold
from reports.readers import ReadError, text_of

BRACKETS = re.compile(r"\([^)]*\)")


class Column(StrEnum):
    """What a column of a list says."""

    CODE = "code"
    RECEIVED = "received"
    DUE = "due"
    FINISHED = "finished"
    CHANNEL = "channel"
    FIELD = "field"
    STATE = "state"
    ON_RECEIPT = "on_receipt"
    RESULT = "result"
    UNIT = "unit"
    TIER = "tier"


class Channel(StrEnum):
    ONLINE = "online"
    DIRECT = "direct"
    POST = "post"


class State(StrEnum):
    """Where a dossier stood when the list was drawn."""

    RESOLVED = "resolved"
    PENDING = "pending"
    AWAITING = "awaiting_supplement"
    SUSPENDED = "suspended"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Tier(StrEnum):
    """Which level of the unit's territory resolves the dossier."""

    OWN = "own"
    COMMUNE = "commune"


COLUMN_NAMES: Mapping[Column, str] = {
    Column.CODE: "Mã hồ sơ",
    Column.RECEIVED: "Ngày tiếp nhận",
    Column.DUE: "Ngày hẹn trả",
    Column.FINISHED: "Ngày kết thúc xử lý",
    Column.CHANNEL: "Hình thức tiếp nhận",
    Column.FIELD: "Lĩnh vực",
    Column.STATE: "Trạng thái",
    Column.ON_RECEIPT: "Số hóa khi tiếp nhận",
    Column.RESULT: "Số hóa kết quả",
    Column.UNIT: "Đơn vị giải quyết",
    Column.TIER: "Cấp giải quyết",
}
HEADINGS: Mapping[Column, tuple[str, ...]] = {
    Column.CODE: (
        *("Mã hồ sơ", "Mã số hồ sơ", "Số hồ sơ", "Mã HS", "Số biên nhận", "Mã biên nhận", "Số biên lai"),
        *("Mã hồ sơ TTHC", "Mã tra cứu"),
    ),
    Column.RECEIVED: (
        *("Ngày tiếp nhận", "Thời gian tiếp nhận", "Ngày nhận", "Ngày nhận hồ sơ", "Ngày tiếp nhận hồ sơ"),
        *("Thời điểm tiếp nhận", "Ngày nộp", "Ngày nộp hồ sơ", "Tiếp nhận lúc"),
    ),
    Column.DUE: (
        *(
            "Ngày hẹn trả",
            "Ngày hẹn trả kết quả",
            "Hạn trả",
            "Hạn trả kết quả",
            "Hạn xử lý",
            "Hạn giải quyết",
        ),
        *("Thời gian hẹn trả", "Thời hạn giải quyết", "Ngày hẹn", "Hẹn trả", "Hạn trả hồ sơ", "Ngày đến hạn"),
        *("Ngày hẹn trả hồ sơ", "Ngày hẹn trả KQ", "Thời hạn trả kết quả"),
    ),
    Column.FINISHED: (
        *(
            "Ngày kết thúc xử lý",
            "Ngày kết thúc",
            "Ngày giải quyết xong",
            "Ngày hoàn thành",
            "Ngày xử lý xong",
        ),
        *("Thời gian kết thúc", "Ngày có kết quả", "Ngày giải quyết", "Ngày trả kết quả", "Ngày trả"),
        *("Ngày trả KQ", "Thời gian trả kết quả", "Ngày trả kết quả thực tế", "Ngày trả thực tế"),
    ),
    Column.CHANNEL: (
        *("Hình thức tiếp nhận", "Hình thức nộp", "Kênh tiếp nhận", "Hình thức nộp hồ sơ", "Kênh nộp"),
        *(
            "Phương thức tiếp nhận",
            "Nguồn tiếp nhận",
            "Hình thức nhận hồ sơ",
            "Hình thức nhận",
            "Cách thức nộp",
        ),
        *("Nguồn hồ sơ", "Hình thức tiếp nhận hồ sơ"),
    ),
    Column.FIELD: ("Lĩnh vực", "Tên lĩnh vực", "Lĩnh vực TTHC", "Lĩnh vực thủ tục", "Nhóm lĩnh vực"),
    Column.STATE: (
        *("Trạng thái", "Tình trạng", "Trạng thái hồ sơ", "Tình trạng hồ sơ", "Trạng thái xử lý"),
        *("Tình trạng xử lý", "Tình trạng giải quyết", "Trạng thái giải quyết"),
    ),
    Column.ON_RECEIPT: (
        *("Số hóa khi tiếp nhận", "Số hóa hồ sơ khi tiếp nhận", "Số hóa thành phần hồ sơ", "Số hóa TPHS"),
        *("Số hóa hồ sơ", "Số hóa đầu vào", "Đã số hóa thành phần hồ sơ", "Số hóa"),
    ),
    Column.RESULT: (
        *("Số hóa kết quả", "Số hóa KQ", "Số hóa kết quả giải quyết", "Số hóa đầu ra"),
        *("Kết quả đã số hóa", "Kết quả điện tử", "Đã số hóa kết quả", "Số hóa kết quả giải quyết TTHC"),
    ),
    Column.UNIT: (
        *("Mã đơn vị giải quyết", "Đơn vị giải quyết", "Cơ quan giải quyết", "Đơn vị xử lý", "Cơ quan xử lý"),
        *("Cơ quan thực hiện", "Đơn vị thực hiện", "Mã đơn vị", "Tên đơn vị giải quyết", "Đơn vị"),
    ),
    Column.TIER: ("Cấp giải quyết", "Cấp thực hiện", "Cấp thủ tục", "Cấp", "Cấp hành chính"),
}
STATES: Mapping[State, tuple[str, ...]] = {
    State.RESOLVED: (
        *("Đã giải quyết", "Đã giải quyết xong", "Đã trả kết quả", "Đã hoàn thành", "Hoàn thành", "Đã xử lý"),
        *(
            "Đã xử lý xong",
            "Đã có kết quả",
            "Chờ trả kết quả",
            "Đã trả",
            "Kết thúc",
            "Đã kết thúc",
            "Đã đóng",
        ),
        *("Đã giải quyết trước hạn", "Đã giải quyết đúng hạn", "Đã giải quyết quá hạn", "Đã phê duyệt"),
        *("Trả kết quả", "Đã trả kết quả trước hạn", "Đã trả kết quả đúng hạn", "Đã trả kết quả trễ hạn"),
    ),
    State.PENDING: (
        *("Đang giải quyết", "Đang xử lý", "Đã tiếp nhận", "Mới tiếp nhận", "Chờ xử lý", "Chờ giải quyết"),
        *("Chưa giải quyết", "Chờ phê duyệt", "Đang thẩm định", "Đang trình ký", "Chờ ký"),
        *("Đang giải quyết trong hạn", "Đang giải quyết quá hạn", "Đang thực hiện", "Tiếp nhận"),
        *("Đang xử lý trong hạn", "Đang xử lý quá hạn", "Đang luân chuyển"),
    ),
    State.AWAITING: (
        *("Chờ bổ sung", "Chờ bổ sung hồ sơ", "Yêu cầu bổ sung", "Đang chờ bổ sung", "Bổ sung hồ sơ"),
        *("Yêu cầu bổ sung hồ sơ", "Chờ công dân bổ sung", "Đang bổ sung", "Bổ sung", "Chờ bổ sung giấy tờ"),
    ),
    State.SUSPENDED: (
        *("Tạm dừng", "Tạm dừng xử lý", "Tạm dừng giải quyết", "Đang tạm dừng", "Tạm ngừng"),
        *("Chờ thực hiện nghĩa vụ tài chính", "Chờ nghĩa vụ tài chính"),
    ),
    State.RETURNED: (
        *("Trả lại", "Trả lại hồ sơ", "Đã trả lại", "Không đủ điều kiện", "Từ chối", "Bị từ chối"),
        *("Từ chối giải quyết", "Hồ sơ không đủ điều kiện", "Trả lại không đủ điều kiện"),
        *("Trả lại do không đủ điều kiện", "Không giải quyết", "Dừng xử lý", "Hủy", "Đã hủy"),
    ),
    State.WITHDRAWN: (
        *("Rút hồ sơ", "Xin rút", "Xin rút hồ sơ", "Đã rút", "Công dân rút hồ sơ", "Công dân xin rút", "Rút"),
        "Công dân yêu cầu rút hồ sơ",
    ),
}
CHANNELS: Mapping[Channel, tuple[str, ...]] = {
    Channel.ONLINE: (
        *(
            "Trực tuyến",
            "Nộp trực tuyến",
            "Qua mạng",
            "Online",
            "DVC trực tuyến",
            "Cổng dịch vụ công",
            "DVCTT",
        ),
        *(
            "Dịch vụ công trực tuyến",
            "Cổng DVC quốc gia",
            "Cổng dịch vụ công quốc gia",
            "Cổng DVCQG",
            "DVCQG",
        ),
        *("Tiếp nhận trực tuyến", "Qua cổng dịch vụ công", "Trực tuyến toàn trình", "Trực tuyến một phần"),
        *("Toàn trình", "Một phần", "VNeID", "Internet"),
    ),
    Channel.DIRECT: (
        *("Trực tiếp", "Nộp trực tiếp", "Tiếp nhận trực tiếp", "Tại bộ phận một cửa", "Một cửa", "Tại quầy"),
        *("Bộ phận một cửa", "Trực tiếp tại bộ phận một cửa", "Tại chỗ", "Không trực tuyến"),
    ),
    Channel.POST: (
        *(
            "Bưu chính",
            "Qua bưu chính",
            "Bưu điện",
            "Qua bưu điện",
            "Dịch vụ bưu chính",
            "BCCI",
            "Bưu chính công ích",
        ),
        *("Dịch vụ bưu chính công ích", "Qua dịch vụ bưu chính công ích", "Qua dịch vụ bưu chính"),
    ),
}
TIERS: Mapping[Tier, tuple[str, ...]] = {
    Tier.OWN: ("Cấp huyện", "Huyện", "UBND cấp huyện", "Cấp quận", "Cấp quận, huyện", "Quận", "Thành phố"),
    Tier.COMMUNE: ("Cấp xã", "Xã", "UBND cấp xã", "Phường", "Cấp phường", "Cấp phường, xã", "Xã, phường"),
}
YES = ("Có", "X", "1", "Đã số hóa", "Đã", "True", "Yes", "Y", "Rồi", "Đạt", "✓", "✔", "Đã thực hiện")
NO = ("Không", "0", "Chưa số hóa", "Chưa", "False", "No", "N", "Không đạt", "-", "Chưa thực hiện")
MARKS = {**{text_of(mark).lower(): True for mark in YES}, **{text_of(mark).lower(): False for mark in NO}}

STATE_OF = {fold(word): state for state, words in STATES.items() for word in words}
CHANNEL_OF = {fold(word): channel for channel, words in CHANNELS.items() for word in words}
TIER_OF = {fold(word): tier for tier, words in TIERS.items() for word in words}
MARK_OF = {fold(mark): value for mark, value in MARKS.items() if fold(mark)}
HEADING_OF = {
    fold(word): (column, rank) for column, words in HEADINGS.items() for rank, word in enumerate(words)
}


def heading_of(cell: object) -> tuple[Column, int] | None:
    """Return what a heading means and how far down its synonyms it stands, None for a column of no interest."""
    text = text_of(cell)
    return HEADING_OF.get(fold(text)) or HEADING_OF.get(fold(BRACKETS.sub(" ", text)))


def state_of(cell: object) -> State | None:
    """Return a state, None for an empty cell. Raises ReadError."""
    text = text_of(cell)
    if not text:
        return None
    found = STATE_OF.get(fold(text)) or STATE_OF.get(fold(BRACKETS.sub(" ", text)))
    if found is None:
        raise ReadError("Không hiểu trạng thái này; xem các cách ghi ở phần hướng dẫn.")
    return found


def channel_of(cell: object) -> Channel | None:
    """Return by which way a dossier came, None for an empty cell. Raises ReadError."""
    text = text_of(cell)
    if not text:
        return None
    found = CHANNEL_OF.get(fold(text)) or CHANNEL_OF.get(fold(BRACKETS.sub(" ", text)))
    if found is None:
        raise ReadError("Không hiểu hình thức tiếp nhận này; ghi trực tuyến, trực tiếp hoặc bưu chính.")
    return found


def tier_of(cell: object) -> Tier | None:
    """Return which level resolves, None for an empty cell. Raises ReadError."""
    text = text_of(cell)
    if not text:
        return None
    if (found := TIER_OF.get(fold(text))) is None:
        raise ReadError("Không hiểu cấp giải quyết này; ghi cấp huyện hoặc cấp xã.")
    return found


def mark_of(cell: object) -> bool:
    """Return whether something is marked as done; an empty cell is not. Raises ReadError."""
    if isinstance(cell, bool):
        return cell
    text = text_of(cell).lower()
    if not text:
        return False
    found = MARKS.get(text, MARK_OF.get(fold(text)))
    if found is None:
        raise ReadError("Chỉ ghi “có” hoặc “không”.")
    return found
