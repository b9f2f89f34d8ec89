"""What a unit's dossier form posts: texts in, writes out, and what became of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from districts.audit import Act
from districts.models import Unit
from reports.dossier_columns import BY_NAME, COLUMNS, Read, read_cells
from reports.models import DossierCount, DossierField, Scope
from reports.models.bounds import PLAUSIBLE_DAY
from reports.numbers_vi import date_vi
from reports.periods import Period, Shape, named_period
from reports.readers import whole_number
from reports.summaries.dossier_entry import TOTAL, rows_of
from reports.workflow.figures import RowResult, RowWrite, remove_row, write_rows

OUTCOMES = {
    "saved": "Đã lưu",
    "unchanged": "Không đổi",
    "refused": "Chưa lưu",
    "conflict": "Người khác đã sửa",
    "removed": "Đã xóa dòng trống",
}
SHAPES: tuple[tuple[Shape, str], ...] = (
    ("month", "Tháng"),
    ("quarter", "Quý"),
    ("half", "6 tháng"),
    ("months_from_january", "Các tháng đầu năm"),
    ("year", "Năm"),
    ("other", "Từ ngày – đến ngày"),
)


def _day(label: str, help_text: str) -> forms.DateField:
    shown = forms.DateInput(attrs={"placeholder": "dd/mm/yyyy"})
    return forms.DateField(
        label=label, validators=PLAUSIBLE_DAY, required=False, widget=shown, help_text=help_text
    )


def address_of(unit: Unit, scope: str, period: Period, page: str = "dossier_counts") -> str:
    """Return the address of one form, or of the file with the period's forms."""
    days = {"starts_on": date_vi(period.start), "ends_on": date_vi(period.end)}
    return f"{reverse(f'office:{page}', args=[unit.pk])}?{urlencode({'scope': scope, **days})}"


class PlaceForm(forms.Form):
    """Whose work over which period: by its name, or from one day to another."""

    scope = forms.ChoiceField(label="Phạm vi", choices=Scope.choices)
    shape = forms.ChoiceField(label="Loại kỳ", choices=SHAPES, required=False)
    number = forms.IntegerField(
        label="Kỳ thứ",
        min_value=1,
        max_value=12,
        required=False,
        help_text="Tháng 1–12, quý 1–4, 6 tháng đầu năm 1, cuối năm 2; các tháng đầu năm: số tháng.",
    )
    year = forms.IntegerField(
        label="Năm",
        min_value=1990,
        max_value=2100,
        required=False,
        localize=False,
        help_text="Bốn chữ số, ví dụ 2026.",
    )
    starts_on = _day("Từ ngày", "Chỉ ghi khi chọn “Từ ngày – đến ngày”.")
    ends_on = _day("Đến ngày", "Ngày/tháng/năm, ví dụ 31/03/2026.")

    period: Period

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on:
            if starts_on > ends_on:
                raise forms.ValidationError("Ngày kết thúc kỳ phải bằng hoặc sau ngày bắt đầu.")
            self.period = Period(starts_on, ends_on)
            return cleaned
        try:
            number, year = cleaned.get("number") or 0, cleaned.get("year")
            self.period = named_period(cleaned.get("shape") or "other", number, year or 0)
        except ValueError:
            raise forms.ValidationError(
                "Hãy chọn loại kỳ, số thứ tự và năm, hoặc từ ngày – đến ngày."
            ) from None
        return cleaned


@dataclass(frozen=True)
class Typed:
    """One posted row: its key (0 or a field's), texts by column, the reason, and the version that was seen."""

    key: int
    texts: Mapping[str, str]
    reason: str
    version: int | None

    @property
    def read(self) -> Read:
        return read_cells(self.texts)


@dataclass(frozen=True)
class Answer:
    """What became of a posted row; `said` are all findings, `wrong` the columns it was refused for."""

    outcome: str
    message: str = ""
    wrong: Sequence[str] = ()
    result: RowResult | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return OUTCOMES.get(self.outcome, "")


def typed_rows(post: QueryDict) -> list[Typed]:
    """Return the posted rows; of those whose stored values the sender takes, nothing is written."""
    keys = {key for text in post.getlist("row") if (key := whole_number(text)) is not None}
    known = {TOTAL, *DossierField.objects.filter(pk__in=keys).values_list("pk", flat=True)}
    taken = post.getlist("take")
    return [_typed(post, key) for key in sorted(keys & known) if str(key) not in taken]


def _typed(post: QueryDict, key: int) -> Typed:
    texts = {c.name: post.get(f"{c.name}-{key}", "") for c in COLUMNS if f"{c.name}-{key}" in post}
    seen = post.get(f"theirs-{key}") if str(key) in post.getlist("keep") else post.get(f"version-{key}")
    version = whole_number(seen)
    return Typed(key, texts, post.get(f"gap_reason-{key}", "").strip(), version)


@transaction.atomic
def save(
    unit: Unit, scope: str, period: Period, typed: Sequence[Typed], convention: str, act: Act
) -> dict[int, Answer]:
    """Write the posted rows; a row that was emptied is taken away. Returns what became of each, by key."""
    stored = {row.field_id or TOTAL: row for row in rows_of(unit, scope, period)}
    answers: dict[int, Answer] = {}
    writes: dict[int, RowWrite] = {}
    for one in typed:
        read, row = one.read, stored.get(one.key)
        if read.errors:
            said = " ".join(f"{_title(name)}: {message}" for name, message in read.errors.items())
            answers[one.key] = Answer("refused", said, list(read.errors), errors=read.errors)
        elif read.is_empty and not one.reason:
            answers[one.key] = _emptied(row, one, act)
        else:
            writes[one.key] = _write(one, read, row, scope, period, convention)
    results = write_rows(unit, list(writes.values()), act)
    return answers | {key: _answer(result) for key, result in zip(writes, results, strict=True)}


def _title(name: str) -> str:
    column = BY_NAME[name]
    return f"{column.group}, {column.label}"


def _emptied(row: DossierCount | None, typed: Typed, act: Act) -> Answer:
    if row is None:
        return Answer("unchanged")
    if typed.version is not None and typed.version < row.version:
        return Answer("conflict", "Người khác vừa sửa dòng này.", result=RowResult("conflict", row))
    remove_row(row, act)
    return Answer("removed")


def _write(
    typed: Typed, read: Read, row: DossierCount | None, scope: str, period: Period, convention: str
) -> RowWrite:
    kept = {name: said for name, said in (row.qualified if row else {}).items() if name not in typed.texts}
    key = {"scope": scope, "starts_on": period.start, "ends_on": period.end, "field": typed.key or None}
    values = {
        **read.values,
        "qualified": kept | dict(read.qualified),
        "convention": convention,
        "gap_reason": typed.reason,
    }
    return RowWrite(DossierCount, key, values, typed.version, is_being_entered=True)


def _answer(result: RowResult) -> Answer:
    wrong = [name for name in result.errors if name != "__all__"]
    if result.outcome == "refused":
        wrong += [name for said in result.said if not said.is_open for name in said.fields]
    return Answer(result.outcome, result.message, list(dict.fromkeys(wrong)), result)
