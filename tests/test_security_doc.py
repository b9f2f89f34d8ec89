"""docs/security.md names every requirement of levels 1 and 2, and nothing that does not exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from cchc import settings

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\| ([\d., ]+) \| (.+) \|$", TEXT, re.M)
# How many requirements each section of ASVS 4.0.3 has, and those of them that were deleted or are of level 3 only.
SECTIONS = {
    1: {1: 7, 2: 4, 4: 5, 5: 4, 6: 4, 7: 2, 8: 2, 9: 2, 10: 1, 11: 3, 12: 2, 14: 6},
    2: {1: 12, 2: 7, 3: 3, 4: 6, 5: 7, 6: 3, 7: 6, 8: 7, 9: 3, 10: 4},
    3: {1: 1, 2: 4, 3: 4, 4: 5, 5: 3, 7: 1},
    4: {1: 5, 2: 2, 3: 3},
    5: {1: 5, 2: 8, 3: 10, 4: 3, 5: 4},
    6: {1: 3, 2: 8, 3: 3, 4: 2},
    7: {1: 4, 2: 2, 3: 4, 4: 3},
    8: {1: 6, 2: 3, 3: 8},
    9: {1: 3, 2: 5},
    10: {2: 2, 3: 3},
    11: {1: 8},
    12: {1: 3, 2: 1, 3: 6, 4: 2, 5: 2, 6: 1},
    13: {1: 5, 2: 6, 3: 2, 4: 2},
    14: {1: 5, 2: 6, 3: 3, 4: 7, 5: 4},
}
LEFT_OUT = {
    *(
        "1.4.2",
        "1.4.3",
        "1.11.3",
        "1.12.1",
        "2.2.4",
        "2.2.5",
        "2.2.6",
        "2.2.7",
        "4.1.4",
        "6.2.7",
        "6.2.8",
        "6.3.3",
    ),
    *("7.3.2", "8.1.5", "8.1.6", "9.2.5", "13.1.2", "13.2.4", "14.1.5", "14.3.1"),
}


def sources() -> list[Path]:
    return [path for app in ("cchc", "districts", "reports") for path in (ROOT / app).rglob("*.py")]


def test_every_requirement_is_listed_once():
    wanted = {
        f"{chapter}.{section}.{n}"
        for chapter, sections in SECTIONS.items()
        for section, count in sections.items()
        for n in range(1, count + 1)
    } - LEFT_OUT
    listed = [one for numbers, _ in ROWS for one in numbers.split(", ")]
    assert sorted(set(listed) ^ wanted) == []
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(("file", "name"), sorted(set(re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", TEXT))))
def test_what_is_named_is_a_test(file, name):
    tree = ast.parse((ROOT / "tests" / file).read_text())
    assert not name or name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_what_is_named_is_a_setting_or_a_file():
    named = set(re.findall(r"`settings\.(\w+)`", TEXT))
    assert {"CONTENT_SECURITY_POLICY", "API_LIMIT"} <= named
    assert [name for name in named if not hasattr(settings, name)] == []
    files = set(re.findall(r"`((?:cchc|deploy|districts|docs|reports|templates)/[\w./@-]+\w)`", TEXT))
    assert [path for path in files if not (ROOT / path).is_file()] == []


def test_every_answer_names_something_or_says_why_not():
    said = re.compile(r"`[\w./:@-]+`|does not apply|open: |git$|Django|TLS|one parser|pages hold no key")
    assert [numbers for numbers, answer in ROWS if not said.search(answer)] == []


def test_only_the_form_at_a_desk_goes_without_a_token():
    # A list of dossiers is read as a stream: its view asks for the token itself, once it knows where the body goes.
    # The API has nothing to write, and answers other methods with 405.
    exempt = {path.relative_to(ROOT).as_posix() for path in sources() if "csrf_exempt" in path.read_text()}
    assert exempt == {"reports/desk_views.py", "reports/office/dossier_lists.py", "reports/api/entry.py"}


def test_no_code_is_run_from_text_and_no_program_started():
    def calls(path: Path) -> set[str]:
        found = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        return {func.id for func in found if isinstance(func, ast.Name)} & {"eval", "exec", "__import__"}

    assert [path.name for path in sources() if calls(path)] == []
    assert [
        path.name for path in sources() if re.search(r"\bsubprocess\b|os\.(system|popen)", path.read_text())
    ] == []


def test_the_program_asks_no_other_site():
    asking = re.compile(
        r"^\s*(?:import|from) (?:requests|httpx|urllib\.request|urllib3|http\.client|aiohttp)", re.M
    )
    assert [path.name for path in sources() if asking.search(path.read_text())] == []


def test_chance_that_must_not_be_guessed_comes_from_the_system():
    chance = re.compile(r"^\s*(?:import random|from random|from uuid import uuid1)", re.M)
    found = {path.relative_to(ROOT).as_posix() for path in sources() if chance.search(path.read_text())}
    # Which replica is read, and the figures of fictional provinces: nothing to be guessed.
    assert found == {"cchc/replicas.py", "reports/sample/chance.py", "reports/sample/national/figures.py"}
