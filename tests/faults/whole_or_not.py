"""What is written is there whole or not at all: full disks, twice the same, an end in the middle of a publication."""

from __future__ import annotations

import hashlib
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from reports.models import (
    AssessmentYear,
    DossierCount,
    Evidence,
    Publication,
    PublishedScope,
    PublishedScore,
    Standing,
)
from tests.factories import OfficeYear, make_office_year
from tests.nginx_server import NAME

from .malformed import send_all
from .office import TOKEN, cookie_of, pdf, upload
from .site import Site, until
from .under_load import Say, addresses, fresh_connections, pages, watched

MEGABYTE = 1 << 20
PUBLISH = """
import os, signal, sys, time
from django.utils import timezone
from reports.models import AssessmentYear
from reports.workflow import publication
year = AssessmentYear.objects.get(pk=int(os.environ["YEAR"]))
end = os.environ.get("END", "")
def die(*arguments, **more):
    print("in the middle", flush=True)
    if end == "wait":
        time.sleep(3600)
    os.kill(os.getpid(), signal.SIGKILL)
def insert(model, *arguments):
    if model.__name__ == {"standings": "Standing", "scores": "PublishedScore", "wait": "PublishedScore"}.get(end):
        die()
    insert_rows(model, *arguments)
insert_rows, publication.insert_rows = publication.insert_rows, insert
if end == "year":
    AssessmentYear.save = die
print("ready", flush=True)
sys.stdin.readline()
made = publication.publish(year, published_at=timezone.now(), reason="Thử")
print(made.version, flush=True)
"""
LIST = "Ngày tiếp nhận;Ngày hẹn trả;Ngày kết thúc;Hình thức nộp;Lĩnh vực\n02/01/2025;09/01/2025;;trực tiếp;Đất đai\n"
PUBLISHED = (Publication, PublishedScope, Standing, PublishedScore)
_office: list[OfficeYear] = []


def office_year() -> OfficeYear:
    fresh_connections()
    if not _office:
        _office.append(make_office_year())
    return _office[0]


def private_files() -> set[Path]:
    return {path for path in Path(settings.PRIVATE_DIR).rglob("*") if path.is_file()}


def disk_full_during_upload(site: Site, say: Say) -> list[str]:
    """A limit on the size of files stands in for the full disk: the same error at the same place."""
    lost: list[str] = []
    office, before, files = office_year(), Evidence.objects.count(), private_files()
    with watched(site, say, lost):
        for application in site.applications:
            application.limit_files(5 * MEGABYTE)
        status = upload(site.nginx, office, pdf(8 * MEGABYTE))
        for application in site.applications:
            application.limit_files(-1)
    say(f"an upload of 8 MB where 5 have room: {status}")
    if status != 507:
        lost.append(f"an upload to a full disk was answered {status}")
    if Evidence.objects.count() != before or private_files() != files:
        lost.append("an upload to a full disk left something half done")
    content = pdf(8 * MEGABYTE)
    if upload(site.nginx, office, content) != 302 or not is_kept(content):
        lost.append("an upload after the disk had room again")
    return lost


def is_kept(content: bytes) -> bool:
    digest = hashlib.sha256(content).hexdigest()
    last = Evidence.objects.filter(sha256=digest).order_by("-pk").first()
    return last is not None and last.file.open().read() == content


def disk_full_during_backup(site: Site, say: Say) -> list[str]:
    folder = site.folder / "backups"
    folder.mkdir()
    failed = site.manage("backup", str(folder / "site.backup"), file_limit=64 * 1024)
    say(
        f"a backup with 64 kB of room: exit code {failed.returncode}, {failed.stderr.strip().splitlines()[-1]}"
    )
    lost = [] if failed.returncode else ["a backup that has no room said that all is well"]
    if any(folder.iterdir()):
        lost.append("a backup without room left a file that looks like one")
    made = site.manage("backup", str(folder / "site.backup"))
    if made.returncode:
        lost.append(f"the backup with room: {made.stderr}")
    return lost


def counted_rows() -> list[int]:
    fresh_connections()
    return [model._base_manager.count() for model in PUBLISHED]


def published_year() -> AssessmentYear:
    fresh_connections()
    years = AssessmentYear.objects.filter(
        current_publication__isnull=False, basis=AssessmentYear.Basis.SCORED
    )
    return years.order_by("-organiser__is_sample", "-year")[0]


