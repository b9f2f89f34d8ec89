"""Examine the installation and the stored results: for a nightly run, which tells by its exit code."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError

from reports.management.examination import EXAMINATIONS, Examination

SHOWN = 20


def faults_of(examine: Examination) -> list[str]:
    """Return what an examination finds; a database or folder that cannot be read is a fault, and no end of the rest."""
    try:
        return list(islice(examine(), SHOWN + 1))
    except (DatabaseError, InterfaceError, OSError) as error:
        return [f"không xem được: {type(error).__name__}: {str(error).splitlines()[0]}"]


class Command(BaseCommand):
    help = (
        "Looks at settings, versions, migrations, triggers, published results, private files, clock and disk. "
        "Says what to do about each fault; exit code 1 where there is one. Changes nothing."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for name, examine, advice in EXAMINATIONS:
            faults = faults_of(examine)
            self.stdout.write(f"{'LỖI' if faults else 'tốt'}  {name}")
            if not faults:
                continue
            count += 1
            for fault in faults[:SHOWN]:
                self.stdout.write(f"       - {fault}")
            if len(faults) > SHOWN:
                self.stdout.write("       - …")
            self.stdout.write(f"       → {advice}")
        self.stdout.write(f"{count} mục có lỗi." if count else "Không thấy lỗi nào.")
        if count:
            raise SystemExit(1)
