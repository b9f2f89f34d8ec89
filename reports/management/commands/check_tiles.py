"""manage.py check_tiles FILE …: is a file of tiles sound, and does it place units that there are?"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from districts.models import Organiser, Unit
from reports.maps.tiles import TileFileError
from reports.models import Group
from reports.tile_layouts import PACKAGED, read_file


class Command(BaseCommand):
    help = "Kiểm tra tệp vị trí ô của bản đồ (mặc định: các tệp kèm phần mềm): cú pháp, ô trùng, mã đơn vị."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        faults = []
        for path in options["files"] or sorted(PACKAGED.glob("*.csv")):
            found = _faults(path)
            faults += found
            if not found:
                self.stdout.write(f"{path.name}: dùng được.")
        if faults:
            raise CommandError("\n".join(faults))


def _faults(path: Path) -> list[str]:
    try:
        tiles = read_file(path)
    except TileFileError as error:
        return error.faults
    organiser, _, group = path.name.removesuffix(".csv").rpartition(".")
    faults = []
    if not Organiser.objects.filter(slug=organiser).exists():
        faults.append(f"{path.name}: tên tệp phải là <cơ quan>.<nhóm>.csv; không có cơ quan “{organiser}”.")
    if not Group.objects.filter(slug=group).exists():
        faults.append(f"{path.name}: tên tệp phải là <cơ quan>.<nhóm>.csv; không có nhóm “{group}”.")
    codes = {tile.code for tile in tiles}
    known = set(Unit.objects.filter(code__in=codes).values_list("scheme_id", "code"))
    return faults + [
        f"{path.name}, dòng {tile.line}: danh mục {tile.scheme} không có đơn vị mã {tile.code}."
        for tile in tiles
        if (tile.scheme, tile.code) not in known
    ]
