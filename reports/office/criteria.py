"""The criteria builder: sets, their trees and rules, checks, trial calculations, files in and out."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from districts import access
from districts.audit import Act
from districts.models import Change
from reports import criteria_editing as editing
from reports import criteria_rows, rule_prose
from reports.criteria_files import CriteriaFileError, parse_set
from reports.criteria_tree import Node, SetText
from reports.models import CriteriaSet, Criterion
from reports.readers import whole_number
from reports.rules import InputError, Outcome, Reason, Rule, SchemaError, evaluate, parse
from reports.sheet_files import read_tables
from reports.summaries.criteria import criteria_page, listed_sets

from .forms_criteria import IdentityForm, NewSetForm, NodeForm, SetForm, UploadForm
from .forms_rules import FORMS, KIND_LABELS, RuleForm, TrialForm

ONLY_ADMINISTRATORS = "Chỉ người quản trị của cơ quan tổ chức được sửa bộ tiêu chí."
REASONS = {
    Reason.COMPUTED: "tính theo quy tắc",
    Reason.BELOW_FLOOR: "dưới mức sàn nên 0 điểm",
    Reason.CAPPED: "vượt trần nên lấy điểm trần",
    Reason.ZERO_DENOMINATOR: "không phát sinh (mẫu số bằng 0)",
    Reason.NOT_APPLICABLE: "không áp dụng",
    Reason.MISSING: "còn thiếu số liệu",
}


def _act(request: HttpRequest) -> Act:
    assert request.user.is_authenticated
    return Act(actor=request.user, how=Change.How.FORM)


def _crumbs(criteria_set: CriteriaSet | None = None, *titles: str) -> list[tuple[str, str]]:
    crumbs = [("Việc của tôi", reverse("office:home")), ("Bộ tiêu chí", reverse("office:criteria"))]
    if criteria_set is not None:
        crumbs.append((criteria_set.name, reverse("office:criteria_set", args=[criteria_set.slug])))
    crumbs += [(title, "") for title in titles]
    if not titles:
        crumbs[-1] = (crumbs[-1][0], "")
    return crumbs


def _require_some_organiser(request: HttpRequest) -> None:
    access.require(access.administered_by(request.user).exists(), ONLY_ADMINISTRATORS)


def _set_or_404(request: HttpRequest, slug: str, *, to_edit: bool = True) -> CriteriaSet:
    """Return a set; to edit it one administers its organiser. A set of another organiser is public, so it is 403."""
    _require_some_organiser(request)
    sets = CriteriaSet.objects.select_related("organiser", "source", "previous")
    found = get_object_or_404(sets, slug=slug)
    if to_edit:
        access.require(_may_edit(request, found), ONLY_ADMINISTRATORS)
    return found


def _may_edit(request: HttpRequest, criteria_set: CriteriaSet) -> bool:
    if criteria_set.organiser is None:
        return access.is_almighty(request.user)
    return access.can_administer(request.user, criteria_set.organiser)


def _node_or_404(request: HttpRequest, slug: str, pk: int) -> Criterion:
    criteria_set = _set_or_404(request, slug)
    return get_object_or_404(
        Criterion.objects.select_related("criteria_set", "parent"), criteria_set=criteria_set, pk=pk
    )


@login_required
def sets(request: HttpRequest) -> HttpResponse:
    """List the sets, those one may edit marked so."""
    _require_some_organiser(request)
    mine = set(access.administered_by(request.user).values_list("pk", flat=True))
    frozen = editing.frozen_sets()
    rows = [
        {"set": one, "is_mine": one.organiser_id in mine, "is_frozen": one.pk in frozen}
        for one in listed_sets()
    ]
    return render(request, "office/criteria_sets.html", {"rows": rows, "crumbs": _crumbs()})


@login_required
def new_set(request: HttpRequest) -> HttpResponse:
    _require_some_organiser(request)
    form = NewSetForm(access.administered_by(request.user), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = editing.create_set(CriteriaSet(**form.cleaned_data), _act(request))
        except ValidationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, "Đã tạo bộ tiêu chí; hãy thêm các lĩnh vực.")
            return redirect("office:criteria_set", made.slug)
    return _form_page(request, form, "Tạo bộ tiêu chí", _crumbs(None, "Tạo bộ tiêu chí"), button="Tạo")


@login_required
def criteria_set(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the tree with what is wrong in it and, while it is a draft, the ways to change it."""
    found = _set_or_404(request, slug, to_edit=False)
    is_frozen = editing.is_frozen(found)
    context = {
        "criteria_set": found,
        "page": criteria_page(found),
        "faults": [(_place(fault.path), fault.message) for fault in editing.faults(found)],
        "is_frozen": is_frozen,
        "may_change": _may_edit(request, found) and not is_frozen,
        "crumbs": _crumbs(found),
    }
    return render(request, "office/criteria_set.html", context)


