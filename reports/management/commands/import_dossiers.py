"""Count a list of dossiers into units' figures: `manage.py import_dossiers FILE --unit 280 --period 2025 --dry-run`."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from districts.audit import Act
from districts.models import Change, Scheme, Unit
from reports.dossier_lists import Channel, Counted, PeriodError, Rejection, count_list, cut, parse_days
from reports.imports.dossier_lists import ListRefused, NeedsReason, preview, write_list
from reports.imports.findings import Fate
from reports.imports.listed import (
    Listed,
    listed_by_unit,
    places_in,
    places_of,
    rejections_workbook,
    unknown_fields,
)
from reports.management.progress import bar
from reports.models import DossierField, Scope
from reports.workbook_archives import FileError

SHOWN = 50


class Command(BaseCommand):
    help = "Đếm danh sách hồ sơ (mỗi hàng một hồ sơ) thành số liệu biểu II.06; thay số liệu đang có của các kỳ ấy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="tệp CSV, hoặc XLSX đến 100.000 hàng")
        parser.add_argument("--unit", help="mã đơn vị; không có thì mỗi hàng phải ghi mã đơn vị giải quyết")
        parser.add_argument("--scheme", help="danh mục đơn vị, khi mã có ở nhiều danh mục")
        parser.add_argument(
            "--scope", choices=Scope.values, default="", help="tính cả danh sách vào một phạm vi"
        )
        parser.add_argument(
            "--period", required=True, help="2025, 2025-03, 2025-Q1, 2025-H1, 2025-01..2025-06"
        )
        parser.add_argument("--by", choices=["month", "quarter", "half", "year", "whole"], default="month")
        parser.add_argument("--convention", choices=["inside", "beside"], default="inside")
        parser.add_argument(
            "--channel", choices=[one.value for one in Channel], help="khi danh sách không ghi"
        )
        parser.add_argument("--create-fields", action="store_true", help="thêm lĩnh vực chưa có vào danh mục")
        parser.add_argument("--skip-rejected", action="store_true", help="ghi cả khi có hàng bị loại")
        parser.add_argument("--rejected", type=Path, help="ghi các hàng bị loại vào tệp .xlsx này")
        parser.add_argument(
            "--reason", default="", help="giải thích chênh lệch với số liệu khác; được công khai"
        )
        parser.add_argument("--dry-run", action="store_true", help="chỉ đếm, không ghi")

    def handle(self, *args: Any, **options: Any) -> None:
        units = _units(options)
        counted = self._counted(options, units)
        self._report(counted)
        if counted.rejections and options["rejected"]:
            _keep(options["rejected"], counted.rejections)
        if counted.rejected and not options["skip_rejected"]:
            raise CommandError(
                f"{counted.rejected} hàng bị loại, không có gì được ghi; sửa tệp hoặc thêm --skip-rejected."
            )
        listed = listed_by_unit(counted, options["convention"])
        chosen = _chosen(listed.values(), options)
        act = Act(None, Change.How.COMMAND, options["reason"])
        by_key = {unit.pk: unit for unit in units}
        if options["dry_run"]:
            self._preview({by_key[pk]: one for pk, one in listed.items()}, chosen, act)
            return
        try:
            written = self._write({by_key[pk]: one for pk, one in listed.items()}, chosen, act)
        except NeedsReason as gap:
            raise CommandError(f"{gap} Hãy giải thích bằng --reason.") from gap
        except ListRefused as refusal:
            raise CommandError(f"Không có gì được ghi: {refusal}") from refusal
        self.stdout.write(self.style.SUCCESS(f"Đã ghi: {written} dòng số liệu mới hoặc thay đổi."))

    def _counted(self, options: dict[str, Any], units: list[Unit]) -> Counted:
        places = places_of(units[0], options["scope"]) if options["unit"] else places_in(units)
        channel = Channel(options["channel"]) if options["channel"] else None
        try:
            with options["file"].open("rb") as stream:
                return count_list(
                    stream,
                    cut(*parse_days(options["period"]), options["by"]),
                    places,
                    today=timezone.localdate(),
                    convention=options["convention"],
                    channel=channel,
                    progress=bar(self.stderr, "Đếm"),
                )
        except OSError as error:
            raise CommandError(f"Không đọc được tệp: {error.strerror}") from error
        except (FileError, PeriodError) as error:
            raise CommandError(str(error)) from error

    def _report(self, counted: Counted) -> None:
        # What stands in rejected rows goes to nobody's log: places and reasons only.
        for one in counted.rejections[:SHOWN]:
            self.stderr.write(
                f"Loại: hàng {one.row}{f', cột {one.column}' if one.column else ''}: {one.message}"
            )
        for name, heading in counted.layout.said.items():
            self.stdout.write(f"{name} ← “{heading}”")
        self.stdout.write(
            f"{counted.rows} hàng: {counted.counted} hồ sơ được đếm ({counted.received_before} tiếp nhận trước kỳ), "
            f"{counted.outside} ngoài kỳ, {counted.rejected} bị loại."
        )

    def _preview(
        self, listed: Mapping[Unit, Listed], chosen: Mapping[str, DossierField | None], act: Act
    ) -> None:
        for unit, one in listed.items():
            found = preview(unit, one, chosen, act, act.reason)
            fates = [line.fate for line in found.lines]
            self.stdout.write(
                f"{unit.full_name}: {fates.count(Fate.NEW)} dòng mới, {fates.count(Fate.CHANGED)} thay đổi, "
                f"{fates.count(Fate.UNCHANGED)} không đổi, {fates.count(None)} bỏ đi."
            )
            for text in [*found.refused, *found.gaps][:SHOWN]:
                self.stderr.write(text)
        self.stdout.write("Chỉ đếm thử: không có gì được ghi.")

    def _write(
        self, listed: Mapping[Unit, Listed], chosen: Mapping[str, DossierField | None], act: Act
    ) -> int:
        """Write all units or none."""
        draw, written = bar(self.stderr, "Ghi"), 0
        with transaction.atomic():
            for number, (unit, one) in enumerate(listed.items(), start=1):
                written += write_list(unit, one, chosen, act, reason=act.reason)
                if draw:
                    draw(number, len(listed))
        return written


def _units(options: dict[str, Any]) -> list[Unit]:
    units = Unit.objects.select_related("scheme", "parent").order_by("pk")
    if options["scheme"]:
        units = units.filter(scheme=options["scheme"])
    elif not options["unit"]:
        raise CommandError(
            f"Hãy chọn --unit hoặc --scheme: {', '.join(Scheme.objects.values_list('pk', flat=True))}."
        )
    if not options["unit"]:
        return list(units)
    found = list(units.filter(code=options["unit"]))
    if len(found) != 1:
        listed = "; ".join(f"--scheme {unit.scheme_id}: {unit.full_name}" for unit in found)
        raise CommandError(f"Có {len(found)} đơn vị mã {options['unit']}. {listed}".strip())
    return found


def _chosen(listed: Any, options: dict[str, Any]) -> dict[str, DossierField | None]:
    unknown = unknown_fields(listed)
    if unknown and not options["create_fields"]:
        names = ", ".join(f"“{name}”" for name in sorted(unknown.values()))
        raise CommandError(f"Lĩnh vực chưa có trong danh mục: {names}; thêm --create-fields để thêm mới.")
    return dict.fromkeys(unknown)


def _keep(path: Path, rejections: Any) -> None:
    """Write the rejected rows where the caller said, readable by nobody else."""
    told: list[Rejection] = list(rejections)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(rejections_workbook(told))
