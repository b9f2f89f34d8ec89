"""What the environment decides, seen from a fresh process."""

import os
import subprocess
import sys

from django.conf import settings
from django.test import Client


def setting(expression: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Evaluates an expression over the settings in a process that knows only these variables."""
    return subprocess.run(
        [sys.executable, "-c", f"from cchc import settings as s; print({expression})"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
    )


def test_outside_debug_there_is_no_default_secret():
    outcome = setting("s.SECRET_KEY")
    assert outcome.returncode != 0
    assert "SECRET_KEY is not set" in outcome.stderr


def test_an_empty_secret_is_no_secret():
    assert "SECRET_KEY is not set" in setting("s.SECRET_KEY", SECRET_KEY="").stderr


def test_a_secret_may_come_from_a_file(tmp_path):
    for name in ("SECRET_KEY", "DATABASE_URL"):
        (tmp_path / name).write_text("postgres://u:p@db.example.vn/cchc\n")
    files = {f"{name}_FILE": str(tmp_path / name) for name in ("SECRET_KEY", "DATABASE_URL")}
    outcome = setting("s.SECRET_KEY, s.DATABASES['default']['PASSWORD']", **files)
    assert outcome.stdout == "postgres://u:p@db.example.vn/cchc p\n"


def test_a_secret_file_that_is_not_there_is_named():
    assert "SECRET_KEY_FILE" in setting("s.SECRET_KEY", SECRET_KEY_FILE="/không/có").stderr


def test_former_keys_are_known_as_such():
    outcome = setting("s.SECRET_KEY_FALLBACKS", SECRET_KEY="x", SECRET_KEY_FALLBACKS="cũ,cũ hơn")
    assert outcome.stdout == "['cũ', 'cũ hơn']\n"


def test_who_demanded_codes_under_the_former_name_still_does():
    former = {"CCHC_REQUIRE_TOTP_FOR_PUBLISHERS": "1"}
    assert setting("s.REQUIRE_TOTP", SECRET_KEY="x", **former).stdout == "True\n"
    assert setting("s.REQUIRE_TOTP", SECRET_KEY="x", CCHC_REQUIRE_TOTP="0", **former).stdout == "False\n"
    assert setting("s.REQUIRE_TOTP", SECRET_KEY="x").stdout == "False\n"


def test_processes_of_two_keys_do_not_share_a_cache():
    prefixes = "*[one.get('KEY_PREFIX') for one in s.CACHES.values()]"
    told = [setting(prefixes, SECRET_KEY=key, CCHC_REDIS_URL="redis://r").stdout.split() for key in "xy"]
    assert len({*told[0], *told[1]}) == 4
    assert all(prefix.startswith("cchc-") for prefix in told[0] + told[1])


def test_debug_is_off_unless_asked_for():
    assert setting("s.DEBUG", SECRET_KEY="x").stdout == "False\n"


def test_a_server_insists_on_https_unless_told_otherwise():
    flags = "s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS"
    assert setting(flags, SECRET_KEY="x").stdout == "True True 2592000\n"
    assert setting(flags, SECRET_KEY="x", HTTPS="0").stdout == "False False 0\n"


def test_the_embedded_database_takes_its_write_lock_first():
    options = "s.DATABASES['default']['OPTIONS']['transaction_mode']"
    assert setting(options, SECRET_KEY="x").stdout == "IMMEDIATE\n"


def test_an_address_moves_everything_to_postgresql():
    parts = "s.DATABASES['default']['ENGINE'], s.DATABASES['default']['NAME']"
    outcome = setting(parts, SECRET_KEY="x", DATABASE_URL="postgres://u:p@db.example.vn:5433/cchc")
    assert outcome.stdout == "django.db.backends.postgresql cchc\n"


def test_a_folder_with_spaces_and_diacritics_holds_the_database(tmp_path):
    folder = tmp_path / "thư mục # 100%"
    outcome = setting("s.DATABASES['default']['NAME']", SECRET_KEY="x", CCHC_VAR_DIR=str(folder))
    assert outcome.stdout == f"{folder}/cchc.sqlite3\n"


def test_the_health_check_answers(db, client: Client):
    assert client.get("/healthz").content == b"ok\n"


def test_pages_allow_nothing_from_other_hosts(db, client: Client):
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for name in ("base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert name in policy


def test_pages_are_not_framed_and_not_sniffed(db, client: Client):
    headers = client.get("/healthz").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
