"""Files in the office: uploaded, looked at, applied or given up; results of past years typed or uploaded."""

import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from districts.access import Denied
from districts.audit import Act
from districts.models import Change
from reports import workbooks
from reports.imports.batches import cancel
from reports.models import AssessmentYear, ImportBatch, OfficialResult, Score, Source, Standing
from reports.sheet_files import read_tables
from reports.workflow.past_years import Document, open_past_year

from .factories import OfficeYear, make_office_year, make_source

pytestmark = pytest.mark.django_db
CSV = "Mã đơn vị;1.1;1.2\nTHan;1,5;2\n".encode()


@pytest.fixture
def office(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path, "base_url": None},
        }
    }
    return make_office_year()


def send(client, office, content=CSV, who="reporter", name="diem.csv", **fields):
    client.force_login(office.people[who])
    address = reverse("office:uploads", args=[office.year.pk])
    return client.post(
        address, {"file": SimpleUploadedFile(name, content), "stage": "self", **fields}, follow=True
    )


def step(client, office, name, **fields):
    batch = ImportBatch.objects.latest("pk")
    return client.post(reverse(f"office:{name}", args=[batch.pk]), fields, follow=True)


def test_a_file_is_shown_and_written_only_when_confirmed(client, office):
    page = send(client, office)
    assert "<strong>2</strong> mới" in page.content.decode()
    assert not Score.objects.exists()
    done = step(client, office, "upload_apply", digest=page.context["digest"])
    assert "Đã ghi 2 giá trị từ tệp diem.csv." in done.content.decode()
    assert Score.objects.get(criterion=office.leaves["1.1"]).self_points == Decimal("1.5")


def test_the_changes_of_a_file_are_in_the_log_with_who_how_and_which_file(client, office):
    page = send(client, office)
    step(client, office, "upload_apply", digest=page.context["digest"])
    change = Change.objects.filter(field="self_points")[0]
    assert (change.actor, change.how, change.batch) == (
        office.people["reporter"],
        "import",
        ImportBatch.objects.get().pk,
    )


def test_a_file_with_an_error_offers_no_confirmation_but_itself_with_the_errors(client, office):
    page = send(client, office, "Mã đơn vị;1.1\nTHan;hai\n".encode())
    text = page.content.decode()
    assert (
        "Có 1 lỗi, không giá trị nào được ghi" in text
        and "ô B2" in text
        and "Không phải là số; hãy ghi như 92,41." in text
    )
    assert "upload_apply" not in text and "/apply/" not in text
    batch = ImportBatch.objects.get()
    content = client.get(reverse("office:upload_errors", args=[batch.pk])).content
    assert [table.rows[1] for table in read_tables(content) if table.name == "Dữ liệu"] == [
        ["THan", "hai", "Không phải là số; hãy ghi như 92,41."]
    ]


def test_a_preview_with_errors_says_what_they_are_of_and_that_nothing_is_written_yet(client, office):
    text = send(client, office, "Mã đơn vị;1.1;1.2\nTHan;1,5;hai\n".encode()).content.decode()
    assert "<td>1.2 Tiêu chí 1.2</td>" in text and "ô C2" in text
    assert text.count("Sẽ ghi khi hết lỗi") == 2 and ">Sẽ ghi<" not in text
    assert "<td>chưa nhập</td>" in text.replace("Chưa nhập", "chưa nhập")


def test_a_row_a_component_names_its_errors_too(client, office):
    content = "Mã đơn vị;Mã tiêu chí;Điểm tự chấm\nTHan;1.1;99\n".encode()
    assert "<td>1.1 Tiêu chí 1.1</td>" in send(client, office, content).content.decode()


def test_from_a_file_that_was_written_a_link_leads_to_the_sheet(client, office):
    page = send(client, office)
    sheet = reverse("office:sheet", args=[office.sheets["an"].pk])
    assert f'href="{sheet}">Phiếu chấm điểm của Huyện An' in page.content.decode()
    done = step(client, office, "upload_apply", digest=page.context["digest"])
    assert f'href="{sheet}">Phiếu chấm điểm của Huyện An' in done.content.decode()


def test_an_error_cannot_be_confirmed_by_hand(client, office):
    send(client, office, "Mã đơn vị;1.1\nTHan;hai\n".encode())
    assert step(client, office, "upload_apply", digest="").status_code == 409
    assert not Score.objects.exists()


def test_a_confirmation_of_something_else_than_what_was_shown_is_refused(client, office):
    send(client, office)
    page = step(client, office, "upload_apply", digest="khac")
    assert "Dữ liệu đã thay đổi từ lúc xem trước" in page.content.decode()
    assert not Score.objects.exists()


