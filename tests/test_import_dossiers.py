"""Lists of dossiers counted into a unit's figures by the command: what is replaced, refused, and never kept."""

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from districts.models import Change, Level
from reports.models import DossierCount, DossierField, ImportBatch
from reports.sheet_files import read_tables
from reports.workflow.figures import own_source

from .factories import make_office_year, make_unit

pytestmark = pytest.mark.django_db
HEADINGS = "Mã hồ sơ;Họ tên;Ngày tiếp nhận;Ngày hẹn trả;Ngày kết thúc xử lý;Hình thức tiếp nhận;Lĩnh vực"
ROWS = [
    "1;Người A;20/12/2024;10/01/2025;01/01/2025;trực tuyến;Đất đai",
    "2;Người B;02/01/2025;10/01/2025;10/01/2025;trực tiếp;Đất đai",
    "3;Người C;31/01/2025;10/02/2025;;bưu chính;Hộ tịch",
]


@pytest.fixture
def office():
    DossierField.objects.create(slug="dat-dai", name="Đất đai")
    DossierField.objects.create(slug="ho-tich", name="Hộ tịch")
    return make_office_year()


def run(tmp_path: Path, *rows: str, headings: str = HEADINGS, **options: object) -> str:
    path = tmp_path / "danh-sach.csv"
    path.write_text("\n".join([headings, *(rows or ROWS)]), "utf-8-sig")
    out, err = io.StringIO(), io.StringIO()
    options = {"unit": "THan", "period": "2025-01..2025-02"} | options
    call_command("import_dossiers", path, stdout=out, stderr=err, **options)
    return out.getvalue() + err.getvalue()


def refusal(tmp_path, *rows, **options):
    with pytest.raises(CommandError) as error:
        run(tmp_path, *rows, **options)
    return str(error.value)


def counted(month: int = 1, field: str | None = None, **where: object) -> DossierCount:
    where = {"starts_on": dt.date(2025, month, 1), "field__slug": field} | where
    return DossierCount.objects.in_work().get(**where)


def test_a_list_becomes_a_row_a_month_for_each_field_and_for_all(office, tmp_path):
    said = run(tmp_path)
    assert "3 hàng: 3 hồ sơ được đếm (1 tiếp nhận trước kỳ), 0 ngoài kỳ, 0 bị loại." in said
    assert DossierCount.objects.in_work().count() == 6
    total, land = counted(), counted(field="dat-dai")
    assert (total.received, total.carried_over, total.resolved, total.pending) == (3, 1, 2, 1)
    assert (land.received, land.resolved_early, land.resolved_on_time) == (2, 1, 1)
    assert (counted(2).carried_over, counted(2).pending_late) == (1, 1)
    assert total.unit == office.units["an"] and total.source == own_source(office.units["an"])
    assert not DossierCount.objects.public().exists()


def test_the_same_list_again_changes_nothing(office, tmp_path):
    run(tmp_path)
    changes = Change.objects.count()
    assert "Đã ghi: 0 dòng" in run(tmp_path)
    assert Change.objects.count() == changes


def test_a_list_replaces_its_scopes_and_periods_and_never_adds(office, tmp_path):
    run(tmp_path)
    run(tmp_path, ROWS[1], period="2025-01", scope="own")
    assert {
        row.field and row.field.slug for row in DossierCount.objects.filter(starts_on=dt.date(2025, 1, 1))
    } == {
        None,
        "dat-dai",
    }
    assert counted().received == 1
    assert Change.objects.filter(field="received", after=None).exists()


def test_other_scopes_and_periods_stay_and_so_does_what_a_list_knows_nothing_of(office, tmp_path):
    run(tmp_path)
    DossierCount.objects.filter(field=None, starts_on=dt.date(2025, 1, 1)).update(
        apologised=1, printed_on_time_rate=77, quality="about", gap_reason="cũ"
    )
    DossierCount.objects.filter(starts_on=dt.date(2025, 2, 1)).update(scope="territory")
    run(tmp_path, ROWS[1].replace(";10/01/2025;10/01/2025", ";10/01/2025;12/01/2025"), period="2025-01")
    row = counted()
    assert (row.received, row.apologised, row.printed_on_time_rate) == (1, 1, None)
    assert (row.quality, row.gap_reason) == ("exact", "")
    assert counted(2, scope="territory").received == 1


def test_a_trial_writes_nothing(office, tmp_path):
    said = run(tmp_path, dry_run=True)
    assert "Huyện An: 6 dòng mới, 0 thay đổi, 0 không đổi, 0 bỏ đi." in said
    assert not DossierCount.objects.exists() and not Change.objects.exists()


def test_unknown_fields_are_made_only_when_asked_for(office, tmp_path):
    row = ROWS[0].replace("Đất đai", "Đầu tư – kinh doanh")
    assert "Lĩnh vực chưa có trong danh mục: “Đầu tư – kinh doanh”" in refusal(tmp_path, row)
    assert DossierField.objects.count() == 2
    run(tmp_path, row, create_fields=True)
    assert DossierField.objects.get(slug="dau-tu-kinh-doanh").name == "Đầu tư – kinh doanh"
    run(tmp_path, row.replace("Đầu tư – kinh doanh", "ĐẦU TƯ KINH DOANH"))
    assert DossierField.objects.count() == 3


