"""WHAT: criteria, years, scores, publications, and the figures that came from outside."""

from .boundaries import Boundary
from .criteria import CriteriaSet, Criterion, ScoreOrigin
from .dossiers import DossierCount, DossierField
from .entry import Assignment, CouncilMeeting, CouncilVote, Deadline, Evidence, ImportBatch, Judgement
from .figures import Activity, Indicator, Initiative, Observation
from .index766 import Index766, Index766Part
from .page_versions import PageVersion
from .plans import Plan, RemediationTask, Target, Task, Work
from .publication import (
    NoMovement,
    Publication,
    PublishedScope,
    PublishedScore,
    ScopeKind,
    Standing,
    Unranked,
)
from .releases import Releasable, Release
from .satisfaction import Desk, Factor, Rating, RatingComment, Satisfaction, SatisfactionFactor
from .sources import Quality, Scope, Source, Sourced
from .surveys import SurveyAnswerCount, SurveyRound
from .years import AssessmentYear, Group, OfficialResult, PointsState, RankingRule, Score, ScoreSheet

__all__ = [
    "Activity",
    "AssessmentYear",
    "Assignment",
    "Boundary",
    "CouncilMeeting",
    "CouncilVote",
    "CriteriaSet",
    "Criterion",
    "Deadline",
    "Desk",
    "DossierCount",
    "DossierField",
    "Evidence",
    "Factor",
    "Group",
    "ImportBatch",
    "Index766",
    "Index766Part",
    "Indicator",
    "Initiative",
    "Judgement",
    "NoMovement",
    "Observation",
    "OfficialResult",
    "PageVersion",
    "Plan",
    "PointsState",
    "Publication",
    "PublishedScope",
    "PublishedScore",
    "Quality",
    "RankingRule",
    "Rating",
    "RatingComment",
    "Releasable",
    "Release",
    "RemediationTask",
    "Satisfaction",
    "SatisfactionFactor",
    "Scope",
    "ScopeKind",
    "Score",
    "ScoreOrigin",
    "ScoreSheet",
    "Source",
    "Sourced",
    "Standing",
    "SurveyAnswerCount",
    "SurveyRound",
    "Target",
    "Task",
    "Unranked",
    "Work",
]