def begin(site: Site, year: AssessmentYear, end: str = "") -> subprocess.Popen[str]:
    command = [
        str(Path(settings.BASE_DIR) / ".venv/bin/python"),
        "-c",
        f"import django\ndjango.setup()\n{PUBLISH}",
    ]
    env = {**site.environment, "DJANGO_SETTINGS_MODULE": "cchc.settings", "YEAR": str(year.pk), "END": end}
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def two_publishes(site: Site, say: Say) -> list[str]:
    year, before = published_year(), counted_rows()
    roster = Standing.objects.filter(scope__publication=year.current_publication).count()
    both = [begin(site, year) for _ in range(2)]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    versions = sorted(process.communicate()[0].strip() for process in both)
    fresh_connections()
    year.refresh_from_db()
    made = list(year.publications.order_by("-version")[:2])
    say(f"two at once became versions {versions}, {[counted_rows()[i] - before[i] for i in range(4)]} rows")
    lost = [] if sorted(str(each.version) for each in made) == versions else [f"publications {versions}"]
    if year.current_publication != made[0]:
        lost.append("the current publication is not the last one")
    if any(Standing.objects.filter(scope__publication=each).count() != roster for each in made):
        lost.append("a publication is not whole")
    return lost


def killed_while_publishing(site: Site, say: Say) -> list[str]:
    lost: list[str] = []
    year, shown = published_year(), pages(site)
    before = counted_rows()
    for end in ("standings", "scores", "year"):
        process = begin(site, year, end)
        said = process.communicate("\n")[0]
        if said != "in the middle\n" or process.returncode != -signal.SIGKILL:
            lost.append(f"the publication did not die at {end}: {said}")
        if counted_rows() != before:
            lost.append(f"half a publication after kill -9 at {end}")
    process = begin(site, year, "wait")
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    process.stdout.readline()
    site.primary.stop()
    site.primary.start()
    process.kill()
    process.wait()
    until(site.applications[0].is_healthy, "the primary")
    if counted_rows() != before:
        lost.append("half a publication after the database's power was cut")
    fresh_connections()
    if AssessmentYear.objects.get(pk=year.pk).current_publication != year.current_publication:
        lost.append("the current publication changed")
    lost += [f"{path} shows something else" for path, body in pages(site).items() if shown.get(path) != body]
    say(f"killed at three places and once with the database; rows before and after: {before}")
    return lost


def same_upload_twice(site: Site, say: Say) -> list[str]:
    office, content = office_year(), pdf(MEGABYTE)
    before = Evidence.objects.count()
    with ThreadPoolExecutor(2) as people:
        statuses = list(people.map(lambda _: upload(site.nginx, office, content), range(2)))
    fresh_connections()
    more = Evidence.objects.count() - before
    say(f"the same file of evidence twice at once: {statuses}, {more} documents")
    lost = (
        []
        if max(statuses) < 500 and more == statuses.count(302) and is_kept(content)
        else ["a file of evidence"]
    )
    file = site.folder / "danh-sach.csv"
    file.write_text(LIST)
    unit = office.units["an"].code
    words = ("import_dossiers", str(file), "--unit", unit, "--period", "2025-01", "--create-fields")
    with ThreadPoolExecutor(2) as people:
        done = list(people.map(lambda _: site.manage(*words), range(2)))
    fresh_connections()
    rows = DossierCount.objects.filter(unit__code=unit)
    told = rows.count()
    again = site.manage(*words)
    fresh_connections()
    codes = [each.returncode for each in done]
    say(
        f"the same list of dossiers twice at once: exit codes {codes}, rows {told}; once more: {again.returncode}"
    )
    if 0 not in codes or rows.count() != told or told == 0:
        lost.append(f"a list of dossiers: {codes} {told} {rows.count()} {done[0].stderr[-300:]}")
    return lost


def malformed_requests(site: Site, say: Say) -> list[str]:
    office = office_year()
    known = [
        *addresses(),
        "/office/login/",
        f"/office/sheets/{office.sheet.pk}/",
        "/api/v1/openapi.json",
        "/api/v1/years",
    ]
    known += [
        "/d/mau-1/",
        "/search/",
        "/units/",
        "/feed/",
        "/ha-noi/compare/",
        "/embed/ha-noi/2024/huyen/",
        "/healthz",
        "",
    ]
    known += ["/office/", "/office/account/", "/office/plans/", "/office/figures/", "/office/releases/"]
    known += [reverse("office:evidence", args=[office.sheet.pk, office.leaves["1.2"].pk])] * 3
    signed_in = [f"Cookie: {cookie_of(office, 'lead')}", f"X-CSRFToken: {TOKEN}", f"Referer: https://{NAME}/"]
    statuses, faults = send_all(site.applications[0].port, known, signed_in)
    say(f"{sum(statuses.values())} requests: " + ", ".join(f"{k}: {v}" for k, v in statuses.most_common()))
    return [f"a fault of ours for {request[:300]!r}" for request in faults[:20]] + (
        [] if site.applications[0].is_healthy() else ["the application itself"]
    )
