"""Lists of dossiers in the office: counted when uploaded, shown as numbers, written on the word; nothing else kept."""

import base64
import datetime as dt
import io
import logging
import re
import zipfile
from pathlib import Path

import pytest
from django.apps import apps
from django.core import serializers
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from districts.models import Change
from reports.models import DossierCount, DossierField, ImportBatch
from reports.sheet_files import read_tables

from .factories import make_office_year

pytestmark = pytest.mark.django_db
HEADINGS = "Mã hồ sơ;Họ và tên;Số CCCD;Ngày tiếp nhận;Ngày hẹn trả;Ngày kết thúc;Hình thức nộp;Lĩnh vực"
NAME, NUMBER = "Trần Thị Bí Mật", "001099123456"
ROWS = [
    f"RIENG-TU-0001;{NAME};{NUMBER};20/12/2024;10/01/2025;01/01/2025;trực tuyến;Đất đai",
    f"RIENG-TU-0002;{NAME};{NUMBER};02/01/2025;10/01/2025;12/01/2025;trực tiếp;Đất đai",
    f"RIENG-TU-0003;{NAME};{NUMBER};31/01/2025;10/02/2025;;bưu chính;Đất đai",
]
BAD = f"RIENG-TU-0004;{NAME};{NUMBER};{NAME};10/02/2025;;bưu chính;Đất đai"


@pytest.fixture
def office(settings, tmp_path):
    settings.PRIVATE_DIR = tmp_path / "private"
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "private", "base_url": None},
        }
    }
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    DossierField.objects.create(slug="dat-dai", name="Đất đai")
    return make_office_year()


def address(office, name="dossier_lists", *args):
    return reverse(f"office:{name}", args=[office.units["an"].pk, *args])


def send(client, office, *rows, content=None, who="reporter", **fields):
    client.force_login(office.people[who])
    content = "\n".join([HEADINGS, *(rows or ROWS)]).encode() if content is None else content
    said = {"starts_on": "01/01/2025", "ends_on": "28/02/2025", "shape": "month", "convention": "inside"}
    file = SimpleUploadedFile(f"{NAME}.csv", content)
    return client.post(address(office), {"file": file, **said, **fields}, follow=True)


def step(client, office, name="apply", **fields):
    batch = ImportBatch.objects.latest("pk")
    return client.post(address(office, f"dossier_list_{name}", batch.pk), fields, follow=True)


def text_of(page):
    return " ".join(page.content.decode().split())


def test_a_list_is_shown_as_counts_and_written_only_when_confirmed(client, office):
    page = send(client, office)
    assert "<strong>3</strong> hồ sơ được đếm" in text_of(page)
    assert "Tháng 1/2025" in text_of(page) and "Tổng số, mọi lĩnh vực" in text_of(page)
    assert not DossierCount.objects.exists() and not Change.objects.exists()
    done = step(client, office, digest=page.context["found"].digest)
    assert "Đã ghi: 4 dòng số liệu mới hoặc thay đổi." in text_of(done)
    january = DossierCount.objects.get(field=None, starts_on=dt.date(2025, 1, 1))
    assert (january.received, january.carried_over, january.resolved_late, january.pending) == (3, 1, 1, 1)
    assert not DossierCount.objects.public().exists()


def test_the_log_says_who_and_out_of_which_upload(client, office):
    page = send(client, office)
    step(client, office, digest=page.context["found"].digest)
    change = Change.objects.filter(field="received").latest("pk")
    batch = ImportBatch.objects.get()
    assert (change.actor, change.how, change.batch) == (office.people["reporter"], "import", batch.pk)
    assert (batch.outcome, batch.rows, batch.file.name, batch.file_name) == (
        "applied",
        3,
        "",
        "danh-sach-ho-so",
    )


def test_a_new_list_shows_old_and_new_and_takes_away_what_it_no_longer_says(client, office):
    page = send(client, office)
    step(client, office, digest=page.context["found"].digest)
    text = text_of(send(client, office, ROWS[1].replace("Đất đai", "Hộ tịch"), **{"field-0": "-new-"}))
    assert (
        "Lĩnh vực chưa có trong danh mục" in text
        and "“Hộ tịch” là" in text
        and "Ghi" not in text.split("Quay lại")[0][-300:]
    )
    batch = ImportBatch.objects.latest("pk")
    page = client.get(address(office, "dossier_list", batch.pk), {"field-0": "-new-"})
    assert "3 → <strong>1</strong>" in text_of(page) and "bỏ đi" in text_of(page)
    step(client, office, digest=page.context["found"].digest, **{"field-0": "-new-"})
    assert set(DossierCount.objects.values_list("field__name", flat=True)) == {None, "Hộ tịch"}