def test_a_file_can_be_given_up(client, office):
    send(client, office)
    page = step(client, office, "upload_cancel")
    assert "Đã bỏ tệp diem.csv" in page.content.decode()
    assert ImportBatch.objects.get().outcome == "cancelled"


def test_a_file_that_is_gone_is_told_and_can_be_given_up(client, office):
    page = send(client, office)
    batch = ImportBatch.objects.get()
    batch.file.storage.delete(batch.file.name)
    shown = client.get(reverse("office:upload", args=[batch.pk]))
    assert "Tệp không còn được giữ." in shown.content.decode()
    assert step(client, office, "upload_apply", digest=page.context["digest"]).status_code == 409
    assert "Đã bỏ tệp diem.csv" in step(client, office, "upload_cancel").content.decode()


def test_the_same_file_again_says_so(client, office):
    send(client, office)
    assert "Chính tệp này đã được tải lên" in send(client, office).content.decode()


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b"%PDF-1.7 \xe2\xe3", "Không phải bảng tính"),
        (b"PK\x03\x04 broken", "Tệp bị hỏng"),
        (b";;\n", "Tệp không có dữ liệu"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "Tệp đặt mật khẩu"),
    ],
)
def test_what_cannot_be_read_gets_a_clear_answer(client, office, content, answer):
    page = send(client, office, content, name="tep.xlsx")
    assert answer in page.content.decode()
    assert ImportBatch.objects.get().outcome == "refused"


def test_no_file_gets_a_clear_answer(client, office):
    client.force_login(office.people["reporter"])
    page = client.post(reverse("office:uploads", args=[office.year.pk]), {"stage": "self"})
    assert page.status_code == 422
    assert "Hãy chọn một tệp." in page.content.decode()


def test_who_only_looks_cannot_upload(client, office):
    assert send(client, office, who="viewer").status_code == 403
    assert send(client, office, who="overseer").status_code == 403


def test_a_unit_does_not_see_the_files_of_another(client, office):
    send(client, office)
    batch = ImportBatch.objects.get()
    client.force_login(office.people["stranger"])
    assert client.get(reverse("office:upload", args=[batch.pk])).status_code == 404
    assert "diem.csv" not in client.get(reverse("office:uploads", args=[office.year.pk])).content.decode()


def test_the_organiser_sees_all_files_and_confirms_none_of_others(client, office):
    send(client, office)
    client.force_login(office.people["appraiser"])
    assert "diem.csv" in client.get(reverse("office:uploads", args=[office.year.pk])).content.decode()
    assert step(client, office, "upload_apply", digest="x").status_code == 403


def test_nobody_gets_in_without_logging_in(client, office):
    for name in ("uploads", "year_template"):
        assert client.get(reverse(f"office:{name}", args=[office.year.pk])).status_code == 302


def test_a_unit_gets_a_template_of_its_own_row_alone(client, office):
    client.force_login(office.people["reporter"])
    content = client.get(reverse("office:year_template", args=[office.year.pk])).content
    tables = {table.name: table.rows for table in read_tables(content)}
    assert [row[1] for row in tables["Tự chấm"][5:]] == ["Huyện An"]
    assert "Thẩm định" not in tables


def test_a_unit_s_people_are_offered_their_own_sheet_and_asked_for_a_file_alone(client, office):
    client.force_login(office.people["reporter"])
    address = reverse("office:uploads", args=[office.year.pk])
    text = client.get(address).content.decode()
    assert f'href="{reverse("office:sheet_template", args=[office.sheet.pk])}"' in text
    assert reverse("office:year_template", args=[office.year.pk]) not in text
    assert 'name="stage"' not in text and 'name="reason"' not in text
    client.force_login(office.people["appraiser"])
    text = client.get(address).content.decode()
    assert reverse("office:year_template", args=[office.year.pk]) in text
    assert 'name="stage"' in text and 'name="reason"' in text


def test_a_unit_s_file_holds_self_scores_whatever_else_is_posted(client, office):
    send(client, office, stage="appraised", reason="Lý do lạ")
    assert ImportBatch.objects.get().counts["settings"] == {"stage": "self", "reason": ""}


def test_the_template_of_another_unit_is_not_there(client, office):
    client.force_login(office.people["reporter"])
    assert client.get(reverse("office:sheet_template", args=[office.sheets["an"].pk])).status_code == 200
    assert client.get(reverse("office:sheet_template", args=[office.sheets["binh"].pk])).status_code == 404


