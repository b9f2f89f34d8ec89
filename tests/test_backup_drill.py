"""The day a disk dies: sites of their own, driven by the commands as an operator does."""

import fcntl
import hashlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).parent.parent
KEY = "a-key-of-the-owner-0123456789-0123456789"
# Independent of how a backup writes a value: what Django reads, JSON objects in one order.
FINGERPRINT = """
import hashlib, json
from django.apps import apps
def same(v):
    return json.dumps(v, sort_keys=True) if isinstance(v, dict | list) else repr(v)
told = {}
for m in apps.get_models(include_auto_created=True):
    if m._meta.label_lower in ("sessions.session", "reports.pageversion"):
        continue
    rows = [",".join(same(v) for v in r) for r in m._base_manager.order_by("pk").values_list()]
    told[m._meta.label] = [len(rows), hashlib.sha256("\\n".join(rows).encode()).hexdigest()]
print(json.dumps(told))
"""
WRITER = """
import select, sys
from django.contrib.auth.models import Group
from django.db import transaction
from reports.models import Source
number = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    with transaction.atomic():
        Group.objects.create(name=f"while-{number}")
        Source.objects.create(slug=f"while-{number}", title=f"while-{number}")
    number += 1
    print(number, flush=True)
"""
PAIRS = """
from django.contrib.auth.models import Group
from reports.models import Source
groups = sorted(Group.objects.filter(name__startswith="while-").values_list("name", flat=True))
sources = sorted(Source.objects.filter(title__startswith="while-").values_list("title", flat=True))
print(len(groups) if groups == sources else "torn")
"""
EVIDENCE = """
from reports.models import Evidence, Score
from tests.factories import make_office_year
office = make_office_year()
score = Score.objects.create(sheet=office.sheet, criterion=office.leaves["1.1"])
for number in range(7):
    name = f"evidence/{number}.pdf"
    Evidence.objects.create(score=score, stage="self", title=name, file=name, size=3)
"""
NEXT = """
from django.contrib.auth.models import Group
from django.db import connection
Group.objects.create(name="after the restore")
where = {
    "sqlite": "sqlite_master WHERE type = 'trigger' AND name NOT LIKE '%noted%'",
    "postgresql": "pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE '%noted%'",
}
with connection.cursor() as cursor:
    cursor.execute(f"SELECT count(*) FROM {where[connection.vendor]}")
    print(cursor.fetchone()[0])
"""


@dataclass(frozen=True)
class Site:
    home: Path
    database: str = ""

    @property
    def private(self) -> Path:
        return self.home / "private"

    @property
    def environment(self) -> dict[str, str]:
        own = {"CCHC_VAR_DIR": str(self.home), "CCHC_PRIVATE_DIR": str(self.private)}
        return (
            os.environ | own | {"DATABASE_URL": self.database, "CCHC_BACKUP_KEY": KEY, "LOG_LEVEL": "ERROR"}
        )

    def manage(self, *arguments: str, file_limit: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | more,
            capture_output=True,
            text=True,
            preexec_fn=limit if file_limit else None,
        )

    def told(self, code: str) -> str:
        done = self.manage("shell", "--no-imports", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def everything(self) -> tuple[dict[str, list[object]], dict[str, str]]:
        files = {
            path.relative_to(self.private).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.private.rglob("*"))
            if path.is_file()
        }
        return json.loads(self.told(FINGERPRINT)), files


def migrated(home: Path, database: str = "") -> Site:
    site = Site(home, database)
    site.private.mkdir(parents=True)
    done = site.manage("migrate", "-v0")
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return migrated(tmp_path_factory.mktemp("blank") / "var")


@pytest.fixture
def empty(blank: Site, tmp_path: Path) -> Site:
    shutil.copytree(blank.home, tmp_path / "empty")
    return Site(tmp_path / "empty")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = migrated(tmp_path_factory.mktemp("full") / "var")
    done = site.manage("load_demo")
    assert done.returncode == 0, done.stderr
    evidence = site.private / "evidence" / "2025" / "01"
    evidence.mkdir(parents=True)
    (evidence / "quyết định.pdf").write_bytes(bytes(range(256)) * 12_000)
    (evidence / "empty.txt").write_bytes(b"")
    return site


