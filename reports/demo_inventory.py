"""Which numbers does a report print, and where did each go? `python -m reports.demo_inventory FILE…`

The reports themselves are not in the repository; each one's inventory is: every number token in order, a few
words around it, and the rows (or the reason why it is no figure) it is mapped to.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .demo import FOLDER, Report, reports

# Digits with inner points and commas; Roman numerals; number words. “Một” and “năm” alone are left out, being
# the article “a” and the word “year”: they count only in “một là”, “năm là”, “một trong”.
NUMBER = re.compile(
    r"\d+(?:[.,]\d+)*|\b[IVX]{2,}\b"
    r"|\b(?i:hai|ba|bốn|sáu|bảy|tám|chín|mười|nhì|nửa|trăm|nghìn|triệu|một là|năm là|một trong)\b"
)
WORDS_AROUND = 3
COLUMNS = ("position", "number", "context", "rows", "reason")


@dataclass(frozen=True)
class Entry:
    """One printed number and where it went: into rows of the table, or the reason why it is no figure."""

    position: int
    number: str
    context: str
    rows: tuple[str, ...]
    reason: str

    @property
    def is_accounted_for(self) -> bool:
        return bool(self.rows) != bool(self.reason)


def normalised(text: str) -> str:
    """Return a text as NFC with single spaces, the form in which the table quotes it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def inventory(report: Report, text: str) -> list[Entry]:
    """Return every number of a report's text in order, with where it went.

    Raises ValueError where a quoted fragment is not in the text exactly once: the quote would not be exact.
    """
    text = normalised(text)
    rows = [(_span(fragment, text), row.id) for row in report.rows for fragment in row.says]
    reasons = [(_span(other.says, text), other.reason) for other in report.not_figures]
    return [
        Entry(
            position,
            match.group(),
            _context(text, match),
            tuple(_covering(rows, match.start())),
            "; ".join(_covering(reasons, match.start())),
        )
        for position, match in enumerate(NUMBER.finditer(text), start=1)
    ]


def _span(fragment: str, text: str) -> tuple[int, int]:
    if text.count(fragment) != 1:
        raise ValueError(f"{text.count(fragment)} times in the text: {fragment!r}")
    start = text.index(fragment)
    return start, start + len(fragment)


def _covering(spans: Iterable[tuple[tuple[int, int], str]], at: int) -> Iterable[str]:
    return dict.fromkeys(name for (start, end), name in spans if start <= at < end)


def _context(text: str, match: re.Match[str]) -> str:
    before = text[: match.start()].split(" ")[-WORDS_AROUND - 1 :]
    after = text[match.end() :].split(" ")[: WORDS_AROUND + 1]
    return " ".join(before) + match.group() + " ".join(after)


def digest(entries: Iterable[Entry]) -> str:
    """Return the SHA-256 of the sequence of numbers: what must not change while the text does not."""
    return hashlib.sha256("\n".join(e.number for e in entries).encode()).hexdigest()


def inventory_path(report: Report) -> Path:
    return FOLDER / f"{report.name}.inventory.csv"


def read_inventory(report: Report) -> list[Entry]:
    """Return a report's inventory as it is kept beside the table."""
    with inventory_path(report).open(encoding="utf-8", newline="") as file:
        return [
            Entry(
                int(line["position"]),
                line["number"],
                line["context"],
                tuple(line["rows"].split()),
                line["reason"],
            )
            for line in csv.DictReader(file)
        ]


def write_inventory(report: Report, entries: Iterable[Entry]) -> None:
    with inventory_path(report).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((e.position, e.number, e.context, " ".join(e.rows), e.reason) for e in entries)


def report_of(path: Path) -> Report:
    """Return the report a text belongs to: its file name begins with the report's number (“003_….txt”)."""
    numbered = {report.name.split("-")[0]: report for report in reports()}
    return numbered[str(int(path.name.split("_")[0]))]


def main(paths: list[str]) -> Iterator[str]:
    """Write the inventory of each text beside the table, and say what is not accounted for."""
    for path in map(Path, paths):
        report = report_of(path)
        entries = inventory(report, path.read_text(encoding="utf-8"))
        write_inventory(report, entries)
        missing = [e for e in entries if not e.is_accounted_for]
        yield f"{report.name}: {len(entries)} numbers, {len(missing)} not accounted for, {digest(entries)}"
        yield from (f"  {e.position}. {e.context}" for e in missing)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in main(sys.argv[1:]))
