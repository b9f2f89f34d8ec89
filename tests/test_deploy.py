"""What deploy/ promises holds in the program."""

import configparser
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from cchc import settings
from reports.sheet_files import MAX_BYTES

DEPLOY = Path(__file__).parent.parent / "deploy"


def unit(name: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(DEPLOY / name)
    return parsed


def test_every_variable_of_the_example_is_one_that_the_settings_tell_of():
    named = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "environment.example").read_text(), re.M))
    told = set(re.findall(r"^([A-Z_]{4,})\s", settings.__doc__ or "", re.M))
    assert {"SECRET_KEY", "REPLICA_URLS", "CCHC_REDIS_URL"} <= named
    assert named - told == set()


def test_nginx_takes_an_upload_as_large_as_the_application_does():
    limit = re.search(
        r"location /office/ \{\s+client_max_body_size (\d+)m", (DEPLOY / "nginx.conf").read_text()
    )
    assert limit is not None
    assert int(limit[1]) * 1024 * 1024 > max(settings.EVIDENCE_MAX_BYTES, MAX_BYTES)


def test_a_process_has_longer_to_stop_than_granian_gives_its_workers():
    service = unit("cchc@.service")["Service"]
    given = re.search(r"--workers-kill-timeout (\d+)", service["ExecStart"])
    assert given is not None
    assert int(service["TimeoutStopSec"]) > int(given[1])
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")


@pytest.mark.parametrize("job", ["backup", "reminders", "tidy"])
def test_each_job_runs_commands_that_exist_by_a_timer_of_its_own(job):
    service, timer = unit(f"cchc-{job}.service")["Service"], unit(f"cchc-{job}.timer")
    # A key named twice keeps the last one here; systemd runs both.
    commands = re.findall(r"manage\.py (\w+)", (DEPLOY / f"cchc-{job}.service").read_text())
    assert commands and set(commands) <= set(get_commands())
    assert timer["Timer"]["OnCalendar"] and timer["Install"]["WantedBy"] == "timers.target"
    assert (service["User"], service["ProtectSystem"]) == ("cchc", "strict")
    assert f"cchc-{job}.timer" in (DEPLOY.parent / "docs" / "operations.md").read_text()


def test_nginx_sends_to_the_ports_that_the_manual_starts():
    ports = set(re.findall(r"server 127\.0\.0\.1:(\d+)", (DEPLOY / "nginx.conf").read_text()))
    started = re.search(r"enable --now (.*)", (DEPLOY / "cchc@.service").read_text())
    assert started is not None
    assert ports == set(re.findall(r"cchc@(\d+)", started[1])) == {"8001", "8002"}


def stub(folder: Path, script: str) -> None:
    """Put a program in the place of a release's Python."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def test_a_command_gets_the_environment_as_it_is_written(tmp_path):
    lines = ["# NO=1", "", "DATABASE_URL=postgres://u:p@h/c?sslmode=verify-full&sslrootcert=/x"]
    lines += [
        "DEFAULT_FROM_EMAIL=CCHC <a@b>",
        "SECRET_KEY=a$b`c`d=e",
        'QUOTED="a b"',
        "BARE=a='b'",
        "OPEN='c",
    ]
    (tmp_path / "environment").write_text("\n".join(lines))
    stub(
        tmp_path,
        'printf "%s|" "$*" "$DATABASE_URL" "$DEFAULT_FROM_EMAIL" "$SECRET_KEY" "$QUOTED" "$BARE" "$OPEN" "${NO-none}"',
    )
    script = (DEPLOY / "cchc-manage").read_text().replace("runuser -u cchc -- ", "")
    script = script.replace("/etc/cchc/environment", str(tmp_path / "environment"))
    command = ["sh", "-c", script, "cchc-manage", "doctor", "a b"]
    done = subprocess.run(command, env={"CCHC_RELEASE": str(tmp_path)}, capture_output=True, text=True)
    values = [line.partition("=")[2] for line in lines[2:]]
    values[values.index('"a b"')] = "a b"  # as systemd reads what is in quotes
    assert (done.stdout, done.stderr) == ("|".join(["manage.py doctor a b", *values, "none", ""]), "")


@pytest.mark.parametrize(
    ("told", "left"),
    [
        (0, {"cchc-D.backup": "new"}),
        (1, {"cchc-D.backup": "old"}),
        (3, {"cchc-D.backup": "old", "cchc-incomplete.backup": "new"}),
    ],
)
def test_a_backup_without_all_evidence_does_not_take_the_place_of_a_whole_one(tmp_path, told, left):
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "cchc-D.backup").write_text("old")
    stub(tmp_path, f'printf new > "$3"; exit {told}')
    command = unit("cchc-backup.service")["Service"]["ExecStart"].replace("/var/backups/cchc", str(folder))
    script = shlex.split(command.replace("$$", "$").replace("$(date +%%u)", "D"))
    done = subprocess.run(script, cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "CREDENTIALS_DIRECTORY": "/x"})
    assert done.returncode == told
    assert {path.name: path.read_text() for path in folder.iterdir()} == left
