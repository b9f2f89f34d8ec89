"""What `manage.py doctor` looks at; each examination yields its faults, none where all is well."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import ipaddress
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import checks
from django.db import NotSupportedError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.utils import timezone

from districts.engine import database_encoding, database_time, missing_triggers
from districts.models import Change
from reports.letters import pdf
from reports.models import Judgement
from reports.page_versions import WATCHED
from reports.summaries.integrity import contradictions
from reports.summaries.private_files import lost_files, orphaned_files

LEAST_DISK_BYTES = 1 << 30
CLOCK_SECONDS = 5
VIETNAM = dt.timedelta(hours=7)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.M)
LOCK = "requirements/run.txt"
Examination = Callable[[], Iterator[str]]


def settings_in_doubt() -> Iterator[str]:
    for found in checks.run_checks(include_deployment_checks=True):
        if found.level >= checks.WARNING and not found.is_silenced():
            yield f"{found.id}: {' '.join(str(found.msg).split())}"
    private, static = Path(settings.PRIVATE_DIR).resolve(), Path(settings.STATIC_ROOT).resolve()
    if private == static or static in private.parents:
        yield "CCHC_PRIVATE_DIR nằm trong thư mục tệp tĩnh mà ai cũng tải được"
    if private.is_dir() and private.stat().st_mode & 0o007:
        yield "mọi tài khoản của máy đều vào được CCHC_PRIVATE_DIR"
    if pdf.is_offered() and not pdf.works():
        yield "trang của đơn vị mời tải PDF nhưng máy thiếu thư viện Pango; cài Pango hoặc đặt CCHC_PDF=0"


def connections_in_doubt() -> Iterator[str]:
    yield from unsafe_connections(settings.DATABASES, settings.REDIS_URL)


def unsafe_connections(databases: Mapping[str, Mapping[str, Any]], redis_url: str) -> Iterator[str]:
    """What leaves this machine goes encrypted to a server that proves its name, and asks a password."""
    for alias, database in databases.items():
        host = database.get("HOST", "")
        if not _is_here(host) and database.get("OPTIONS", {}).get("sslmode") != "verify-full":
            yield f"cơ sở dữ liệu {alias} ở {host} được gọi không có sslmode=verify-full"
    redis = urlsplit(redis_url)
    if not _is_here(redis.hostname or ""):
        if redis.scheme != "rediss":
            yield f"Redis ở {redis.hostname} được gọi không mã hóa: dùng rediss://"
        if not redis.password:
            yield f"Redis ở {redis.hostname} không hỏi mật khẩu"


def _is_here(host: str) -> bool:
    """Whether a host is this machine itself: no host at all, a socket's folder, or a loopback address."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def other_versions() -> Iterator[str]:
    try:
        connection.check_database_version_supported()
    except NotSupportedError as error:
        yield str(error)
    pinned = defaultdict(set)
    for name, version in PINNED.findall((settings.BASE_DIR / LOCK).read_text(encoding="utf-8")):
        pinned[name].add(version)  # some have one for each version of Python
    for name, versions in pinned.items():
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # the lock is for every system; what this one lacks would have failed at the start
        if installed not in versions:
            yield f"{name} {installed}, khóa ở {' hoặc '.join(sorted(versions))}"


def encoding_in_doubt() -> Iterator[str]:
    encoding = database_encoding()
    if encoding != "UTF8":
        yield f"cơ sở dữ liệu ghi chữ theo {encoding}, không phải UTF8: chữ hoa, chữ thường và độ dài tiếng Việt sẽ sai"


def other_migrations() -> Iterator[str]:
    executor = MigrationExecutor(connection)
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield f"{migration} chưa chạy"
    for app, name in sorted(executor.loader.applied_migrations.keys() - executor.loader.disk_migrations):
        yield f"{app}.{name} đã chạy nhưng bản chương trình này không có"


def triggers_lost() -> Iterator[str]:
    tables = [model._meta.db_table for model in (Change, Judgement)]
    yield from missing_triggers(tables, WATCHED)


def clock_in_doubt() -> Iterator[str]:
    now = timezone.now()
    apart = abs((database_time() - now).total_seconds())
    if apart > CLOCK_SECONDS:
        yield f"máy này và cơ sở dữ liệu lệch nhau {apart:.0f} giây"
    last = Change.objects.aggregate(last=Max("at"))["last"]
    if last and last > now + dt.timedelta(seconds=CLOCK_SECONDS):
        yield f"nhật ký có dòng ghi lúc {last:%d/%m/%Y %H:%M:%S %Z}, sau bây giờ: đồng hồ đã bị lùi"
    if now.astimezone(ZoneInfo(settings.TIME_ZONE)).utcoffset() != VIETNAM:
        yield f"múi giờ {settings.TIME_ZONE} không phải giờ Việt Nam"


def disk_short() -> Iterator[str]:
    for setting in ("VAR_DIR", "PRIVATE_DIR"):
        folder = Path(getattr(settings, setting)).resolve()
        there = next(one for one in (folder, *folder.parents) if one.is_dir())
        free = shutil.disk_usage(there).free
        if free < LEAST_DISK_BYTES:
            yield f"{setting}: chỉ còn {free // (1 << 20)} MiB"


# Name, examination, advice.
EXAMINATIONS: tuple[tuple[str, Examination, str], ...] = (
    (
        "Cấu hình",
        settings_in_doubt,
        "Sửa biến môi trường theo bảng ở đầu cchc/settings.py rồi khởi động lại.",
    ),
    (
        "Kết nối giữa các máy",
        connections_in_doubt,
        "Thêm ?sslmode=verify-full vào DATABASE_URL và REPLICA_URLS; rediss:// và mật khẩu vào CCHC_REDIS_URL.",
    ),
    ("Phiên bản", other_versions, "Chạy `make set-up` để cài đúng các bản đã khóa."),
    (
        "Mã chữ",
        encoding_in_doubt,
        "Sao lưu, tạo lại bằng `createdb -E UTF8 -T template0 --locale=C.UTF-8`, rồi `manage.py restore`.",
    ),
    ("Migration", other_migrations, "Sao lưu, rồi `manage.py migrate` bằng đúng bản chương trình sẽ chạy."),
    (
        "Trigger bảo vệ nhật ký và theo dõi công bố",
        triggers_lost,
        "Có người đã sửa lược đồ: tìm xem ai và khi nào; so nhật ký với bản sao lưu rồi `manage.py restore`.",
    ),
    (
        "Kết quả đã công bố",
        contradictions,
        "Có người đã sửa thẳng trong cơ sở dữ liệu: so với bản sao lưu gần nhất; không sửa tay, hãy đính chính.",
    ),
    ("Tệp bị mất hoặc cụt", lost_files, "Lấy lại các tệp này từ bản sao lưu gần nhất còn có chúng."),
    (
        "Tệp không thuộc về dòng nào",
        orphaned_files,
        "Còn lại từ lần tải lên bị ngắt: xem rồi xóa khỏi CCHC_PRIVATE_DIR.",
    ),
    ("Đồng hồ", clock_in_doubt, "Bật đồng bộ giờ: `timedatectl set-ntp true` trên mọi máy."),
    ("Đĩa", disk_short, "Dọn đĩa hoặc thêm dung lượng trước khi tải lên và sao lưu bị từ chối."),
)
