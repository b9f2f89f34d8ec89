"""Each thing that can be wrong with an installation is made wrong, and the doctor names it."""

from __future__ import annotations

import datetime as dt
import functools
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal as D
from pathlib import Path

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from districts import engine
from districts.models import Change
from reports.letters import pdf
from reports.management import examination
from reports.management.commands.doctor import faults_of
from reports.models import Criterion, Evidence, ImportBatch, PublishedScope, PublishedScore, Score, Standing
from reports.summaries.integrity import contradictions
from reports.workflow import publish

from .factories import at, make_criteria_set, make_office_year, make_sheet, make_unit, make_year

pytestmark = pytest.mark.django_db
LEAVES = {"1.1": ("40", "appraised"), "1.2": ("10", "survey"), "2.1": ("50", "appraised")}


def told() -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


@pytest.fixture
def sound(settings, tmp_path: Path) -> Iterator[Path]:
    """A server as it should be; yields its folder of private files."""
    settings.SECRET_KEY = "abcdefGH12" * 6
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 3600
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    settings.PRIVATE_DIR, settings.STATIC_ROOT = private, tmp_path / "static"
    yield private


@pytest.fixture
def published() -> None:
    year = make_year(
        2024, criteria_set=make_criteria_set(LEAVES), grade_bands=[{"name": "Tốt", "from": "80"}]
    )
    make_sheet(year, make_unit("An"), {"1.1": "30", "1.2": "8", "2.1": "45"})
    make_sheet(year, make_unit("Bình"), {"1.1": "35", "1.2": "8", "2.1": "45"})
    make_sheet(year, make_unit("Cát"), {"1.2": "8", "2.1": "45"})
    publish(year, published_at=at(2025))


def test_a_sound_server_has_no_fault(sound, published, monkeypatch):
    monkeypatch.setattr(examination, "LEAST_DISK_BYTES", 0)
    text, code = told()
    assert (code, text.splitlines()[-1]) == (0, "Không thấy lỗi nào."), text


def test_a_fault_is_named_with_advice_and_ends_with_one(sound, settings):
    settings.DEBUG = settings.SECURE_SSL_REDIRECT = False
    text, code = told()
    assert code == 1
    assert "LỖI  Cấu hình" in text
    assert "security.W008" in text
    assert "→ Sửa biến môi trường" in text


def test_what_leaves_the_machine_unencrypted_or_unasked_is_a_fault():
    far = {"HOST": "db.example.vn", "OPTIONS": {}}
    databases = {"default": {"HOST": "127.0.0.1"}, "replica1": far}
    assert list(examination.unsafe_connections(databases, "redis://10.0.0.5:6379/0")) == [
        "cơ sở dữ liệu replica1 ở db.example.vn được gọi không có sslmode=verify-full",
        "Redis ở 10.0.0.5 được gọi không mã hóa: dùng rediss://",
        "Redis ở 10.0.0.5 không hỏi mật khẩu",
    ]
    safe = {"default": far | {"OPTIONS": {"sslmode": "verify-full"}}}
    assert list(examination.unsafe_connections(safe, "rediss://:secret@10.0.0.5:6379/0")) == []
    assert list(examination.unsafe_connections({"default": {"HOST": ""}}, "")) == []


def test_private_files_that_anybody_can_reach_are_a_fault(sound, settings):
    sound.chmod(0o755)
    settings.STATIC_ROOT = sound.parent
    assert len(list(examination.settings_in_doubt())) == 2


def test_a_package_other_than_the_locked_one_is_a_fault(settings, tmp_path):
    (tmp_path / "requirements").mkdir()
    (tmp_path / examination.LOCK).write_text("django==1.0 \\\n    --hash=sha256:0\nnot-here==1\n")
    settings.BASE_DIR = tmp_path
    (fault,) = examination.other_versions()
    assert fault.startswith("django 5.2")
    assert fault.endswith("khóa ở 1.0")


def test_a_migration_not_run_and_one_of_a_newer_release_are_faults():
    applied = MigrationRecorder(connection).migration_qs
    applied.filter(app="axes").latest("pk").delete()
    applied.create(app="reports", name="9999_from_the_future", applied=timezone.now())
    first, second = examination.other_migrations()
    assert first.startswith("axes.")
    assert second.startswith("reports.9999_from_the_future")


def test_a_trigger_taken_away_is_a_fault():
    assert list(examination.triggers_lost()) == []
    engine.uninstall(connection, "reports_judgement")
    engine.unwatch(connection, next(one for one in examination.WATCHED if one.table == "districts_unit"))
    found = list(examination.triggers_lost())
    assert "districts_unit_noted_update" in found
    assert [name for name in found if name.startswith("reports_judgement_")]


def test_published_results_follow_from_the_points(published):
    assert list(contradictions()) == []


def test_points_changed_in_the_database_are_a_fault(published):
    row = Standing.objects.get(unit__name="An", scope__key="total")
    Standing.objects.filter(pk=row.pk).update(points=D("99"))
    faults = list(contradictions())
    assert any("điểm đang lưu 99" in fault and "tính lại 83" in fault for fault in faults)
    assert any("trung bình" in fault for fault in faults)


def test_a_rank_or_grade_changed_in_the_database_is_a_fault(published):
    row = Standing.objects.get(unit__name="An", scope__key="total")
    Standing.objects.filter(pk=row.pk).update(rank=1, grade="Xuất sắc")
    faults = list(contradictions())
    assert any("hạng đang lưu 1, tính lại 2" in fault for fault in faults)
    assert any("xếp loại đang lưu Xuất sắc, tính lại Tốt" in fault for fault in faults)
    assert len(faults) == 2


