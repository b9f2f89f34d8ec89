"""What deploy/ promises holds in the program."""

import configparser
import re
from pathlib import Path

from cchc import settings

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
    assert int(limit[1]) * 1024 * 1024 > settings.EVIDENCE_MAX_BYTES


def test_a_process_has_longer_to_stop_than_granian_gives_its_workers():
    service = unit("cchc@.service")["Service"]
    given = re.search(r"--workers-kill-timeout (\d+)", service["ExecStart"])
    assert given is not None
    assert int(service["TimeoutStopSec"]) > int(given[1])
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")


def test_nginx_sends_to_the_ports_that_the_manual_starts():
    ports = set(re.findall(r"server 127\.0\.0\.1:(\d+)", (DEPLOY / "nginx.conf").read_text()))
    started = re.search(r"enable --now (.*)", (DEPLOY / "cchc@.service").read_text())
    assert started is not None
    assert ports == set(re.findall(r"cchc@(\d+)", started[1])) == {"8001", "8002"}