def test_an_unknown_field_can_be_one_that_is_known(client, office):
    send(client, office, *ROWS[:2], ROWS[2].replace("Đất đai", "Quản lý đất"))
    batch = ImportBatch.objects.get()
    page = client.get(address(office, "dossier_list", batch.pk), {"field-0": "dat-dai"})
    step(client, office, digest=page.context["found"].digest, **{"field-0": "dat-dai"})
    assert DossierField.objects.count() == 1
    assert DossierCount.objects.get(field__slug="dat-dai", starts_on=dt.date(2025, 1, 1)).received == 3


def test_no_field_is_made_before_the_mapping_is_confirmed(client, office):
    send(client, office, ROWS[0].replace("Đất đai", "Lạ"))
    client.get(address(office, "dossier_list", ImportBatch.objects.get().pk), {"field-0": "-new-"})
    step(client, office, digest="x")
    assert DossierField.objects.count() == 1 and not DossierCount.objects.exists()


def test_rejected_rows_come_back_in_the_answer_and_only_there(client, office):
    page = send(client, office, *ROWS, BAD)
    text = text_of(page)
    assert page.status_code == 422 and "1 hàng không đếm được" in text and "D · Ngày tiếp nhận" in text
    (packed,) = re.findall(r'href="data:[^,]*;base64,([^"]+)"', page.content.decode())
    (table,) = read_tables(base64.b64decode(packed))
    assert table.rows[1][:4] == [5.0, "D", "Ngày tiếp nhận", NAME]
    assert not DossierCount.objects.exists()
    preview = client.get(address(office, "dossier_list", ImportBatch.objects.get().pk))
    assert NAME not in text_of(preview) and "<strong>1</strong> bị loại" in text_of(preview)


def test_the_rest_can_be_written_and_says_that_some_are_missing(client, office):
    send(client, office, *ROWS, BAD)
    page = client.get(address(office, "dossier_list", ImportBatch.objects.get().pk))
    step(client, office, digest=page.context["found"].digest)
    assert set(DossierCount.objects.values_list("note", flat=True)) == {
        "Không kể 1 hồ sơ bị loại khi đếm danh sách."
    }


def test_nothing_private_is_anywhere_afterwards(client, office, tmp_path, caplog):
    """Names, numbers and codes of the list: not in any table, file or log, whatever became of it."""
    caplog.set_level(logging.DEBUG)
    send(client, office, *ROWS, BAD)
    step(client, office, "cancel")
    page = send(client, office)
    step(client, office, digest=page.context["found"].digest)
    send(client, office, content=f"Họ tên;Ngày\n{NAME};{NUMBER}\n".encode())
    send(client, office, content=b"PK\x03\x04" + f"{NAME}{NUMBER}".encode())
    stored = "".join(
        serializers.serialize("json", model._default_manager.all(), ensure_ascii=False)
        for model in apps.get_models()
    )
    files = b"".join(path.read_bytes() for path in Path(tmp_path).rglob("*") if path.is_file())
    for secret in (NAME, NUMBER, "RIENG-TU-0001", "RIENG-TU-0004"):
        assert secret not in stored and secret not in caplog.text and secret.encode() not in files
    assert "dossiercount" in stored and ImportBatch.objects.count() == 4


