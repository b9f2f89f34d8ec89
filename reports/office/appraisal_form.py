"""What did an appraiser type in a row? Texts of the form → a write, or why it cannot be one; and back for showing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict

from reports.models import PointsState
from reports.numbers_vi import number, signed
from reports.readers import ReadError, parse_decimal, parse_state, text_of, whole_number
from reports.summaries.appraisal import Line
from reports.workflow.entering import CellWrite

from .cell_form import plain

STATES = (
    (PointsState.NOT_ENTERED, "chưa thẩm định"),
    (PointsState.VALUE, "có điểm"),
    (PointsState.NOT_APPLICABLE, "không áp dụng"),
    (PointsState.NOT_ASSESSED, "không đánh giá"),
)
MAX_TEXT = 4000
OUTCOMES = {
    "saved": "Đã lưu",
    "unchanged": "Không đổi",
    "refused": "Chưa lưu",
    "conflict": "Người khác đã sửa",
}
REASON_NEEDED = "Kết quả thẩm định khác điểm tự chấm thì phải nêu lý do."


class Refused(ValueError):
    """The row cannot be written; the message says why in Vietnamese, `field` names the column."""

    def __init__(self, message: str, field: str = "points") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Answer:
    """What became of a posted row."""

    outcome: str
    message: str = ""
    field: str = ""

    @property
    def words(self) -> str:
        return OUTCOMES[self.outcome]

    @property
    def is_unsaved(self) -> bool:
        return self.outcome in ("refused", "conflict")


@dataclass(frozen=True)
class Shown:
    """A line with what its fields show: what is stored, or what was typed and could not be written."""

    line: Line
    state: str
    points: str
    reason: str
    version: int
    answer: Answer | None = None

    @property
    def stored(self) -> Shown:
        return shown(self.line)

    @property
    def words(self) -> str:
        if self.answer:
            return self.answer.words
        return "Đã lưu" if self.line.is_judged else "Chưa thẩm định"

    @property
    def gap(self) -> str:
        gap = self.line.gap
        return f"Chênh lệch {signed(gap, 4)}" if gap else ""

    @property
    def theirs(self) -> str:
        """Both values in words, where somebody else has written meanwhile."""
        if self.answer is None or self.answer.outcome != "conflict":
            return ""
        return f"Đang lưu: {_words(self.stored)}. Của bạn: {_words(self)}."


def _words(row: Shown) -> str:
    value = row.points or str(dict(STATES).get(row.state, row.state))  # type: ignore[call-overload]
    return f"{value} · {row.reason}" if row.reason else value


def shown(line: Line) -> Shown:
    """Return a line as it is stored."""
    points = line.score.appraised_points
    return Shown(
        line=line,
        state=str(line.score.appraised_state),
        points="" if points is None else plain(points),
        reason=line.score.appraised_reason,
        version=line.row.version,
    )


def typed(line: Line, posted: QueryDict) -> Shown:
    """Return a line as it was posted; a field that is not in the form was not touched."""
    key, stored = line.criterion.pk, shown(line)
    # Who was shown both values and keeps their own writes on the newer version.
    seen = "theirs" if str(key) in posted.getlist("keep") else "version"
    version = posted.get(f"{seen}-{key}", "")
    return Shown(
        line=line,
        state=posted.get(f"state-{key}", stored.state),
        points=text_of(posted.get(f"points-{key}", stored.points)),
        reason=posted.get(f"reason-{key}", stored.reason).strip().replace("\r\n", "\n"),
        version=whole_number(version) or 0,
    )


def posted_lines(lines: Iterable[Line], posted: QueryDict) -> list[Shown]:
    """Return the posted lines one may judge; a line that is not in the form was not touched."""
    keys = set(posted.getlist("row")) - set(posted.getlist("take"))
    return [typed(line, posted) for line in lines if line.is_mine and str(line.criterion.pk) in keys]


def is_changed(said: Shown) -> bool:
    """Return whether the row says anything else than what is stored."""
    stored = shown(said.line)
    return (said.state, said.points, said.reason) != (stored.state, stored.points, stored.reason)


def judgement(said: Shown) -> CellWrite:
    """Return what to write. Raises Refused."""
    if len(said.reason) > MAX_TEXT:
        raise Refused(f"Lý do dài quá {MAX_TEXT} ký tự.", "reason")
    state, points = _state_and_points(said)
    score = said.line.score
    is_same = (score.self_state, score.self_points) == (state, points)
    if state != PointsState.NOT_ENTERED and not is_same and not said.reason:
        raise Refused(REASON_NEEDED, "reason")
    return CellWrite(
        criterion_id=said.line.criterion.pk,
        stage="appraised",
        state=state,
        points=points,
        reason=said.reason,
        expected_version=said.version,
    )


def acceptance(line: Line, version: int) -> CellWrite | None:
    """Return the write that takes over what the unit gave itself, None where it gave nothing."""
    if line.score.self_state == PointsState.NOT_ENTERED:
        return None
    return CellWrite(
        criterion_id=line.criterion.pk,
        stage="appraised",
        state=line.score.self_state,
        points=line.score.self_points,
        expected_version=version,
    )


def _state_and_points(said: Shown) -> tuple[str, Decimal | None]:
    state = parse_state(said.points) or said.state
    if state not in dict(STATES):
        raise Refused("Không có tình trạng này.", "state")
    if parse_state(said.points):
        return state, None
    try:
        points = parse_decimal(said.points)
    except ReadError as error:
        raise Refused(str(error)) from error
    # Points typed while the state still says "not yet" mean points.
    if points is not None and state == PointsState.NOT_ENTERED and said.line.score.appraised_points is None:
        state = PointsState.VALUE
    if state != PointsState.VALUE:
        return state, None
    if points is None:
        raise Refused("Chưa nhập điểm.")
    limit = said.line.criterion.max_points
    if points < 0 or (limit is not None and points > limit):
        raise Refused(f"Điểm phải từ 0 đến {number(limit, 4)}.")
    return state, points


def survey_value(text: str) -> tuple[str, Decimal | None]:
    """Return state and points of a cell of the survey table: points, KĐG, KAD, or nothing. Raises Refused."""
    said = parse_state(text)
    if said:
        return said, None
    try:
        points = parse_decimal(text)
    except ReadError as error:
        raise Refused(str(error)) from error
    return (PointsState.NOT_ENTERED, None) if points is None else (PointsState.VALUE, points)


def state_text(state: str, points: Decimal | None) -> str:
    """Return a value of the survey table as it is typed."""
    abbreviated: Mapping[str, str] = {PointsState.NOT_ASSESSED: "KĐG", PointsState.NOT_APPLICABLE: "KAD"}
    return plain(points) if points is not None else abbreviated.get(state, "")
