"""WHAT: criteria, years, scores, publications, and the figures that came from outside."""

from .criteria import CriteriaSet, Criterion, ScoreOrigin
from .entry import Assignment, CouncilMeeting, CouncilVote, Deadline, Evidence, ImportBatch, Judgement
from .figures import Activity, DossierCount, DossierField, Indicator, Initiative, Observation, Satisfaction
from .publication import (
    NoMovement,
    Publication,
    PublishedScope,
    PublishedScore,
    ScopeKind,
    Standing,
    Unranked,
)
from .sources import Quality, Scope, Source, Sourced
from .years import AssessmentYear, Group, OfficialResult, PointsState, RankingRule, Score, ScoreSheet

__all__ = [
    "Activity",
    "AssessmentYear",
    "Assignment",
    "CouncilMeeting",
    "CouncilVote",
    "CriteriaSet",
    "Criterion",
    "Deadline",
    "DossierCount",
    "DossierField",
    "Evidence",
    "Group",
    "ImportBatch",
    "Indicator",
    "Initiative",
    "Judgement",
    "NoMovement",
    "Observation",
    "OfficialResult",
    "PointsState",
    "Publication",
    "PublishedScope",
    "PublishedScore",
    "Quality",
    "RankingRule",
    "Satisfaction",
    "Scope",
    "ScopeKind",
    "Score",
    "ScoreOrigin",
    "ScoreSheet",
    "Source",
    "Sourced",
    "Standing",
    "Unranked",
]
