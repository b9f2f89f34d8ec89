"""What does an entry of the change log say to people? Fields and values in the words the pages use elsewhere."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone

from districts.models import Change
from reports.automatic import parsed_rule
from reports.imports.score_inputs import in_words
from reports.models import AssessmentYear, Criterion, PointsState
from reports.numbers_vi import date_vi, number

FIELDS = {
    "self_points": "điểm tự chấm",
    "self_state": "tình trạng tự chấm",
    "self_inputs": "số liệu tự chấm",
    "self_note": "thuyết minh",
    "appraised_points": "điểm thẩm định",
    "appraised_state": "tình trạng thẩm định",
    "appraised_reason": "lý do thẩm định",
    "survey_points": "điểm điều tra",
    "survey_state": "tình trạng điều tra",
    "answers": "phiếu điều tra theo phương án",
    "forms_sent": "phiếu phát ra",
    "forms_valid": "phiếu hợp lệ",
    "reply": "giải trình",
    "evidence": "tài liệu kiểm chứng",
    "stage": "giai đoạn",
    "status": "tình trạng phiếu",
    "reopened_until": "mở lại đến",
    "current_publication": "bản công bố",
    "assignment": "phân công",
    "votes": "biểu quyết của hội đồng",
    "members": "phiếu của từng thành viên",
    "held_on": "ngày họp",
    "minutes_number": "số biên bản",
    "conclusion": "kết luận",
    "self": "tự chấm",
    "appraised": "thẩm định",
    "survey": "điều tra xã hội học",
}
_STAGES = {str(value): str(label) for value, label in AssessmentYear.Stage.choices}
# Kept under the name of the points where there are none.
_STATES = {str(value): str(label) for value, label in PointsState.choices}
_DEADLINE = "deadline_"
_FLAGS = {"True": "có", "False": "không"}
# Of a file's checksum the page shows the beginning; the whole goes out with the CSV.
_CHECKSUM = re.compile(r"(SHA-256 [0-9a-f]{12})[0-9a-f]{52}")


def field_words(change: Change) -> str:
    """Return what was changed: the log's own word, else the name the model gives its field."""
    if change.field in FIELDS:
        return FIELDS[change.field]
    if change.field.startswith(_DEADLINE):
        stage = change.field.removeprefix(_DEADLINE)
        return f"thời hạn: {_STAGES.get(stage, stage)}"
    field = _field(change)
    return change.field if field is None else str(field.verbose_name)


def value_words(change: Change, value: str | None, leaves: Mapping[str, Criterion]) -> str | None:
    """Return a value before or after, in the words of its own field: "submitted" is a stage and a sheet's status.

    `leaves` are the year's components by the label the log keeps of them.
    """
    if value is None:
        return None
    if change.field == "self_inputs":
        return _inputs(value, leaves.get(change.label))
    if change.field.startswith(_DEADLINE):
        return _moment(value)
    match _field(change):
        case models.Field(choices=choices) as field if choices:
            return str(dict(field.flatchoices).get(value, value))
        case models.BooleanField():
            return _FLAGS.get(value, value)
        case models.DecimalField():
            return _STATES.get(value) or _number(value)
        case models.DateTimeField():
            return _moment(value)
        case models.DateField():
            return _day(value)
    return value


def shortened(value: str | None) -> str | None:
    """Return a value as a page has room for it."""
    return None if value is None else _CHECKSUM.sub(r"\1…", value)


def _inputs(stored: str, leaf: Criterion | None) -> str:
    """Return a rule's variables with their labels; where the component is gone, by their names."""
    inputs: dict[str, str] = json.loads(stored)
    rule = parsed_rule(leaf) if leaf is not None else None
    return in_words(rule, inputs) or "; ".join(f"{name}: {_number(text)}" for name, text in inputs.items())


def _number(text: str) -> str:
    try:
        return number(Decimal(text), 4)
    except InvalidOperation:
        return text


def _moment(text: str) -> str:
    try:
        return f"{timezone.localtime(dt.datetime.fromisoformat(text)):%H:%M %d/%m/%Y}"
    except ValueError:
        return text


def _day(text: str) -> str:
    try:
        return date_vi(dt.date.fromisoformat(text))
    except ValueError:
        return text


def _field(change: Change) -> models.Field[Any, Any] | None:
    """Return the field of a model that an entry is of; None for what the log alone calls so."""
    try:
        field = apps.get_model(change.model)._meta.get_field(change.field)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None
    return field if isinstance(field, models.Field) else None