PAST = {
    "year": 2023,
    "document": "Quyết định công bố",
    "decision_number": "567/QĐ-UBND",
    "decided_on": "20/02/2024",
}


def begin(client, office, who="publisher"):
    client.force_login(office.people[who])
    fields = PAST | {"organiser": office.organiser.pk, "group": office.year.group_id}
    return client.post(reverse("office:results"), fields, follow=True)


def past_address(name):
    year = AssessmentYear.objects.get(year=2023)
    return reverse(f"office:{name}", args=[year.pk, Source.objects.get().slug])


def confirm_past(client, page):
    batch = ImportBatch.objects.latest("pk")
    address = reverse("office:upload_apply", args=[batch.pk])
    return client.post(address, {"digest": page.context["digest"]}, follow=True)


def test_a_past_year_is_typed_shown_stored_and_published_as_totals(client, office):
    assert begin(client, office).status_code == 200
    typed = {f"{unit.pk}-total": f"9{n},5" for n, unit in enumerate(office.units.values())}
    page = client.post(past_address("results_rows"), typed, follow=True)
    confirm_past(client, page)
    assert OfficialResult.objects.get(unit=office.units["an"]).total == Decimal("90.5")
    assert Change.objects.filter(model="reports.officialresult")[0].how == "form"
    client.post(
        past_address("results_publish"), {"decision_number": "567/QĐ-UBND", "decided_on": "20/02/2024"}
    )
    year = AssessmentYear.objects.get(year=2023)
    assert (year.basis, year.stage) == ("totals", "published")
    assert Standing.objects.get(scope__publication__assessment_year=year, unit=office.units["cat"]).rank == 1


def test_a_past_year_is_public_only_once_published_and_the_log_says_who_published(client, office):
    begin(client, office)
    an = office.units["an"].pk
    typed = {f"{unit.pk}-total": "90,5" for unit in office.units.values()}
    confirm_past(client, client.post(past_address("results_rows"), typed, follow=True))
    pages = [
        f"/{office.organiser.slug}/2023/",
        f"/{office.organiser.slug}/2023/units/{office.units['an'].code}/",
    ]
    assert [client.get(page).status_code for page in pages] == [404, 404]
    assert "2023" not in client.get("/").content.decode()
    client.post(
        past_address("results_publish"), {"decision_number": "567/QĐ-UBND", "decided_on": "20/02/2024"}
    )
    assert [client.get(page).status_code for page in pages] == [200, 200]
    assert Standing.objects.filter(unit=an).exists()
    published = Change.objects.get(field="current_publication")
    assert (published.actor, published.after) == (office.people["publisher"], "1 · 567/QĐ-UBND")


def test_a_correction_of_totals_sent_twice_is_one_version(client, office):
    begin(client, office)
    typed = {f"{unit.pk}-total": "90,5" for unit in office.units.values()}
    confirm_past(client, client.post(past_address("results_rows"), typed, follow=True))
    published = {"decision_number": "567/QĐ-UBND", "decided_on": "20/02/2024"}
    client.post(past_address("results_publish"), published)
    form = client.get(past_address("results_year")).context["publish_form"]
    correction = published | {"reason": "In sai", "seen": form["seen"].value()}
    answers = [client.post(past_address("results_publish"), correction).status_code for _ in range(2)]
    assert answers == [302, 422]
    assert AssessmentYear.objects.get(year=2023).publications.count() == 2


def test_printed_totals_of_a_year_in_work_are_not_public(client, office):
    OfficialResult.objects.create(
        assessment_year=office.year, unit=office.units["an"], source=make_source(), total=Decimal("87.5")
    )
    code = office.units["an"].code
    for page in ("", "2025/", f"2025/units/{code}/", f"../units/test/{code}/", "../"):
        assert "87,5" not in client.get(f"/{office.organiser.slug}/{page}").content.decode()
    assert client.get(f"/{office.organiser.slug}/2025/").status_code == 404


def public_pages(office: OfficeYear) -> list[str]:
    organiser, code = office.organiser.slug, office.units["an"].code
    return [
        *("/", "/?q=An", f"/{organiser}/", f"/{organiser}/2025/", f"/{organiser}/2025/huyen/"),
        *(f"/{organiser}/2025/huyen/?export=csv", f"/{organiser}/2025/units/{code}/"),
        *(f"/{organiser}/2025/units/{code}/?export=csv", f"/units/{code}/"),
        f"/units/test/{code}/",
    ]


