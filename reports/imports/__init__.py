"""Files read in: check the whole file, show what it would do, then write it in one transaction."""

from .batches import (
    WAITING,
    Check,
    Checked,
    ImportChanged,
    Reader,
    cancel,
    confirm,
    receive,
    review,
    same_file,
)
from .findings import Fate, Finding, Shown, Summary
from .results import ResultCheck, apply_results, check_results
from .scores import ImportRefused, ScoreCheck, apply_scores, check_scores

__all__ = [
    "WAITING",
    "Check",
    "Checked",
    "Fate",
    "Finding",
    "ImportChanged",
    "ImportRefused",
    "Reader",
    "ResultCheck",
    "ScoreCheck",
    "Shown",
    "Summary",
    "apply_results",
    "apply_scores",
    "cancel",
    "check_results",
    "check_scores",
    "confirm",
    "receive",
    "review",
    "same_file",
]
