"""Evidence: kept by content, out of the web root, reached only through the access check."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from districts.audit import Act
from districts.models import Change
from reports.evidence_types import (
    ARCHIVE,
    NOT_ALLOWED,
    OLD_OFFICE,
    PHONE_PICTURE,
    SLIDES,
    NotEvidence,
    file_type,
)
from reports.models import Evidence, Score, ScoreSheet
from reports.workflow.context import WorkflowError
from reports.workflow.evidence import Document, attach

from .factories import OfficeYear, make_office_year

PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF"


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


@pytest.fixture
def office(db: None, settings, tmp_path: Path) -> OfficeYear:
    private = {**settings.STORAGES["private"], "OPTIONS": {"location": tmp_path, "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "private": private}
    Evidence._meta.get_field("file").storage = storages["private"]
    return make_office_year()


def client_of(office: OfficeYear, person: str) -> Client:
    client = Client()
    client.force_login(office.people[person])
    return client


def page_of(office: OfficeYear, code: str = "1.2") -> str:
    return reverse("office:evidence", args=[office.sheet.pk, office.leaves[code].pk])


def add(office: OfficeYear, person: str = "reporter", code: str = "1.2", **fields: object):
    how = "link" if "url" in fields else "held" if "held" in fields else "files"
    said = {"how": how, "title": "Quyết định", **fields}
    return client_of(office, person).post(page_of(office, code), said)


def reasons(response) -> list[tuple[str, str]]:
    return [(one.name, one.reason) for one in response.context["refused"]]


def upload(content: bytes = PDF, name: str = "quyet-dinh.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        (PDF, "pdf"),
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"\xff\xd8\xff\xe0....", "jpg"),
        (zipped("[Content_Types].xml", "word/document.xml"), "docx"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
    ],
)
def test_a_file_is_what_its_content_says(content, extension):
    assert file_type(content).extension == extension


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", OLD_OFFICE),
        (b"Rar!\x1a\x07\x01\x00", ARCHIVE),
        (zipped("a.pdf", "b.pdf"), ARCHIVE),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), SLIDES),
        (b"\x00\x00\x00\x18ftypheic....", PHONE_PICTURE),
        (b"<html>", NOT_ALLOWED),
    ],
)
def test_a_refusal_says_what_can_be_done(content, remedy):
    with pytest.raises(NotEvidence) as refusal:
        file_type(content)
    assert str(refusal.value) == remedy


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"MZ\x90\x00",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04 broken",
        zipped("hello.txt"),
        zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    ],
)
def test_anything_else_is_not_kept(content):
    with pytest.raises(NotEvidence):
        file_type(content)


def test_a_file_is_stored_under_a_name_by_chance_with_its_hash(office, tmp_path):
    assert add(office, file=upload(), number="12/QĐ", dated_on="05/03/2025").status_code == 302
    kept = Evidence.objects.get()
    assert kept.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (kept.file_name, kept.size, str(kept.dated_on)) == ("quyet-dinh.pdf", len(PDF), "2025-03-05")
    assert kept.file.name and "quyet" not in kept.file.name
    assert (tmp_path / kept.file.name).read_bytes() == PDF


def test_a_page_in_disguise_is_refused_and_nothing_is_stored(office, tmp_path):
    response = add(office, file=upload(b"<script>alert(1)</script>", "bao-cao.pdf"))
    assert response.status_code == 422
    assert "xét theo nội dung" in response.content.decode()
    assert not Evidence.objects.exists() and not list(tmp_path.rglob("*.*"))


def test_a_file_too_big_is_refused(office, settings):
    settings.EVIDENCE_MAX_BYTES = 10
    response = add(office, file=upload())
    assert response.status_code == 422
    assert [(name, "nén PDF" in why) for name, why in reasons(response)] == [("quyet-dinh.pdf", True)]
    assert not Evidence.objects.exists()


def test_a_sheet_takes_no_more_than_its_share_of_the_disk_even_of_what_was_taken_off(office, settings):
    settings.SHEET_EVIDENCE_MAX_BYTES = len(PDF)
    assert add(office, file=upload()).status_code == 302
    Evidence.objects.update(removed_at=timezone.now())
    response = add(office, file=upload(PDF + b"2"))
    assert response.status_code == 422
    assert "gần đủ 0 MB cho phép" in response.content.decode()
    assert add(office, url="https://vanban.example.vn/1").status_code == 302
    assert Evidence.objects.exclude(file="").count() == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://a.vn/x", "file:///etc/passwd", "https://"])
def test_only_web_addresses_are_links(office, url):
    assert add(office, url=url).status_code == 422
    assert not Evidence.objects.exists()


def test_a_link_is_kept_and_shown_without_a_referrer(office):
    assert add(office, url="https://vanban.example.vn/1").status_code == 302
    address = reverse("office:evidence", args=[office.sheet.pk, office.leaves["1.2"].pk])
    assert 'rel="noopener noreferrer nofollow"' in client_of(office, "viewer").get(address).content.decode()


def test_a_file_and_a_link_at_once_are_refused(office):
    document = Document("Quyết định", url="https://a.vn/1", file=upload())
    with pytest.raises(WorkflowError):
        attach(office.sheet, office.leaves["1.2"], document, Act(office.people["reporter"], "form"))
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"how": "files"}, "Hãy chọn ít nhất một tệp."),
        ({"how": "held"}, "Hãy chọn ít nhất một tài liệu."),
        ({"how": "link", "title": "", "url": "https://a.vn/1"}, "Trường này là bắt buộc."),
    ],
)
def test_what_is_missing_is_said(office, fields, said):
    response = add(office, **fields)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Evidence.objects.exists()


def test_of_several_files_those_that_pass_are_kept_and_each_other_is_named_with_its_remedy(office, tmp_path):
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 100
    files = [upload(name="ke-hoach.pdf"), upload(old, "báo cáo.doc"), upload(PDF + b"2", "Phụ lục.pdf")]
    response = add(office, file=files, title="")
    assert response.status_code == 422
    assert [name for name, _ in reasons(response)] == ["báo cáo.doc"]
    assert "“Lưu thành” (Save As) .docx, .xlsx hoặc PDF" in response.content.decode()
    assert list(Evidence.objects.values_list("title", "file_name")) == [
        ("ke-hoach", "ke-hoach.pdf"),
        ("Phụ lục", "Phụ lục.pdf"),
    ]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
    trail = Change.objects.filter(model="reports.evidence")
    assert trail.count() == 2
    # Sent once more, what is there is not added again.
    again = add(office, file=[upload(name="ke-hoach.pdf"), upload(PDF + b"3", "Ảnh.pdf")], title="")
    assert reasons(again) == [("ke-hoach.pdf", "Tài liệu này đã có ở chính tiêu chí này.")]
    assert Evidence.objects.count() == 3


def test_files_that_are_too_much_together_are_refused_as_a_whole(office, settings):
    settings.EVIDENCE_TOGETHER_BYTES = 2 * len(PDF)
    response = add(office, file=[upload(PDF + b"1"), upload(PDF + b"2")])
    assert response.status_code == 422
    assert "hãy gửi làm nhiều lần" in response.content.decode()
    assert not Evidence.objects.exists()


def test_limit_and_kinds_are_said_beside_the_field_before_anything_is_sent(office):
    text = client_of(office, "reporter").get(page_of(office)).content.decode()
    assert "Mỗi tệp tối đa 20 MB, một lần gửi tối đa 50 MB." in text
    assert "PDF, Word (.docx), Excel (.xlsx), ảnh JPG hoặc PNG" in text
    assert text.count("(bắt buộc)") == 3


def test_what_the_sheet_holds_joins_another_component_without_being_stored_again(office, tmp_path):
    add(office, file=upload(), number="12/QĐ", dated_on="05/03/2025")
    first = Evidence.objects.get()
    page = client_of(office, "reporter").get(page_of(office, "1.1"))
    assert [(one.evidence, one.codes) for one in page.context["found"].held] == [(first, ("1.2",))]
    assert add(office, code="1.1", held=first.pk).status_code == 302
    second = Evidence.objects.exclude(pk=first.pk).get()
    assert (second.title, second.number, second.dated_on) == (first.title, "12/QĐ", first.dated_on)
    assert (second.file.name, second.sha256, second.score.criterion.code) == (
        first.file.name,
        first.sha256,
        "1.1",
    )
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    logged = Change.objects.get(model="reports.evidence", object_id=second.pk)
    assert "dùng chung với tiêu chí 1.2" in (logged.after or "")
    # Taken off one component, it stays with the other and can still be read there.
    client_of(office, "lead").post(reverse("office:evidence-remove", args=[office.sheet.pk, first.pk]))
    address = reverse("office:evidence-file", args=[office.sheet.pk, second.pk])
    assert b"".join(client_of(office, "viewer").get(address)) == PDF
    assert not client_of(office, "reporter").get(page_of(office, "1.1")).context["found"].held


def test_a_file_that_comes_again_for_another_component_is_stored_once(office, tmp_path, settings):
    settings.SHEET_EVIDENCE_MAX_BYTES = len(PDF)
    add(office, file=upload())
    assert add(office, code="1.1", file=upload(name="ten-khac.pdf"), title="Văn bản").status_code == 302
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    assert {one.file_name for one in Evidence.objects.all()} == {"quyet-dinh.pdf", "ten-khac.pdf"}


def test_a_file_that_the_disk_has_lost_is_stored_with_the_next_upload(office, tmp_path):
    add(office, file=upload())
    lost = tmp_path / str(Evidence.objects.get().file.name)
    lost.unlink()
    add(office, code="1.1", file=upload())
    found = Evidence.objects.get(score__criterion=office.leaves["1.1"])
    assert (tmp_path / str(found.file.name)).read_bytes() == PDF


def test_nothing_of_another_sheet_can_be_chosen_or_is_named(office):
    score = Score.objects.create(sheet=office.sheets["binh"], criterion=office.leaves["1.1"])
    theirs = Evidence.objects.create(score=score, stage="self", title="Mật của họ", url="https://b.vn/1")
    response = add(office, held=theirs.pk)
    assert response.status_code == 422
    assert "Mật của họ" not in response.content.decode()
    assert Evidence.objects.count() == 1


def test_the_page_leads_back_to_the_row_and_on_to_the_next_component_without_evidence(office):
    add(office, code="1.2", url="https://a.vn/1")
    page = client_of(office, "reporter").get(page_of(office, "1.1"))
    row = f"{reverse('office:sheet', args=[office.sheet.pk])}?area=1#row-{office.leaves['1.1'].pk}"
    assert f'href="{row}"' in page.content.decode()
    own = [leaf for leaf in office.leaves.values() if leaf.origin != "survey"]
    without = [leaf for leaf in sorted(own, key=lambda leaf: leaf.order) if leaf.code != "1.2"]
    found = page.context["found"]
    assert (found.before, found.missing, found.components) == (None, len(without), len(own))
    assert found.after == next((leaf for leaf in without if leaf.order > office.leaves["1.1"].order), None)


@pytest.mark.parametrize(("person", "is_shown"), [("reporter", False), ("appraiser", True)])
def test_the_checksum_is_for_who_appraises(office, person, is_shown):
    add(office, file=upload())
    text = client_of(office, person).get(page_of(office)).content.decode()
    assert (hashlib.sha256(PDF).hexdigest() in text) is is_shown


def test_a_file_comes_only_as_an_attachment_that_no_browser_runs(office):
    add(office, file=upload(name="Quyết định.pdf"))
    kept = Evidence.objects.get()
    response = client_of(office, "viewer").get(
        reverse("office:evidence-file", args=[office.sheet.pk, kept.pk])
    )
    assert b"".join(response) == PDF
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("person", "status"), [("stranger", 404), ("viewer", 200), ("appraiser", 200), ("overseer", 200)]
)
def test_a_file_is_served_to_those_who_may_see_the_sheet(office, person, status):
    add(office, file=upload())
    kept = Evidence.objects.get()
    address = reverse("office:evidence-file", args=[office.sheet.pk, kept.pk])
    assert client_of(office, person).get(address).status_code == status
    assert Client().get(address).status_code == 302


def test_a_file_is_not_served_through_another_units_sheet(office):
    add(office, file=upload())
    other = reverse("office:evidence-file", args=[office.sheets["binh"].pk, Evidence.objects.get().pk])
    assert client_of(office, "stranger").get(other).status_code == 404


def test_no_address_of_the_site_leads_to_the_private_files(office):
    add(office, file=upload())
    kept = Evidence.objects.get()
    for address in (
        f"/{kept.file.name}",
        f"/media/{kept.file.name}",
        f"/static/{kept.file.name}",
        kept.file.url,
    ):
        assert client_of(office, "lead").get(address).status_code == 404
    assert settings.PRIVATE_DIR not in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS)


def test_evidence_taken_off_is_marked_and_in_the_log(office):
    add(office, url="https://a.vn/1")
    kept = Evidence.objects.get()
    client_of(office, "lead").post(reverse("office:evidence-remove", args=[office.sheet.pk, kept.pk]))
    kept.refresh_from_db()
    assert kept.removed_at is not None
    trail = Change.objects.filter(model="reports.evidence", object_id=kept.pk)
    assert [(one.before is None, one.after is None) for one in trail.order_by("pk")] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize(("person", "status"), [("viewer", 403), ("appraiser", 403), ("stranger", 404)])
def test_only_the_units_reporters_and_leads_add_evidence(office, person, status):
    assert add(office, person, url="https://a.vn/1").status_code == status
    assert not Evidence.objects.exists()


def test_evidence_is_locked_with_its_stage(db):
    office = make_office_year("round1")
    assert add(office, url="https://a.vn/1").status_code == 403


def test_what_an_appraisal_relied_on_cannot_be_taken_off_with_the_reply(office):
    add(office, file=upload())
    kept = Evidence.objects.get()
    office.year.stage = "reply"
    office.year.save(update_fields=["stage"])
    office.year.sheets.update(status="appraised")
    client_of(office, "lead").post(reverse("office:evidence-remove", args=[office.sheet.pk, kept.pk]))
    kept.refresh_from_db()
    assert kept.removed_at is None


@pytest.mark.parametrize(
    ("stage", "status", "stamped"),
    [
        ("self_scoring", "open", "self"),
        ("reply", "returned", "self"),
        ("reply", "appraised", "reply"),
        ("round2", "appraised", "reply"),
        ("council", "appraised", "reply"),
    ],
)
def test_evidence_belongs_to_what_its_sheet_is_doing_when_it_was_let_in_again(db, stage, status, stamped):
    office = make_office_year(stage)
    until = timezone.now() + dt.timedelta(days=1)
    ScoreSheet.objects.filter(pk=office.sheet.pk).update(status=status, reopened_until=until)
    assert add(office, url="https://example.vn/quyet-dinh").status_code == 302
    assert Evidence.objects.get().stage == stamped
