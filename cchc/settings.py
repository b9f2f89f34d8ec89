"""The one settings file: everything a server decides comes from the environment.

Any variable may instead be NAME_FILE, which names a file with the value: for secrets that a supervisor hands over.

Variable              Default               What it decides
DEBUG                 0                     1 while developing; never on a server
SECRET_KEY            none (fixed in DEBUG) signs sessions and forms; `make run` keeps one in var/secret_key
SECRET_KEY_FALLBACKS  none                  former keys, separated by commas: what they signed holds until it runs out
ALLOWED_HOSTS         the loopback names    host names answered to, separated by commas
CSRF_TRUSTED_ORIGINS  none                  origins (https://name) of a proxy that changes the host name
DATABASE_URL          SQLite                postgres://user:password@host:5432/name: everything in PostgreSQL
DATABASE_MAX_AGE      60                    seconds for which a PostgreSQL connection is kept open
DATABASE_PREPARE      1                     0 behind a pooler that does not keep sessions (PgBouncer, transaction mode)
REPLICA_URLS          none                  postgres://… of streaming replicas, separated by commas: public pages
CCHC_REPLICA_LAG      2                     seconds a replica may be behind and still be read
CCHC_REDIS_URL        none                  redis://:password@host:6379/0: all processes share the counts of limits
CCHC_VAR_DIR          var/                  where the embedded database and the collected static files are
CCHC_PRIVATE_DIR      var/private           where evidence and uploaded files are; never inside the web root
CCHC_BACKUP_KEY       none                  key of `manage.py backup` and `restore` where no --key-file is given
CCHC_EVIDENCE_MB      20                    how big one file of evidence may be; 50 MB, or one such file, at once
CCHC_SHEET_EVIDENCE_MB  2000                how much evidence a unit may add to one year's sheet
HTTPS                 1 (0 in DEBUG)        redirect to https, Secure cookies, HSTS; `make run` says 0
HSTS_SECONDS          2592000               how long browsers insist on https; only where HTTPS is 1
BEHIND_PROXY          0                     1 where a proxy always sets X-Forwarded-Proto and X-Forwarded-For
STATIC_MANIFEST       1 (0 in DEBUG)        hashed, compressed static files; needs `manage.py collectstatic`
EMAIL_URL             console:              where mail goes: submission://user:password@host:587; console: prints it
DEFAULT_FROM_EMAIL    cchc@localhost        whom mail comes from
CCHC_SESSION_HOURS    10                    how long one log-in lasts at most
CCHC_IDLE_MINUTES     60                    after how long without a page it ends
CCHC_LOGIN_ATTEMPTS   5                     wrong passwords of one person from one address before a pause
CCHC_LOGIN_PAUSE      15                    minutes of that pause
CCHC_ACCOUNT_ATTEMPTS 100                   the same of one person from all strange addresses in an hour
CCHC_REQUIRE_TOTP     0                     1: who publishes or administers must log in with a one-time code
CCHC_PUBLIC_URL       the request's own     https://name by which the public reaches the site; in QR codes and letters
CCHC_DESK_LIMIT       30                    answers a desk takes from an address in ten minutes; no Redis: in a process
CCHC_SHARE_FLOOR      30                    answers below which a share of satisfied people is not compared or ranked
CCHC_PUBLIC_CERTAINTY 0                     1: everybody may see how sure ranks are; else the organiser's people only
CCHC_DEMO_PASSWORD    random                password of the demo accounts, in a demo database only
CCHC_LETTER_DIR       the packaged ones     folder of an office's own Word templates: unit.docx, year.docx
CCHC_TILE_DIR         the packaged ones     folder of an office's own tile maps: <organiser>.<group>.csv
CCHC_PDF              1                     0: no page of a unit as PDF, even where WeasyPrint is installed
CCHC_DATA_LICENCE     CC-BY-4.0             under which licence the open data is given
CCHC_DATA_LICENCE_URL its address           where that licence is to be read
CCHC_API_LIMIT        120                   answers of the API to an address in a minute; no Redis: in a process
CCHC_SEARCH_LIMIT     600                   searches of an address in a minute, with suggestions; no Redis: in a process
CCHC_STORED_PAGES     1 (0 in DEBUG)        public pages are kept as finished bytes until what they show changes
CCHC_PAGE_MEMORY_MB   64                    how much of them each worker process holds in memory
CCHC_EMBED_ANCESTORS  self                  origins whose pages may frame /embed/…, separated by commas; * is everybody
CCHC_METRICS_TOKEN    none (no /metrics)    Bearer token with which Prometheus reads /metrics
PROMETHEUS_MULTIPROC_DIR  none              folder, emptied before each start, in which worker processes share counts
LOG_LEVEL             INFO                  from which level on the log on standard error speaks
CCHC_LOG_FORMAT       json (line in DEBUG)  json: one object a line; line: to be read as it is
CCHC_ACCESS_LOG       1                     one line for each request, at level INFO; 0: none
"""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import dj_database_url
import environs
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environs.FileAwareEnv(strip_whitespace=True)
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("CCHC_VAR_DIR", str(BASE_DIR / "var")))
PRIVATE_DIR = Path(env.str("CCHC_PRIVATE_DIR", str(VAR_DIR / "private")))

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "insecure-only-for-development" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set; give the server its own (DEBUG=1 does without one).")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "cchc.apps.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_tables2",
    "django_htmx",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "districts",
    "reports",
]
MIDDLEWARE = [
    "cchc.request_log.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "cchc.permissions.PermissionsPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cchc.compression.CompressedText",
    "cchc.replicas.ReadReplicas",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cchc.edition.Edition",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "districts.office_gate.OfficeGate",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last, as it replaces the answer to a log-in that is locked.
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "cchc.urls"
WSGI_APPLICATION = "cchc.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "cchc.jinja.Editions",
            "context_processors": ["django.contrib.messages.context_processors.messages"],
        },
    },
    # For the administration, whose templates are Django's.
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates" / "django"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def embedded_database() -> dict[str, Any]:
    """SQLite in VAR_DIR; writers queue from the first statement on instead of failing half way."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR_DIR / "cchc.sqlite3",
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def primary_database(url: str) -> dict[str, Any]:
    """What DATABASE_URL names; a machine that vanished is given up, where a thread would wait for minutes."""
    age = env.int("DATABASE_MAX_AGE", 60)
    named: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=age, conn_health_checks=True)}
    if not named["ENGINE"].endswith("postgresql"):
        return named
    options = {"connect_timeout": 5, "tcp_user_timeout": 10_000}
    given = named.get("OPTIONS", {})
    return named | {"OPTIONS": options | given | with_settings(given.get("options", ""), PLANNED_ONCE)}


def with_settings(*settings: str) -> dict[str, str]:
    """What PostgreSQL is told when a connection begins; a pooler may refuse to be told anything."""
    return {"options": " ".join(filter(None, settings))} if any(settings) else {}


DATABASE_PREPARE = env.bool("DATABASE_PREPARE", True)
# Else the first five askings are planned each, and all of them where a plan for any value looks dearer.
PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan" if DATABASE_PREPARE else ""
DATABASE_URL = env.str("DATABASE_URL", "")
DATABASES: dict[str, dict[str, Any]] = {
    "default": primary_database(DATABASE_URL) if DATABASE_URL else embedded_database()
}


def replica_database(url: str) -> dict[str, Any]:
    """A streaming replica of DATABASE_URL: given up soon when it does not answer, and never written to."""
    read: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=DATABASES["default"]["CONN_MAX_AGE"])}
    options = {
        **with_settings("-c default_transaction_read_only=on", PLANNED_ONCE),
        "connect_timeout": 2,
        "tcp_user_timeout": 3000,
    }
    return read | {
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": read.get("OPTIONS", {}) | options,
        "TEST": {"MIRROR": "default"},
    }


# Aliases replica1, replica2, …
REPLICA_URLS: list[str] = env.list("REPLICA_URLS", [])
REPLICAS = {f"replica{n}": url for n, url in enumerate(REPLICA_URLS, 1)}
REPLICA_LAG = env.float("CCHC_REPLICA_LAG", 2.0)
if REPLICAS and not DATABASES["default"]["ENGINE"].endswith("postgresql"):
    raise ImproperlyConfigured("REPLICA_URLS needs a DATABASE_URL of PostgreSQL: SQLite has no replicas.")
DATABASES |= {alias: replica_database(url) for alias, url in REPLICAS.items()}
DATABASE_ROUTERS = ["cchc.replicas.Router"] if REPLICAS else []
AUTH_USER_MODEL = "districts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "districts.passwords.NotLikeThePerson"},
    {"NAME": "districts.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "districts.passwords.NotTooLong", "OPTIONS": {"max_length": 128}},
    {"NAME": "districts.passwords.NotCommon"},
    {"NAME": "districts.passwords.NotOnlyDigits"},
]
LOGIN_URL = "office-login"
LOGIN_REDIRECT_URL = "/office/"
LOGOUT_REDIRECT_URL = "office-login"
PASSWORD_RESET_TIMEOUT = 2 * 3600
# By its former name too: an upgrade must not switch it off.
REQUIRE_TOTP = env.bool("CCHC_REQUIRE_TOTP", env.bool("CCHC_REQUIRE_TOTP_FOR_PUBLISHERS", False))
OTP_TOTP_ISSUER = "CCHC"
DEMO_PASSWORD = env.str("CCHC_DEMO_PASSWORD", "")

# The public pages never see a session: its cookie goes to the office only.
SESSION_COOKIE_PATH = "/office/"
SESSION_COOKIE_AGE = env.int("CCHC_SESSION_HOURS", 10) * 3600
SESSION_IDLE_SECONDS = env.int("CCHC_IDLE_MINUTES", 60) * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# One person from one address: a whole province may sit behind one address, and nobody can lock out
# somebody else from afar.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = env.int("CCHC_LOGIN_ATTEMPTS", 5)
# One person from many addresses, those apart that he has logged in from before.
ACCOUNT_ATTEMPTS = env.int("CCHC_ACCOUNT_ATTEMPTS", 100)
AXES_COOLOFF_TIME = dt.timedelta(minutes=env.int("CCHC_LOGIN_PAUSE", 15))
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "office/locked.html"
AXES_CLIENT_IP_CALLABLE = "districts.visitors.client_address"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_STR_CALLABLE = "cchc.request_log.unnamed_client"

globals().update(env.dj_email_url("EMAIL_URL", "console:"))
# A page waits for a mail server no longer than this.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "cchc@localhost")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Counts of the last minutes, nothing that must be kept. Few enough entries never throw out a running count.
REDIS_URL = env.str("CCHC_REDIS_URL", "")
# While the key is changed, processes of two keys would find values that they cannot read in the place of their own.
KEY_MARK = hashlib.sha256(f"cchc.caches {SECRET_KEY}".encode()).hexdigest()[:8]
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "cchc.shared_cache.SharedCache"
        if REDIS_URL
        else "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"cchc-{KEY_MARK}",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # Finished public pages, shared by the processes; each keeps the ones asked for in its own memory.
    "pages": {
        "BACKEND": "cchc.shared_cache.SharedCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"cchc-pages-{KEY_MARK}",
        # Of those that are kept here while Redis is away; each process has its own pages besides.
        "OPTIONS": {"MAX_ENTRIES": 10},
    }
    if REDIS_URL
    else {
        "BACKEND": "cchc.page_files.PageFiles",
        "LOCATION": VAR_DIR / "pages",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}
# Off while developing, where templates change under a running server.
STORED_PAGES = env.bool("CCHC_STORED_PAGES", not DEBUG)
PAGE_MEMORY_MB = env.int("CCHC_PAGE_MEMORY_MB", 64)
PUBLIC_URL = env.str("CCHC_PUBLIC_URL", "").rstrip("/")
DESK_LIMIT = env.int("CCHC_DESK_LIMIT", 30)
PUBLIC_CERTAINTY = env.bool("CCHC_PUBLIC_CERTAINTY", False)
DATA_LICENCE = env.str("CCHC_DATA_LICENCE", "CC-BY-4.0")
DATA_LICENCE_URL = env.str("CCHC_DATA_LICENCE_URL", "https://creativecommons.org/licenses/by/4.0/")
# As Content-Security-Policy writes it: this site's own pages are 'self', in quotes.
EMBED_ANCESTORS = [
    SELF if (name := origin.strip(" '")) == "self" else name
    for origin in env.list("CCHC_EMBED_ANCESTORS", ["self"])
] or [NONE]
API_LIMIT = env.int("CCHC_API_LIMIT", 120)
SEARCH_LIMIT = env.int("CCHC_SEARCH_LIMIT", 600)
SHARE_FLOOR = env.int("CCHC_SHARE_FLOOR", 30)

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = "cchc.formats"

# Chart.js and a font come out of npm packages; bin/install.py copies the files that are used.
VENDOR_DIR = BASE_DIR / "var" / "vendor"
FONT_DIR = BASE_DIR / "var" / "fonts"
# unit.docx and year.docx in it take the place of the packaged templates of Word reports.
LETTER_DIR = Path(env.str("CCHC_LETTER_DIR")) if env.str("CCHC_LETTER_DIR", "") else None
TILE_DIR = Path(env.str("CCHC_TILE_DIR")) if env.str("CCHC_TILE_DIR", "") else None
PDF = env.bool("CCHC_PDF", True)
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [BASE_DIR / "static"]
if VENDOR_DIR.is_dir():
    STATICFILES_DIRS.append(("vendor", VENDOR_DIR))
STATIC_MANIFEST = env.bool("STATIC_MANIFEST", not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Evidence and uploads: outside the web root, served only through the access check.
    "private": {
        "BACKEND": "cchc.whole_files.WholeFiles",
        "OPTIONS": {"location": PRIVATE_DIR, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "cchc.static_files.StaticFiles"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
BACKUP_KEY = env.str("CCHC_BACKUP_KEY", "")
EVIDENCE_MAX_BYTES = env.int("CCHC_EVIDENCE_MB", 20) * 1024 * 1024
# Several files sent at once; deploy/nginx.conf lets a little more through.
EVIDENCE_TOGETHER_BYTES = max(50 * 1024 * 1024, EVIDENCE_MAX_BYTES)
SHEET_EVIDENCE_MAX_BYTES = env.int("CCHC_SHEET_EVIDENCE_MB", 2000) * 1024 * 1024
WHITENOISE_USE_FINDERS = not STATIC_MANIFEST
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

HTTPS = env.bool("HTTPS", not DEBUG)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 30 * 24 * 3600) if HTTPS else 0
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Sub-domains and the preload list belong to whoever runs the domain, not to this program.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "cchc.stale_forms.stale_form"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

METRICS_TOKEN = env.str("CCHC_METRICS_TOKEN", "")
ACCESS_LOG = env.bool("CCHC_ACCESS_LOG", True)
LOG_FORMAT = env.str("CCHC_LOG_FORMAT", "line" if DEBUG else "json")
if LOG_FORMAT not in ("json", "line"):
    raise ImproperlyConfigured("CCHC_LOG_FORMAT is json or line.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "cchc.log_lines.JsonLines"},
        "line": {"()": "cchc.log_lines.PlainLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO").upper()},
    # Django's own handlers print only in DEBUG; a server must see its errors as well.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # It tells every step, and every rule of a sheet that is for browsers.
        "weasyprint": {"level": "ERROR"},
        # A page that does not exist is no event: anyone can ask for one.
        "django.request": {"level": "ERROR"},
    },
}
