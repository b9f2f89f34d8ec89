"""Build the site, break it in each way, print what it did and, last, what was lost."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path


def say(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


def run(wanted: list[str]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="cchc-faults-"))
    folder.chmod(0o755)
    sys.path.insert(0, str(Path(__file__).parents[2] / "bin"))
    from .site import build

    started = time.monotonic()
    site = build(folder)
    os.environ.update(site.environment, DJANGO_SETTINGS_MODULE="cchc.settings", LOG_LEVEL="ERROR")
    import django

    django.setup()
    from . import under_load, whole_or_not

    faults: dict[str, Callable[..., list[str]]] = {
        "kill -9 of an application process and of a worker": under_load.application_killed,
        "graceful restart: SIGTERM, SIGHUP": under_load.restarted_gracefully,
        "database restarted": under_load.database_restarted,
        "Redis gone, Redis silent": under_load.redis_gone,
        "replica behind, replica killed": under_load.replica_behind_and_gone,
        "clock moved": under_load.clock_moved,
        "disk full during an upload": whole_or_not.disk_full_during_upload,
        "disk full during a backup": whole_or_not.disk_full_during_backup,
        "two publications at once": whole_or_not.two_publishes,
        "kill -9 and power cut in the middle of a publication": whole_or_not.killed_while_publishing,
        "the same upload twice": whole_or_not.same_upload_twice,
        "10,000 malformed requests": whole_or_not.malformed_requests,
    }
    lost: list[str] = []
    sys.stdout.write(
        f"Built in {time.monotonic() - started:.0f} s: 2 applications, primary, replica, Redis, nginx\n"
    )
    for title, fault in faults.items():
        if wanted and not any(word in title for word in wanted):
            continue
        sys.stdout.write(f"{title}\n")
        sys.stdout.flush()
        try:
            found = fault(site, say)
        except Exception:
            found = [f"the run of it: {traceback.format_exc()}"]
        for what in found:
            say(f"LOST: {what}")
        lost += [f"{title}: {what}" for what in found]
    site.stack.close()
    if lost:
        say(f"what the processes said is in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"lost: {'nothing' if not lost else f'{len(lost)} things, marked LOST above'}\n")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