@pytest.mark.parametrize("stage", [stage for stage in AssessmentYear.Stage if stage != "published"])
def test_no_public_address_shows_a_printed_figure_before_publication(client, office, stage):
    OfficialResult.objects.create(
        assessment_year=office.year, unit=office.units["an"], source=make_source(), total=Decimal("87.5")
    )
    AssessmentYear.objects.filter(pk=office.year.pk).update(stage=stage)
    shown = [page for page in public_pages(office) if "87,5" in b"".join(client.get(page)).decode()]
    assert shown == []
    AssessmentYear.objects.filter(pk=office.year.pk).update(stage="published")
    assert any("87,5" in b"".join(client.get(page)).decode() for page in public_pages(office))


def test_a_past_year_begun_says_in_the_log_who_began_it_by_which_document(client, office):
    begin(client, office)
    begun = Change.objects.filter(context__contains="/2023/").values_list("model", "field", "after", "actor")
    publisher = office.people["publisher"].pk
    source = Source.objects.get(slug__contains="2023")
    assert list(begun.order_by("pk")) == [
        ("reports.assessmentyear", "basis", "totals", publisher),
        ("reports.source", "title", source.title, publisher),
    ]


def test_an_appraiser_does_not_begin_a_past_year(office):
    asked = AssessmentYear(organiser=office.organiser, year=2022, group=office.year.group)
    with pytest.raises(Denied):
        open_past_year(asked, Document("Quyết định"), Act(office.people["appraiser"], Change.How.FORM))
    assert not AssessmentYear.objects.filter(year=2022).exists()


def test_who_is_publisher_no_longer_does_not_store_results_uploaded_before(client, office):
    begin(client, office)
    page = client.post(past_address("results_rows"), {f"{office.units['an'].pk}-total": "90,5"}, follow=True)
    office.people["publisher"].memberships.update(role="appraiser")
    assert confirm_past(client, page).status_code == 403
    assert not OfficialResult.objects.exists()


def test_giving_up_a_file_that_was_written_meanwhile_leaves_it_written(client, office):
    begin(client, office)
    page = client.post(past_address("results_rows"), {f"{office.units['an'].pk}-total": "90,5"}, follow=True)
    stale = ImportBatch.objects.get()
    confirm_past(client, page)
    cancel(stale)
    assert ImportBatch.objects.get().outcome == ImportBatch.Outcome.APPLIED


def test_a_past_year_is_uploaded_by_its_own_template(client, office):
    begin(client, office)
    content = client.get(past_address("results_template")).content
    names = [row[1] for row in read_tables(content)[0].rows[5:]]
    assert names == ["Huyện An", "Huyện Bình", "Huyện Cát"]
    annex = "Đơn vị;Tổng điểm;Hạng\nHuyện An;92,41;1\nBình;91.61;2\n".encode()
    page = client.post(
        past_address("results_upload"), {"file": SimpleUploadedFile("phu-luc.csv", annex)}, follow=True
    )
    confirm_past(client, page)
    assert OfficialResult.objects.count() == 2
    rows = workbooks.results_workbook(
        AssessmentYear.objects.get(year=2023),
        [("test:THan", "An")],
        {"test:THan": OfficialResult.objects.order_by("pk")[0]},
    )
    assert read_tables(rows)[0].rows[5][:3] == ["test:THan", "An", 92.41]


def test_only_who_publishes_or_administers_brings_past_years_in(client, office):
    assert begin(client, office, "administrator").status_code == 200
    for who in ("appraiser", "lead"):
        assert begin(client, office, who).status_code == 403
    client.force_login(office.people["administrator"])
    assert client.post(past_address("results_publish"), {}).status_code == 403


def test_a_past_year_without_all_totals_is_not_published_and_says_why(client, office):
    begin(client, office)
    page = client.post(past_address("results_publish"), {})
    assert page.status_code == 422


def run(office, path, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_scores", path, year=2025, stdout=out, stderr=err, **options)
    return out.getvalue()


def test_the_command_checks_and_writes_by_the_same_code(office, tmp_path):
    path = tmp_path / "diem.csv"
    path.write_bytes(CSV)
    assert "1 hàng: 2 mới, 0 thay đổi" in run(office, path, dry_run=True)
    assert not Score.objects.exists()
    assert "Đã ghi 2 giá trị." in run(office, path)
    assert Change.objects.filter(how="command", actor=None).count() == 2


def test_the_command_writes_nothing_of_a_wrong_file(office, tmp_path):
    path = tmp_path / "diem.csv"
    path.write_bytes("Mã đơn vị;1.1;1.2\nTHan;1,5;hai\n".encode())
    with pytest.raises(CommandError):
        run(office, path)
    assert not Score.objects.exists()
