"""manage.py import_boundaries FILE.geojson --source "…": an office's own boundaries, drawn on the map of its units."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports.imports.boundaries import Origin, import_boundaries
from reports.maps.geojson import BoundaryFileError
from reports.maps.outlines import ShapelyMissing
from reports.models.boundaries import LONGEST


class Command(BaseCommand):
    help = "Nạp ranh giới đơn vị từ tệp GeoJSON (WGS84); nạp lại cùng tệp không làm thay đổi gì."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.geojson")
        parser.add_argument("--source", required=True, help="nguồn của ranh giới; được in dưới bản đồ")
        parser.add_argument("--licence", default="", help="giấy phép sử dụng; được in sau nguồn")
        parser.add_argument("--scheme", default="", help="danh mục đơn vị, khi mã có ở nhiều danh mục")
        parser.add_argument("--parent", default="", help="chỉ các đơn vị trực thuộc đơn vị có mã này")
        named = parser.add_mutually_exclusive_group()
        named.add_argument("--code-property", default="code", help="thuộc tính ghi mã đơn vị")
        named.add_argument("--name-property", default="", help="thuộc tính ghi tên, khi tệp không có mã")
        parser.add_argument(
            "--tolerance", type=float, default=100, help="độ giản lược, mét; 0: giữ nguyên (mặc định 100)"
        )
        parser.add_argument("--max-mb", type=int, default=50, help="từ chối tệp lớn hơn (mặc định 50)")

    def handle(self, *args: Any, **options: Any) -> None:
        origin = Origin(
            options["source"].strip(), options["licence"].strip(), options["scheme"], options["parent"]
        )
        self._check(options, origin)
        try:
            written = import_boundaries(
                _content(options["file"], options["max_mb"]),
                options["name_property"] or options["code_property"],
                origin,
                by_name=bool(options["name_property"]),
                tolerance=options["tolerance"],
            )
        except (BoundaryFileError, ShapelyMissing) as error:
            raise CommandError(f"{options['file'].name}: không có gì được ghi.\n{error}") from error
        if not written.is_seamless:
            self.stderr.write(
                "Các ranh giới chồng lên nhau hoặc hở: đường chung có thể không khớp sau giản lược."
            )
        self.stdout.write(
            f"Ranh giới: {written.created} mới, {written.updated} thay đổi, {written.unchanged} không đổi."
        )

    def _check(self, options: dict[str, Any], origin: Origin) -> None:
        for text, name in ((origin.source, "source"), (origin.licence, "licence")):
            longest = LONGEST[name]
            if len(text) > longest:
                raise CommandError(f"--{name} dài hơn {longest} chữ.")
        if not origin.source:
            raise CommandError("--source không được để trống: nguồn được in dưới bản đồ.")
        if not 0 <= options["tolerance"] <= 5000:
            raise CommandError("--tolerance phải từ 0 đến 5000 mét.")


def _content(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most * 1_000_000:
            raise CommandError(f"{path.name}: tệp lớn hơn {most} MB; hãy giản lược trước hoặc tăng --max-mb.")
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path.name}: không đọc được tệp ({error.strerror}).") from error