def test_a_component_changed_in_the_database_is_a_fault(published):
    score = PublishedScore.objects.get(unit__name="An", criterion__code="1.1")
    PublishedScore.objects.filter(pk=score.pk).update(points=D("20"))
    faults = list(contradictions())
    assert any("Tổng điểm: điểm đang lưu 83" in fault and "tính lại 73" in fault for fault in faults)


def test_a_component_above_its_maximum_is_a_fault(published):
    Criterion.objects.filter(code="1.1").update(max_points=D("1"))
    (fault,) = contradictions()
    assert "điểm thành phần không dùng được" in fault


def test_a_unit_taken_out_of_the_results_is_a_fault(published):
    Standing.objects.filter(unit__name="An").delete()
    assert any("có điểm thành phần mà không có kết quả" in fault for fault in contradictions())


def test_the_results_of_a_year_known_by_totals_are_ranked_again(published):
    PublishedScope.objects.get(key="total").publication.__class__.objects.update(criteria_set=None)
    assert list(contradictions()) == []
    Standing.objects.filter(unit__name="Bình", scope__key="total").update(rank=2)
    assert ["hạng đang lưu 2" in fault for fault in contradictions()] == [True]


@pytest.mark.usefixtures("demo_content")
def test_the_demo_content_has_no_fault():
    assert list(contradictions()) == []


def test_evidence_whose_file_is_gone_or_shorter_is_a_fault(sound):
    office = make_office_year()
    score = Score.objects.create(sheet=office.sheet, criterion=office.leaves["1.1"])
    for name, size in (("evidence/gone.pdf", 3), ("evidence/short.pdf", 4), ("evidence/there.pdf", 3)):
        Evidence.objects.create(score=score, stage="self", title=name, file=name, size=size)
    (sound / "evidence").mkdir()
    for name in ("short", "there"):
        (sound / "evidence" / f"{name}.pdf").write_bytes(b"pdf")
    assert list(examination.lost_files()) == ["evidence/gone.pdf", "evidence/short.pdf"]
    assert list(examination.orphaned_files()) == []


def test_a_file_that_no_row_names_is_a_fault_once_no_upload_can_be_under_way(sound):
    left = sound / "left.pdf"
    left.write_bytes(b"pdf")
    assert list(examination.orphaned_files()) == []
    os.utime(left, (time.time() - 4000,) * 2)
    assert list(examination.orphaned_files()) == ["left.pdf"]


def test_a_file_that_goes_while_it_is_looked_at_is_no_fault(sound):
    for name in ("a.pdf", "b.pdf"):
        (sound / name).write_bytes(b"pdf")
        os.utime(sound / name, (time.time() - 4000,) * 2)
    found = examination.orphaned_files()
    assert next(found) == "a.pdf"
    (sound / "b.pdf").unlink()
    assert list(found) == []


def test_an_uploaded_spreadsheet_that_is_gone_is_no_fault(sound):
    user = make_office_year().people["reporter"]
    ImportBatch.objects.create(kind="scores", by=user, file="imports/gone.bin", size=3, sha256="0" * 64)
    assert list(examination.lost_files()) == []


def test_private_files_that_cannot_be_looked_at_are_a_fault_and_not_the_end(settings, tmp_path):
    settings.PRIVATE_DIR = tmp_path / "a file"
    settings.PRIVATE_DIR.write_text("no folder")
    (fault,) = faults_of(examination.orphaned_files)
    assert fault.startswith("không xem được: NotADirectoryError")


def test_a_clock_that_was_set_back_or_runs_apart_is_a_fault(monkeypatch, settings):
    assert list(examination.clock_in_doubt()) == []
    later = timezone.now() + dt.timedelta(hours=1)
    Change.objects.create(at=later, how=Change.How.COMMAND, model="x", object_id=1, field="x")
    monkeypatch.setattr(examination, "database_time", lambda: later)
    settings.TIME_ZONE = "UTC"
    apart, back, zone = examination.clock_in_doubt()
    assert "lệch nhau" in apart
    assert "đồng hồ đã bị lùi" in back
    assert "UTC" in zone


def test_a_disk_that_fills_is_a_fault(monkeypatch):
    monkeypatch.setattr(examination, "LEAST_DISK_BYTES", 1 << 62)
    assert [fault.split(":")[0] for fault in examination.disk_short()] == ["VAR_DIR", "PRIVATE_DIR"]


def test_a_database_that_cannot_be_asked_is_a_fault_and_not_the_end(tmp_path):
    def examine() -> Iterator[str]:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")
        yield "never"

    (fault,) = faults_of(examine)
    assert fault.startswith("không xem được: ")


@pytest.mark.postgres
def test_a_database_that_does_not_know_letters_is_a_fault(tmp_path):
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    own = {"DATABASE_URL": f"{server}/ascii", "CCHC_VAR_DIR": str(tmp_path)}
    with closing(psycopg2.connect(f"{server}/postgres")) as control:
        control.autocommit = True
        provider = "LOCALE_PROVIDER libc" if control.server_version >= 150000 else ""
        control.cursor().execute(
            f"CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C' {provider}"
        )
        command = [sys.executable, "manage.py", "doctor"]
        done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True)
        control.cursor().execute("DROP DATABASE ascii WITH (FORCE)")
    assert done.returncode == 1
    assert "cơ sở dữ liệu ghi chữ theo SQL_ASCII, không phải UTF8" in done.stdout


def test_a_pdf_that_is_offered_and_cannot_be_made_is_a_fault(sound, settings, monkeypatch):
    monkeypatch.setattr(pdf, "_weasyprint", functools.cache(lambda: None))
    assert [one for one in examination.settings_in_doubt() if "Pango" in one]
    settings.PDF = False
    assert not [one for one in examination.settings_in_doubt() if "Pango" in one]