def test_a_big_list_never_touches_the_disk(client, office, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "there is no such folder"
    rows = (ROWS[2].replace("RIENG-TU-0003", f"N{number}") for number in range(40_000))
    assert "<strong>40.000</strong> hồ sơ được đếm" in text_of(send(client, office, *rows))


def packed_bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", "<c/>" * 2_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\0", "Không phải bảng tính; hãy tải lên tệp Excel (.xlsx) hoặc CSV."),
        (b"PK\x03\x04 broken", "Tệp bị hỏng"),
        (packed_bomb(), "Tệp nén giãn ra quá lớn nên không được mở."),
        (b"a;b\n1;2\n", "còn thiếu: “Ngày tiếp nhận”"),
        (f"{HEADINGS}\n".encode(), "Danh sách không có hồ sơ nào."),
        (b"a;b\n" * (13 * 2**20 + 2**18), "Tệp lớn hơn 50 MB; hãy chia nhỏ."),
    ],
)
def test_a_file_that_cannot_be_counted_says_why(client, office, content, said):
    page = send(client, office, content=content)
    assert page.status_code == 422 and said in text_of(page)
    assert not ImportBatch.objects.filter(outcome="checked").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"starts_on": "02/01/2025"}, "Kỳ phải bắt đầu từ ngày đầu"),
        ({"ends_on": "31/12/2024"}, "Ngày kết thúc kỳ phải bằng hoặc sau ngày bắt đầu."),
        ({"ends_on": "31/12/2099", "shape": "year"}, "Kỳ chưa kết thúc"),
        ({"file": ""}, "Hãy chọn một tệp."),
    ],
)
def test_what_is_said_wrongly_beside_the_file_is_told(client, office, fields, said):
    page = send(client, office, **fields)
    assert page.status_code == 422 and said in text_of(page)
    assert not ImportBatch.objects.exists()


def test_a_contradiction_is_shown_and_needs_a_reason(client, office):
    page = send(client, office, ends_on="31/01/2025")
    step(client, office, digest=page.context["found"].digest)
    page = send(client, office, ROWS[2], ROWS[2].replace("RIENG-TU-0003", "H5"), starts_on="01/02/2025")
    assert "điều không khớp với số liệu khác" in text_of(page) and "Giải thích chênh lệch" in text_of(page)
    digest = page.context["found"].digest
    assert "Hãy giải thích chênh lệch trước khi ghi." in text_of(step(client, office, digest=digest))
    assert not DossierCount.objects.filter(starts_on=dt.date(2025, 2, 1)).exists()
    step(client, office, digest=digest, gap_reason="Hồ sơ nhập muộn.")
    assert (
        DossierCount.objects.get(starts_on=dt.date(2025, 2, 1), field=None).gap_reason == "Hồ sơ nhập muộn."
    )


def test_what_changed_since_the_preview_is_not_written_over(client, office):
    page = send(client, office)
    step(client, office, digest=page.context["found"].digest)
    page = send(client, office, ROWS[1])
    DossierCount.objects.filter(field=None).update(version=7)
    done = step(client, office, digest=page.context["found"].digest)
    assert done.status_code == 409 and "Dữ liệu đã thay đổi từ lúc xem trước" in text_of(done)
    assert DossierCount.objects.get(field=None, starts_on=dt.date(2025, 1, 1)).received == 3


def test_a_list_that_may_lack_dossiers_says_so(client, office):
    text = text_of(send(client, office, ROWS[1], ends_on="30/04/2025"))
    assert "Danh sách không có hồ sơ nào tiếp nhận trước kỳ." in text
    assert "Ngày muộn nhất trong danh sách là 12/01/2025" in text
    text = text_of(send(client, office, ends_on="31/01/2025"))
    assert "trước kỳ" not in text and "Ngày muộn nhất" not in text


def test_a_list_is_written_once(client, office):
    page = send(client, office)
    step(client, office, digest=page.context["found"].digest)
    assert "đã được ghi hoặc đã bỏ" in text_of(step(client, office, digest=page.context["found"].digest))


def test_only_who_sent_it_settles_it(client, office):
    page = send(client, office)
    client.force_login(office.people["lead"])
    assert step(client, office, digest=page.context["found"].digest).status_code == 403
    assert send(client, office, who="viewer").status_code == 403
    assert send(client, office, who="stranger").status_code == 404


def test_an_upload_without_the_token_against_forgery_is_refused(office):
    client = Client(enforce_csrf_checks=True)
    assert send(client, office).status_code == 403
    assert not ImportBatch.objects.exists()


def test_a_preview_takes_the_same_queries_for_many_fields(client, office, django_assert_max_num_queries):
    names = [f"Lĩnh vực {number}" for number in range(30)]
    for number, name in enumerate(names):
        DossierField.objects.create(slug=f"linh-vuc-{number}", name=name)
    send(
        client,
        office,
        *(ROWS[2].replace("RIENG-TU-0003", f"N{n}").replace("Đất đai", name) for n, name in enumerate(names)),
    )
    batch = ImportBatch.objects.get()
    with django_assert_max_num_queries(40):
        client.get(address(office, "dossier_list", batch.pk))
    with django_assert_max_num_queries(15):
        client.get(address(office))
