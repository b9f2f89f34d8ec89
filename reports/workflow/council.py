"""Has the appraisal council decided? More than half of its members, present or in writing (QĐ 4762/QĐ-UBND, 2024)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reports.models import AssessmentYear, CouncilVote


@dataclass(frozen=True)
class Decision:
    """How a council voted: all members named, who took part (present or in writing), who agreed."""

    members: int = 0
    took_part: int = 0
    agreed: int = 0

    @property
    def is_valid(self) -> bool:
        """Return whether more than half of all members, not only of those who took part, agreed."""
        return 2 * self.agreed > self.members

    @property
    def message(self) -> str:
        """Return the count in words."""
        counted = (
            f"{self.agreed}/{self.members} thành viên tán thành ({self.took_part} có mặt hoặc bằng văn bản)"
        )
        if self.is_valid:
            return f"Quyết nghị hợp lệ: {counted}."
        return f"Chưa có quyết nghị hợp lệ của hội đồng: {counted}; phải quá nửa tổng số thành viên."


def decision_of(votes: Iterable[CouncilVote]) -> Decision:
    """Return what the votes of one meeting come to."""
    cast = list(votes)
    part = [vote for vote in cast if vote.mode != CouncilVote.Mode.ABSENT]
    return Decision(len(cast), len(part), sum(vote.agrees is True for vote in part))


def council_decision(year: AssessmentYear) -> Decision:
    """Return what the year's last meeting decided; nobody's decision where none was held."""
    meeting = year.council_meetings.order_by("-held_on", "-pk").prefetch_related("votes").first()
    return decision_of(meeting.votes.all()) if meeting else Decision()
