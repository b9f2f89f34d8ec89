"""What would a step of a whole year do: whom does it concern, what follows, is there a way back?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from reports import stages
from reports.models import AssessmentYear, ScoreSheet
from reports.stages import Stage, Status, Step
from reports.workflow.reach import moment
from reports.workflow.sheet_steps import plan_of
from reports.workflow.year_steps import refusal_of, units_of_year

from .office import Due, due_of

WAITS = (Status.OPEN, Status.RETURNED)
# Whom a step concerns, by where their sheets stand; the words follow "10 đơn vị".
CONCERNS: Mapping[Step, Sequence[tuple[Collection[Status], str]]] = {
    Step.CLOSE_ENTRY: ((WAITS, "chưa nộp phiếu"),),
    Step.OPEN_APPRAISAL: (
        (WAITS, "chưa nộp phiếu, nên chưa được thẩm định"),
        ([Status.SUBMITTED], "được thẩm định"),
    ),
    Step.OPEN_REPLIES: (
        (WAITS, "chưa nộp phiếu"),
        ([Status.SUBMITTED], "chưa thẩm định xong"),
        ([Status.APPRAISED], "được giải trình"),
    ),
    Step.OPEN_SECOND_ROUND: (
        ([Status.APPRAISED], "chưa gửi giải trình"),
        ([Status.REPLIED], "đã gửi giải trình"),
    ),
    Step.OPEN_COUNCIL: (
        ((*WAITS, Status.SUBMITTED), "chưa thẩm định xong"),
        ([Status.REPLIED], "có giải trình chưa thẩm định xong"),
    ),
    Step.DECIDE: (
        ((*WAITS, Status.SUBMITTED), "chưa thẩm định xong"),
        ((Status.APPRAISED, Status.REPLIED), "được chốt phiếu"),
        ([Status.NOT_REPORTED], "không nộp báo cáo, sẽ không có điểm và thứ hạng"),
    ),
}
NO_MORE_REPLIES = "Đơn vị không gửi giải trình được nữa."
FOLLOWS: Mapping[Step, Sequence[str]] = {
    Step.OPEN_YEAR: (
        "Mỗi đơn vị có một phiếu và nhập được điểm tự chấm ngay.",
        "Bộ tiêu chí và quy tắc tính của năm không đổi được nữa; thời hạn thì vẫn sửa được.",
    ),
    Step.CLOSE_ENTRY: (
        "Không đơn vị nào nhập hay nộp điểm tự chấm được nữa; phiếu chưa nộp chỉ mở lại được từng phiếu một.",
        "Phiếu đã nộp được giữ nguyên, chờ thẩm định.",
    ),
    Step.OPEN_APPRAISAL: (
        "Người thẩm định chấm được các phiếu đã nộp; đơn vị chưa thấy điểm thẩm định.",
        "Phiếu chưa nộp thì mở lại, hoặc ghi nhận không nộp báo cáo.",
    ),
    Step.OPEN_REPLIES: (
        "Đơn vị thấy điểm và lý do thẩm định của phiếu mình, và gửi giải trình được.",
        "Trong lúc giải trình, điểm của phiếu đã thẩm định không sửa được.",
    ),
    Step.OPEN_SECOND_ROUND: (
        NO_MORE_REPLIES,
        "Người thẩm định chấm lại được; cho đến khi chốt kết quả, đơn vị chỉ thấy điểm lần 1.",
    ),
    Step.OPEN_COUNCIL: (
        NO_MORE_REPLIES,
        "Phiên họp và biểu quyết của hội đồng được ghi; điểm còn sửa được theo ý kiến hội đồng.",
    ),
    Step.DECIDE: (
        "Mọi phiếu đã thẩm định được chốt; đơn vị thấy điểm cuối cùng của mình.",
        "Sau đó chỉ người có quyền công bố sửa được điểm, kèm lý do. Chưa có gì công khai cho đến khi công bố.",
    ),
}
MEETINGS_STAY = (
    "Phiên họp hội đồng đã ghi được giữ; điểm mà thay đổi thì hội đồng cần họp lại trước khi chốt."
)
# What follows from going back out of a stage.
FOLLOWS_BACK: Mapping[Stage, Sequence[str]] = {
    Stage.SUBMITTED: (
        "Phiếu đã nộp và phiếu đã ghi nhận không nộp báo cáo được giữ nguyên.",
        "Cần sửa phiếu đã nộp thì trả lại, hoặc mở lại từng phiếu.",
    ),
    Stage.ROUND1: ("Chưa ai thẩm định được cho đến khi bắt đầu lại; điểm thẩm định đã nhập được giữ.",),
    Stage.REPLY: (
        "Đơn vị không xem được điểm thẩm định, không giải trình được cho đến khi mở lại; giải trình đã gửi được giữ.",
        "Người thẩm định sửa được điểm lần 1. Điểm mà đơn vị đã xem thì không lấy lại được.",
    ),
    Stage.ROUND2: (),
    Stage.COUNCIL: (MEETINGS_STAY,),
    Stage.FINAL: (
        "Điểm được giữ; người thẩm định và cơ quan tổ chức sửa được trở lại như ở giai đoạn đó.",
        "Kết quả mà đơn vị đã xem thì không lấy lại được; cho đến khi chốt lại, đơn vị không xem được nữa.",
    ),
}
# Whom going back concerns: out of which stage, and into which.
CONCERNS_BACK_OUT_OF: Mapping[Stage, tuple[Collection[Status], str]] = {
    Stage.REPLY: ([Status.APPRAISED], "thôi giải trình cho đến khi mở lại"),
    Stage.FINAL: ([Status.CLOSED], "có phiếu trở về tình trạng “đã thẩm định”"),
}
CONCERNS_BACK_INTO: Mapping[Stage, tuple[Collection[Status], str]] = {
    Stage.SELF_SCORING: (WAITS, "nhập và nộp phiếu được trở lại"),
    Stage.REPLY: ([Status.APPRAISED], "gửi giải trình được trở lại"),
}
NO_WAY_BACK = (
    "Không có bước quay lại giai đoạn chuẩn bị: phiếu của các đơn vị đã theo bộ tiêu chí và quy tắc của năm."
)
NO_RETURN_TO_REPLIES = " khi vòng thẩm định sau chưa chấm điểm nào"


@dataclass(frozen=True)
class Concerned:
    """Units that a step concerns, by name, and how."""

    names: Sequence[str]
    words: str


@dataclass(frozen=True)
class Consequences:
    """What a step would do; `refusal` says why it would not be taken."""

    step: Step
    stage: Stage
    target: Stage | None
    concerned: Sequence[Concerned]
    due: Due | None
    follows: Sequence[str]
    way_back: str
    refusal: str

    @property
    def deadline(self) -> str:
        """Until when the stage that the step ends was to last, and what that means."""
        if self.due is None:
            return ""
        said = f"Thời hạn {stages.STAGE_NAMES[self.stage]}: {moment(self.due.at)}, {self.due.words}"
        return (
            f"{said}."
            if self.due.is_late or self.step == Step.STEP_BACK
            else f"{said}: bước này kết thúc trước hạn."
        )

    @property
    def move(self) -> str:
        """From which stage to which."""
        words = [stages.STAGE_NAMES[stage] for stage in (self.stage, self.target) if stage]
        return " → ".join(words)


def consequences(year: AssessmentYear, step: Step) -> Consequences:
    """Return what a step of a year would do as it stands; nothing is written. A constant number of queries."""
    stage, plan = Stage(year.stage), plan_of(year)
    is_next = stages.allowed(stage, None, step, plan=plan) is None
    target = stages.year_target(stage, step, plan) if is_next else None
    deadlines, now = list(year.deadlines.all()), timezone.now()
    follows = list(FOLLOWS.get(step, FOLLOWS_BACK.get(stage, ())))
    if step == Step.STEP_BACK and target == Stage.SELF_SCORING:
        over = next((one.at for one in deadlines if one.stage == target and one.at <= now), None)
        if over:
            said = f"Thời hạn tự chấm điểm đã qua ({moment(over)})"
            follows.append(f"{said}: gia hạn ở “Quy tắc, thời hạn” thì đơn vị mới nhập được.")
    if step == Step.STEP_BACK and stage == Stage.FINAL and year.has_council:
        follows.append(MEETINGS_STAY)
    return Consequences(
        step=step,
        stage=stage,
        target=target,
        concerned=_concerned(year, step, stage, target),
        due=due_of(year, deadlines, now),
        follows=follows,
        way_back=_way_back(year, step, target),
        refusal=refusal_of(year, step),
    )


def _concerned(year: AssessmentYear, step: Step, stage: Stage, target: Stage | None) -> list[Concerned]:
    if step == Step.OPEN_YEAR:
        return [Concerned([unit.full_name for unit in units_of_year(year)], "có phiếu chấm điểm")]
    groups = CONCERNS.get(step, ())
    if step == Step.STEP_BACK and target is not None:
        back = (CONCERNS_BACK_OUT_OF.get(stage), CONCERNS_BACK_INTO.get(target))
        groups = [one for one in back if one is not None]
    sheets: list[ScoreSheet] = list(year.sheets.select_related("unit").order_by("unit__sort_key"))
    found = [
        Concerned([one.unit.full_name for one in sheets if one.status in statuses], words)
        for statuses, words in groups
    ]
    return [one for one in found if one.names]


def _way_back(year: AssessmentYear, step: Step, target: Stage | None) -> str:
    if step == Step.STEP_BACK or target is None:
        return ""
    if target not in stages.YEAR_STEPS[Step.STEP_BACK]:
        return NO_WAY_BACK
    before = stages.year_target(target, Step.STEP_BACK, plan_of(year))
    is_open = "" if before != Stage.REPLY or target == Stage.FINAL else NO_RETURN_TO_REPLIES
    return (
        f"Trước khi công bố, người có quyền công bố quay lại được giai đoạn “{stages.STAGE_NAMES[before]}”"
        f"{is_open}, kèm lý do, ghi vào nhật ký."
    )