def test_rejected_rows_stop_the_import_and_go_to_the_callers_file_alone(office, tmp_path):
    file = tmp_path / "loai.xlsx"
    row = "9;Người Kín;30/02/2025;=1+1;;trực tiếp;Đất đai"
    assert "1 hàng bị loại, không có gì được ghi" in refusal(tmp_path, *ROWS, row, rejected=file)
    assert not DossierCount.objects.exists()
    (table,) = read_tables(file.read_bytes())
    assert table.rows[1] == [5.0, "C", "Ngày tiếp nhận", "30/02/2025", "Không có ngày này trong lịch."]
    assert file.stat().st_mode & 0o777 == 0o600


def test_rejected_rows_can_be_left_out_which_the_rows_say(office, tmp_path):
    said = run(tmp_path, *ROWS, ROWS[0], skip_rejected=True)
    assert "Loại: hàng 5, cột A: Mã hồ sơ này đã có ở hàng 2." in said
    assert counted().received == 3
    assert counted().note == "Không kể 1 hồ sơ bị loại khi đếm danh sách."
    run(tmp_path)
    assert counted().note == ""


def test_what_contradicts_the_month_before_needs_a_reason(office, tmp_path):
    run(tmp_path, period="2025-01")
    elsewhere = [
        "7;Người D;01/01/2025;10/02/2025;;trực tiếp;Hộ tịch",
        "8;Người E;02/01/2025;10/02/2025;;trực tiếp;Hộ tịch",
    ]
    said = refusal(tmp_path, *elsewhere, period="2025-02")
    assert "Hãy giải thích bằng --reason" in said and "Hộ tịch" in said
    assert not DossierCount.objects.filter(starts_on=dt.date(2025, 2, 1)).exists()
    run(tmp_path, *elsewhere, period="2025-02", reason="Rà soát lại hồ sơ tồn.")
    assert counted(2).gap_reason == "Rà soát lại hồ sơ tồn."


def test_without_a_unit_rows_go_to_the_units_whose_codes_they_have(office, tmp_path):
    rows = [f"{row};{code}" for row, code in zip(ROWS, ["THan", "THbinh", "THbinh"], strict=True)]
    run(tmp_path, *rows, headings=f"{HEADINGS};Mã đơn vị", unit=None, scheme="test")
    assert counted(unit=office.units["an"]).received == 1
    assert counted(unit=office.units["binh"]).received == 2
    assert "2 hàng bị loại" in refusal(
        tmp_path,
        *rows[:1],
        *[f"{row};X" for row in ROWS[1:]],
        headings=f"{HEADINGS};Mã đơn vị",
        unit=None,
        scheme="test",
    )


def test_what_communes_resolve_is_their_block_and_another_units_is_refused(office, tmp_path):
    make_unit("Thượng", type="Xã", level=Level.COMMUNE, code="X1", parent=office.units["an"])
    rows = [f"{row};{unit}" for row, unit in zip(ROWS, ["X1", "Huyện An", "xa thuong"], strict=True)]
    run(tmp_path, *rows, headings=f"{HEADINGS};Đơn vị giải quyết")
    assert (counted(scope="communes").received, counted(scope="own").received) == (2, 1)
    said = refusal(tmp_path, f"{ROWS[0]};Huyện Bình", headings=f"{HEADINGS};Đơn vị giải quyết")
    assert "1 hàng bị loại" in said


def test_a_list_is_never_written_in_part(office, tmp_path):
    """The second unit's figures contradict what stands: the first unit's are not written either."""
    both = [f"{row};{code}" for row, code in zip(ROWS[1:], ["THan", "THbinh"], strict=True)]
    options = {"headings": f"{HEADINGS};Mã đơn vị", "unit": None, "scheme": "test"}
    run(tmp_path, ROWS[2], unit="THbinh", period="2025-01")
    DossierCount.objects.update(pending=9, pending_on_time=9, received=9, received_direct=9)
    refusal(tmp_path, *both, period="2025-02", **options)
    assert not DossierCount.objects.filter(unit=office.units["an"]).exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"unit": "XX"}, "Có 0 đơn vị mã XX."),
        ({"unit": None}, "Hãy chọn --unit hoặc --scheme"),
        ({"period": "quý 1"}, "Kỳ ghi như 2025"),
        ({"period": "2025-02", "by": "quarter"}, "Kỳ phải bắt đầu từ ngày đầu"),
        ({"headings": "Họ tên;Ngày tiếp nhận"}, "Không tìm thấy hàng tiêu đề"),
    ],
)
def test_what_is_asked_wrongly_is_told(office, tmp_path, options, said):
    assert said in refusal(tmp_path, **options)


def test_a_file_that_is_no_spreadsheet_is_told(office, tmp_path):
    for content, said in [
        (b"PK\x03\x04x", "Tệp bị hỏng"),
        (b"%PDF\0", "Không phải bảng tính"),
        (b"", "không có dữ liệu"),
    ]:
        path = tmp_path / "x"
        path.write_bytes(content)
        with pytest.raises(CommandError, match=said):
            call_command("import_dossiers", path, unit="THan", period="2025")
    with pytest.raises(CommandError, match="Không đọc được tệp"):
        call_command("import_dossiers", tmp_path / "khong-co", unit="THan", period="2025")


def test_the_command_prints_no_name_and_keeps_no_file(office, tmp_path):
    said = run(
        tmp_path, *ROWS, "4;Người Kín;hôm qua Người Kín;10/01/2025;;trực tiếp;Đất đai", skip_rejected=True
    )
    assert "Người" not in said
    assert not ImportBatch.objects.exists()
