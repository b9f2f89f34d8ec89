"""Do an office's own templates of Word reports work? Asked when the server starts, before a reader meets the fault."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from reports.letters.heading import Heading
from reports.letters.rendering import UNIT, YEAR, LetterTemplateError, fill
from reports.letters.unit import (
    AreaRow,
    CountRow,
    DossierTable,
    FigureRow,
    LossRow,
    ResultRow,
    UnitLetter,
    YearRow,
)
from reports.letters.year import RankRow, YearLetter


def letter_templates(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the templates in CCHC_LETTER_DIR; nothing where there is no such folder."""
    if settings.LETTER_DIR is None:
        return []
    found = [
        (settings.LETTER_DIR / name, letter)
        for name, letter in ((UNIT, unit_specimen()), (YEAR, year_specimen()))
        if (settings.LETTER_DIR / name).is_file()
    ]
    if not found:
        hint = f"CCHC_LETTER_DIR: {UNIT}, {YEAR}"
        return [Warning("Thư mục mẫu báo cáo không có mẫu nào.", hint=hint, id="reports.W001")]
    return [error for path, letter in found for error in _errors(path, letter)]


def _errors(path: Any, letter: UnitLetter | YearLetter) -> list[CheckMessage]:
    try:
        fill(path, letter)
    except LetterTemplateError as error:
        return [Error(str(error), hint="manage.py make_letter_templates --to DIR", id="reports.E001")]
    return []


def unit_specimen() -> UnitLetter:
    """Return a report with a row in every table, so that every branch of a template is walked."""
    return UnitLetter(
        heading=HEADING,
        is_sample=True,
        sample_mark="–",
        unit_name="–",
        organiser="–",
        year="–",
        index_paragraph="–",
        results=(ResultRow(*"–" * 6),),
        grade="–",
        decision="–",
        areas=(AreaRow(*"–" * 9),),
        losses=(LossRow(*"–" * 5),),
        history=(YearRow(*"–" * 4),),
        dossiers=(DossierTable("–", "–", (CountRow("–", "–", True),), ("–",)),),
        satisfaction=(FigureRow(*"–" * 4),),
        indicators=(FigureRow(*"–" * 4),),
        initiatives=("–",),
        activities=("–",),
        sources=("–",),
    )


def year_specimen() -> YearLetter:
    return YearLetter(
        heading=HEADING,
        is_sample=True,
        sample_mark="–",
        organiser="–",
        group="–",
        year="–",
        result_paragraph="–",
        publication=("–",),
        rules=("–",),
        ranks=(RankRow(*"–" * 9),),
        notes=("–",),
        sources=("–",),
    )


HEADING = Heading(*"–" * 7)