@pytest.fixture(scope="module")
def file(full: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("backup") / "site.backup"
    done = full.manage("backup", str(made))
    assert done.returncode == 0, done.stderr
    return made


def test_all_comes_back_on_another_machine(full, file, empty):
    before = full.everything()
    done = empty.manage("restore", str(file))
    assert done.returncode == 0, done.stderr
    assert empty.everything() == before
    assert len(before[1]) == 2 and before[0]["reports.PublishedScore"][0]
    assert empty.told(NEXT) == "4"
    assert file.stat().st_mode & 0o077 == 0


def test_the_file_tells_nothing_without_its_key(file):
    written = file.read_bytes()
    assert "Minh Họa".encode() not in written and b"reports" not in written


def test_what_is_written_meanwhile_is_whole_or_absent(blank, empty, tmp_path):
    shutil.copytree(blank.home, tmp_path / "busy")
    busy, made = Site(tmp_path / "busy"), tmp_path / "busy.backup"
    writer = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", WRITER],
        cwd=ROOT,
        env=busy.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout and writer.stdout.readline() == "1\n"
    done = busy.manage("backup", str(made))
    assert writer.poll() is None
    writer.communicate("stop\n")
    assert done.returncode == 0 and writer.returncode == 0, done.stderr
    assert empty.manage("restore", str(made)).returncode == 0
    assert 1 <= int(empty.told(PAIRS)) <= int(busy.told(PAIRS))


def test_a_full_site_is_replaced_only_when_asked(full, file, empty):
    (empty.private / "of the old site.txt").write_text("old")
    before = empty.everything()
    refused = empty.manage("restore", str(file))
    assert refused.returncode == 1 and "--replace" in refused.stderr
    assert empty.everything() == before
    assert empty.manage("restore", str(file), "--replace").returncode == 0
    assert empty.everything() == full.everything()
    assert empty.manage("restore", str(file), "--replace").returncode == 0


def damaged(file: Path, kind: str, folder: Path) -> Path:
    written = bytearray(file.read_bytes())
    if kind == "cut":
        del written[-1:]
    if kind == "flipped":
        written[len(written) // 2] ^= 1
    changed = folder / "damaged.backup"
    changed.write_bytes(written)
    return changed


@pytest.mark.parametrize("kind", ["cut", "flipped", "another key"])
def test_a_damaged_file_or_a_wrong_key_writes_nothing(kind, file, empty, tmp_path):
    (empty.private / "of the old site.txt").write_text("old")
    before = empty.everything()
    key = KEY[::-1] if kind == "another key" else KEY
    done = empty.manage("restore", str(damaged(file, kind, tmp_path)), "--replace", CCHC_BACKUP_KEY=key)
    assert done.returncode == 1 and "chưa ghi gì" in done.stderr
    assert empty.everything() == before
    assert [path.name for path in empty.private.iterdir()] == ["of the old site.txt"]


def test_a_full_disk_leaves_no_half_backup(full, tmp_path):
    done = full.manage("backup", str(tmp_path / "x.backup"), file_limit=300_000)
    assert done.returncode == 1 and "Không sao lưu được" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_backup_left_is_written_over(blank, empty, tmp_path):
    (tmp_path / "x.backup.part").write_bytes(bytes(5_000_000))
    done = blank.manage("backup", str(tmp_path / "x.backup"))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "x.backup.part").exists()
    assert empty.manage("restore", str(tmp_path / "x.backup")).returncode == 0


def test_a_second_backup_to_the_same_file_is_refused_while_one_is_under_way(blank, tmp_path):
    part = tmp_path / "x.backup.part"
    with part.open("wb") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        first.write(b"of the first")
        first.flush()
        done = blank.manage("backup", str(tmp_path / "x.backup"))
    assert done.returncode == 1 and "Một lần sao lưu khác đang ghi" in done.stderr
    assert part.read_bytes() == b"of the first"


def copied(site: Site, home: Path) -> Site:
    shutil.copytree(site.home, home)
    return Site(home)


def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(blank, tmp_path):
    site = copied(blank, tmp_path / "site")
    site.private.rmdir()
    site.private.write_text("not mounted")
    done = site.manage("backup", str(tmp_path / "x.backup"))
    assert done.returncode == 1 and "Không sao lưu được" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_site_without_evidence_needs_no_folder_for_it(blank, tmp_path):
    site = copied(blank, tmp_path / "site")
    site.private.rmdir()
    done = site.manage("backup", str(tmp_path / "x.backup"))
    assert done.returncode == 0 and "0 tệp" in done.stdout


def test_a_backup_that_lacks_evidence_is_kept_and_ends_with_three(blank, empty, tmp_path):
    site, made = copied(blank, tmp_path / "site"), tmp_path / "x.backup"
    site.told(EVIDENCE)
    (site.private / "evidence").mkdir()
    (site.private / "evidence" / "3.pdf").write_bytes(b"pdf")
    done = site.manage("backup", str(made))
    assert done.returncode == 3 and "thiếu 6 tệp minh chứng" in done.stderr
    named = [f"evidence/{number}.pdf" in done.stderr for number in range(7)]
    assert named == [True, True, True, False, True, True, False]
    assert empty.manage("restore", str(made)).returncode == 0
    assert empty.everything() == site.everything()


def test_an_upload_that_is_settled_meanwhile_is_left_out(blank, empty, tmp_path):
    site, made = copied(blank, tmp_path / "site"), tmp_path / "x.backup"
    (site.private / "imports").mkdir()
    first, second = site.private / "imports" / "1.bin", site.private / "imports" / "2.bin"
    os.mkfifo(first)
    second.write_bytes(b"settled")
    backup = subprocess.Popen(
        [sys.executable, "manage.py", "backup", str(made)], cwd=ROOT, env=site.environment
    )
    handle = opened_by_a_reader(first, backup)
    # The folder has been listed by now, the second file not yet opened.
    second.unlink()
    os.write(handle, b"kept")
    os.close(handle)
    assert backup.wait() == 0
    assert empty.manage("restore", str(made)).returncode == 0
    assert [path.read_bytes() for path in empty.private.rglob("*.bin")] == [b"kept"]


def opened_by_a_reader(pipe: Path, reader: subprocess.Popen[bytes]) -> int:
    while reader.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("it ended without reading")


def test_a_commit_that_fails_leaves_the_old_files(blank, empty, tmp_path):
    site, made = copied(blank, tmp_path / "site"), tmp_path / "x.backup"
    (site.private / "new.txt").write_text("new")
    assert site.manage("backup", str(made)).returncode == 0
    (empty.private / "of the old site.txt").write_text("old")
    before = empty.everything()
    with closing(sqlite3.connect(empty.home / "cchc.sqlite3", isolation_level=None)) as reader:
        reader.execute("PRAGMA wal_autocheckpoint = 0")
        reader.execute("CREATE TABLE a_megabyte AS SELECT zeroblob(1000000) AS content")
        # While it is read, the journal only grows, and what a COMMIT adds to it finds no room.
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM a_megabyte").fetchall()
        room = (empty.home / "cchc.sqlite3-wal").stat().st_size
        done = empty.manage("restore", str(made), "--replace", file_limit=room)
    assert done.returncode == 1 and "dữ liệu cũ còn nguyên" in done.stderr
    assert empty.everything() == before


@pytest.mark.parametrize("limit", [2_000_000, 3_500_000])
def test_a_full_disk_leaves_the_old_site(limit, file, empty):
    (empty.private / "of the old site.txt").write_text("old")
    before = empty.everything()
    done = empty.manage("restore", str(file), "--replace", file_limit=limit)
    assert done.returncode == 1 and "dữ liệu cũ còn nguyên" in done.stderr
    assert empty.everything() == before
    assert [path.name for path in empty.private.iterdir()] == ["of the old site.txt"]


def test_another_release_refuses_the_file(file, empty):
    older = (
        "from django.db import connection; from django.db.migrations.recorder import MigrationRecorder as R; "
    )
    older += "R(connection).record_unapplied('reports', '0009_bound_days_and_years')"
    empty.told(older)
    done = empty.manage("restore", str(file))
    assert done.returncode == 1 and "reports/0009_bound_days_and_years" in done.stderr


def test_a_database_without_tables_is_told_what_comes_first(file, tmp_path):
    (tmp_path / "new" / "private").mkdir(parents=True)
    done = Site(tmp_path / "new").manage("restore", str(file))
    assert done.returncode == 1 and "hãy chạy migrate trước" in done.stderr


@pytest.mark.parametrize("key", ["", "short"])
def test_no_backup_without_a_real_key(key, blank, tmp_path):
    done = blank.manage("backup", str(tmp_path / "x.backup"), CCHC_BACKUP_KEY=key)
    assert done.returncode == 1 and list(tmp_path.iterdir()) == []


def test_a_made_key_opens_its_backup_and_an_old_backup_is_not_overwritten(blank, empty, tmp_path):
    made, key = tmp_path / "x.backup", tmp_path / "key"
    assert blank.manage("backup", str(made), "--make-key", str(key)).returncode == 0
    assert key.stat().st_mode & 0o077 == 0
    assert blank.manage("backup", str(made), "--key-file", str(key)).returncode == 1
    assert empty.manage("restore", str(made), "--key-file", str(key)).returncode == 0


@pytest.fixture
def on_postgres(tmp_path: Path) -> Iterator[Site]:
    server = os.environ["DATABASE_URL"]
    name = f"drill_{os.getpid()}"
    control = psycopg2.connect(server)
    control.autocommit = True
    with control.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield migrated(tmp_path / "postgres", f"{server.rsplit('/', 1)[0]}/{name}")
    with control.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    control.close()


@pytest.mark.postgres
def test_sqlite_to_postgresql_and_back(full, file, empty, on_postgres, tmp_path):
    assert on_postgres.manage("restore", str(file)).returncode == 0
    assert on_postgres.everything() == full.everything()
    back = tmp_path / "back.backup"
    assert on_postgres.manage("backup", str(back)).returncode == 0
    assert empty.manage("restore", str(back)).returncode == 0
    assert empty.everything() == full.everything()
    assert on_postgres.told(NEXT) == "2"
    assert on_postgres.manage("restore", str(file), "--replace").returncode == 0
    assert on_postgres.everything() == full.everything()