PLACES = {"max_points": "điểm tối đa", "appraised_max": "tối đa thẩm định", "survey_max": "tối đa điều tra"}


def _place(path: str) -> str:
    """Return where a fault is in words: "[1.2].max_points" → "1.2, điểm tối đa"."""
    node, _dot, key = path.rpartition("].") if path.startswith("[") else path.rpartition(".")
    words = "quy tắc" if key.startswith("rule") else PLACES.get(key, key)
    return ", ".join(part for part in (node.strip("[]"), words.strip("[]")) if part)


@login_required
def edit_set(request: HttpRequest, slug: str) -> HttpResponse:
    found = _set_or_404(request, slug)
    form = SetForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            editing.save_set(form.instance, _act(request))
        except ValidationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, "Đã lưu.")
            return redirect("office:criteria_set", slug)
    return _form_page(
        request, form, "Thông tin bộ tiêu chí", _crumbs(found, "Thông tin"), back=_address(found)
    )


@login_required
def copy(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the next version of a set: the way to change one that is in use."""
    base = _set_or_404(request, slug, to_edit=False)
    initial = {"name": base.name, "slug": f"{base.slug}-moi"[:80], "organiser": base.organiser_id}
    form = IdentityForm(access.administered_by(request.user), request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = editing.copy_set(base, act=_act(request), **form.cleaned_data)
        messages.success(request, "Đã lập bản mới; mỗi tiêu chí nối với tiêu chí của bản trước.")
        return redirect("office:criteria_set", made.slug)
    return _form_page(
        request, form, "Lập bản mới", _crumbs(base, "Lập bản mới"), back=_address(base), button="Lập bản mới"
    )


@login_required
def new_node(request: HttpRequest, slug: str) -> HttpResponse:
    found = _set_or_404(request, slug)
    parent = found.criteria.filter(pk=_whole(request.GET.get("parent")) or 0).first()
    node = Criterion(criteria_set=found, order=0, parent=parent)
    return _node_page(request, node, "Thêm tiêu chí")


@login_required
def node(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found = _node_or_404(request, slug, pk)
    return _node_page(request, found, str(found))


def _node_page(request: HttpRequest, node: Criterion, title: str) -> HttpResponse:
    form = NodeForm(request.POST or None, instance=node, initial={"parent": node.parent_id})
    if request.method == "POST" and form.is_valid():
        try:
            saved = editing.save_node(form.instance, _act(request))
        except ValidationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, f"Đã lưu tiêu chí {saved.code}.")
            if saved.is_leaf and not saved.rule:
                return redirect("office:criteria_rule", node.criteria_set.slug, saved.pk)
            return redirect(f"{_address(node.criteria_set)}#c-{saved.code}")
    crumbs = _crumbs(node.criteria_set, title)
    return _form_page(request, form, title, crumbs, back=_address(node.criteria_set))


@login_required
def rule(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Declare a component's rule: the kind by the address, its parameters by the form."""
    found = _node_or_404(request, slug, pk)
    kind = request.GET.get("kind") or found.rule.get("kind", "yes_no")
    if kind not in FORMS:
        kind = "yes_no"
    before = found.rule if found.rule.get("kind") == kind else {}
    form = FORMS[kind](request.POST or None, initial=FORMS[kind].initial_of(before))
    if request.method == "POST" and form.is_valid() and _stored_rule(request, found, form, before):
        messages.success(request, f"Đã lưu quy tắc của {found.code}. Hãy tính thử.")
        return redirect("office:criteria_trial", slug, pk)
    context = {
        "node": found,
        "form": form,
        "kind": kind,
        "kinds": KIND_LABELS.items(),
        "crumbs": _crumbs(found.criteria_set, f"Quy tắc {found.code}"),
    }
    return render(request, "office/criteria_rule.html", context)


def _stored_rule(request: HttpRequest, node: Criterion, form: RuleForm, before: dict[str, Any]) -> bool:
    try:
        editing.save_rule(node, form.rule(before), _act(request))
    except ValidationError as error:
        _add_errors(form, error)
        return False
    return True


@login_required
def trial(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Calculate a component for inputs that are not stored anywhere, and say how."""
    criteria_set = _set_or_404(request, slug, to_edit=False)
    node = get_object_or_404(Criterion, criteria_set=criteria_set, pk=pk)
    parsed = _parsed(node)
    form = TrialForm(parsed, request.GET if "applies" in request.GET else None) if parsed else None
    outcome = _outcome(parsed, form) if parsed and form and form.is_bound and form.is_valid() else None
    context = {
        "node": node,
        "criteria_set": criteria_set,
        "sentences": rule_prose.sentences(parsed) if parsed else [],
        "form": form,
        "outcome": outcome,
        "reason": REASONS[outcome.reason] if outcome else "",
        "percent": _percent(outcome) if outcome and outcome.ratio else "",
        "crumbs": _crumbs(criteria_set, f"Tính thử {node.code}"),
    }
    return render(request, "office/criteria_trial.html", context)


def _parsed(node: Criterion) -> Rule | None:
    if not node.rule or node.max_points is None:
        return None
    try:
        return parse(node.rule, node.max_points)
    except SchemaError:
        return None


def _outcome(rule: Rule, form: TrialForm) -> Outcome | None:
    try:
        return evaluate(rule, form.inputs(), applies=form.cleaned_data["applies"] == "1")
    except InputError as error:
        form.add_error(None, str(error))
        return None


def _percent(outcome: Outcome) -> Decimal:
    assert outcome.ratio is not None
    return Decimal(outcome.ratio.numerator) * 100 / outcome.ratio.denominator


@login_required
@require_POST
def move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found = _node_or_404(request, slug, pk)
    _try(request, lambda: editing.move_node(found, -1 if "up" in request.POST else 1, _act(request)))
    return redirect(f"{_address(found.criteria_set)}#c-{found.code}")


@login_required
@require_POST
def delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found = _node_or_404(request, slug, pk)
    if _try(request, lambda: editing.delete_node(found, _act(request))):
        messages.success(request, f"Đã xóa {found.code} và các tiêu chí con.")
    return redirect("office:criteria_set", slug)


@login_required
def import_set(request: HttpRequest) -> HttpResponse:
    """Read a set from a spreadsheet or a JSON file: all of it, or nothing with the place of the fault."""
    _require_some_organiser(request)
    form = UploadForm(access.administered_by(request.user), request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            text = _read_upload(cleaned["file"], name=cleaned["name"], slug=cleaned["slug"])
            loaded = editing.import_set(
                text, file=cleaned["file"].name, organiser=cleaned["organiser"], act=_act(request)
            )
        except (ValueError, ValidationError) as error:
            _add_errors(form, error)
        else:
            messages.success(request, "Đã đọc bộ tiêu chí từ tệp.")
            return redirect("office:criteria_set", loaded.criteria_set.slug)
    context = {"form": form, "headers": criteria_rows.HEADERS, "crumbs": _crumbs(None, "Đọc từ tệp")}
    return render(request, "office/criteria_import.html", context)


def _read_upload(file: UploadedFile, *, name: str, slug: str) -> SetText:
    """Return the set in an uploaded file. Raises ValueError, with the message for the form."""
    content, kind = file.read(), (file.name or "").lower().rpartition(".")[2]
    if kind == "json":
        try:
            return parse_set(json.loads(content.decode("utf-8-sig"), parse_float=str))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
            raise CriteriaFileError("Tệp không phải JSON hợp lệ.") from None
    return parse_set(
        criteria_rows.document(read_tables(content)[0].rows, slug=slug, name=name, status="verified")
    )


@login_required
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand out the set in the form that can be read in again."""
    found = _set_or_404(request, slug, to_edit=False)
    text = editing.set_text(found)
    facts = {
        "slug": found.slug,
        "name": found.name,
        "status": found.status,
        "is_sample": found.is_sample,
        "organiser": {"slug": found.organiser.slug, "name": found.organiser.name}
        if found.organiser
        else None,
        "legal_basis": found.legal_basis,
        "previous": found.previous.slug if found.previous else None,
        "max_points": _written(found.max_points),
        "appraised_max": _written(found.appraised_max),
        "survey_max": _written(found.survey_max),
        "bonus_max": _written(found.bonus_max),
        "penalty_max": _written(found.penalty_max),
        "note": found.note,
        "areas": [_node_document(area) for area in text.areas],
    }
    given = {key: value for key, value in facts.items() if value is not None}
    headers = {"Content-Disposition": f'attachment; filename="{found.slug}.json"'}
    return JsonResponse(given, json_dumps_params={"ensure_ascii": False, "indent": 2}, headers=headers)


def _node_document(node: Node) -> dict[str, Any]:
    written = {
        "code": node.code,
        "title": node.title,
        "max_points": _written(node.max_points),
        "origin": str(node.origin),
        "rule": node.rule,
        "evidence": node.evidence_hint,
        "legal_basis": node.legal_basis,
        "note": node.note,
        "previous": node.previous,
        "children": [_node_document(child) for child in node.children],
    }
    return {key: value for key, value in written.items() if value}


def _written(value: Any) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _try(request: HttpRequest, change: Any) -> bool:
    try:
        change()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    return True


def _add_errors(form: Any, error: Exception) -> None:
    """Put an error where its field is; what has no field of this form stands above it."""
    if not isinstance(error, ValidationError):
        form.add_error(None, str(error))
    elif hasattr(error, "error_dict"):
        for field, said in error.message_dict.items():
            form.add_error(field if field in form.fields else None, said)
    else:
        form.add_error(None, error.messages)


def _form_page(
    request: HttpRequest,
    form: Any,
    title: str,
    crumbs: list[tuple[str, str]],
    *,
    back: str = "",
    button: str = "Lưu",
) -> HttpResponse:
    context = {"form": form, "title": title, "crumbs": crumbs, "back": back, "button": button}
    return render(request, "office/form_page.html", context)


def _address(criteria_set: CriteriaSet) -> str:
    return reverse("office:criteria_set", args=[criteria_set.slug])


def _whole(text: str | None) -> int | None:
    return whole_number(text)


urlpatterns = [
    path("criteria/", sets, name="criteria"),
    path("criteria/new/", new_set, name="criteria_new"),
    path("criteria/import/", import_set, name="criteria_import"),
    path("criteria/<slug:slug>/", criteria_set, name="criteria_set"),
    path("criteria/<slug:slug>/settings/", edit_set, name="criteria_settings"),
    path("criteria/<slug:slug>/copy/", copy, name="criteria_copy"),
    path("criteria/<slug:slug>/export.json", export, name="criteria_export"),
    path("criteria/<slug:slug>/nodes/new/", new_node, name="criteria_node_new"),
    path("criteria/<slug:slug>/nodes/<int:pk>/", node, name="criteria_node"),
    path("criteria/<slug:slug>/nodes/<int:pk>/rule/", rule, name="criteria_rule"),
    path("criteria/<slug:slug>/nodes/<int:pk>/trial/", trial, name="criteria_trial"),
    path("criteria/<slug:slug>/nodes/<int:pk>/move/", move, name="criteria_move"),
    path("criteria/<slug:slug>/nodes/<int:pk>/delete/", delete, name="criteria_delete"),
]
