"""What a server needs before it starts, in one Django process: migrations, packaged content, static files."""

import io
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from steps import ROOT, Steps, fail, fingerprint, is_stamped

sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cchc.settings")

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from cchc.static_files import manifest_name


@dataclass(frozen=True)
class Load:
    """A management command, run again only when the files it reads have changed."""

    command: str
    reads: Path
    arguments: tuple[str, ...] = ()


UNITS = Load("load_units", ROOT / "districts" / "data")
CRITERIA = Load("load_criteria", ROOT / "reports" / "data" / "criteria")
INDICATORS = Load("load_indicators", ROOT / "reports" / "data" / "indicators.toml")
DEMO = Load("load_demo", ROOT / "reports" / "data" / "demo", ("--demo",))


def prepare_database(steps: Steps) -> None:
    with steps.step(f"Database ({settings.DATABASES['default']['ENGINE'].rpartition('.')[2]})"):
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)


def load_content(steps: Steps) -> None:
    demo = ", demo content" if wants_demo() else " (DEMO=1 adds the demo content)"
    with steps.step(f"Official units, criteria sets, indicators{demo}"):
        load_once()


def load_once() -> None:
    """Runs each load unless this very database has had it; what was removed since does not come back."""
    record = Path(settings.VAR_DIR) / "loaded.json"
    known = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    had = known.setdefault(database_identity(), {})
    for load in (UNITS, CRITERIA, INDICATORS, *([DEMO] if wants_demo() else [])):
        content = fingerprint(load.reads)
        if had.get(load.command) != content:
            call_command(load.command, *load.arguments, stdout=io.StringIO())
            had[load.command] = content
            record.write_text(json.dumps(known, indent=1), encoding="utf-8")
    if wants_demo():
        keep_demo_accounts()


def wants_demo() -> bool:
    """Demo content goes into the embedded database, and into another one only when asked for."""
    return connection.vendor == "sqlite" or os.environ.get("DEMO") == "1"


def database_identity() -> str:
    """Tells a database from another one of the same name: the moment of its first migration."""
    first = MigrationRecorder.Migration.objects.earliest("id")
    return f"{connection.vendor} {connection.settings_dict['NAME']} {first.applied.isoformat()}"


def collect_static(steps: Steps) -> None:
    """Hashes and compresses the static files, when one of them or a package has changed."""
    sources = (ROOT / "static", settings.VENDOR_DIR, ROOT / "requirements" / "run.txt")
    stamp = Path(settings.VAR_DIR) / "static.stamp"
    with steps.step("Static files"):
        wanted = fingerprint(*sources)
        if not is_stamped(stamp, wanted) or not (settings.STATIC_ROOT / manifest_name()).exists():
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
            stamp.write_text(wanted, encoding="utf-8")


def keep_demo_accounts() -> None:
    """Each start: the accounts of the fictional province with the password that is to be printed."""
    from districts import demo_accounts  # models load only after django.setup()

    demo_accounts.keep_demo_accounts()


def main(done: int, total: int) -> None:
    steps = Steps(total, done)
    try:
        django.setup()
        Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
        prepare_database(steps)
        load_content(steps)
    except CommandError as error:
        fail(str(error).rstrip("."), "Nothing of that step was kept; mend it and start again")
    except (ImproperlyConfigured, OperationalError, ValueError) as error:
        fail(str(error).strip().splitlines()[0].rstrip("."), "Check DATABASE_URL and the other settings")
    collect_static(steps)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
