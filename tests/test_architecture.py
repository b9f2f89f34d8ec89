"""Each line of the design imports only lines below it, imports hidden in functions included."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the bottom up. A module belongs to the longest prefix that names it; a new module must find its line.
LAYERS = [
    {
        *("districts.names", "districts.lineage"),
        *("reports.scoring", "reports.ranking", "reports.analytics", "reports.periods", "reports.rules"),
        *(
            "reports.index766",
            "reports.indicator_checks",
            "reports.checks",
            "reports.row_checks",
            "reports.stages",
            "reports.readers",
            "reports.xlsx",
            "reports.sheet_files",
            "reports.workbook_archives",
            "reports.row_streams",
            "reports.dossier_lists",
        ),
        *("reports.criteria_rows", "reports.rule_inputs", "reports.evidence_types", "reports.sampling"),
        *("reports.survey_tally", "reports.tally"),
        "reports.maps",
        *("reports.scale", "reports.satisfaction_rules", "reports.backups.sealed"),
    },
    {
        *("districts.models", "districts.querysets", "districts.apps", "reports.terms"),
        *("districts.visitors", "districts.floods"),
    },
    {
        "districts.access",
        "districts.engine",
        "districts.prepared",
        "reports.numbers_vi",
        "reports.dossier_columns",
    },
    {"districts.audit"},
    {
        "districts.official",
        "districts.loading",
        "districts.sentences",
        "districts.summaries",
        "districts.finding",
    },
    {
        *("districts.views", "districts.management", "districts.urls", "districts.demo_accounts"),
        *("districts.accounts", "districts.account_forms", "districts.account_urls", "districts.admin"),
        *("districts.two_factor", "districts.office_gate", "districts.passwords", "districts.admin_site"),
        *("districts.guessing", "districts.notices"),
    },
    {"reports.models"},
    {
        "reports.frames",
        "reports.page_versions",
        "reports.rule_prose",
        "reports.check_sentences",
        "reports.entered_check_sentences",
        "reports.row_check_sentences",
        "reports.desk_tokens",
        "reports.floods",
        "reports.qr",
        "reports.public_address",
    },
    {
        *(
            "reports.summaries",
            "reports.published",
            "reports.workflow",
            "reports.reminders",
            "reports.automatic",
            "reports.survey_points",
            "reports.roster",
            "reports.comparison",
            "reports.tile_layouts",
            "reports.backups",
        ),
        *(
            "reports.criteria",
            "reports.criteria_files",
            "reports.indicators",
            "reports.criteria_tree",
            "reports.criteria_editing",
        ),
    },
    {
        *(
            "reports.sentences",
            "reports.charts",
            "reports.tables",
            "reports.spreadsheets",
            "reports.letters",
            "reports.figure_sheets",
            "reports.satisfaction_sheets",
            "reports.dossier_sheets",
            "reports.dossier_charts",
            "reports.index766_charts",
            "reports.imports",
            "reports.workbooks",
            "reports.survey_workbooks",
            "reports.cards",
            "reports.open_data",
            "reports.insight_sentences",
            "reports.map_drawing",
            "reports.structured_data",
            "reports.finding",
            "reports.oddity_sentences",
            "reports.worked_examples",
            "reports.templating",
        ),
        *("reports.demo", "reports.demo_rows", "reports.demo_inventory", "reports.sample"),
    },
    {
        *(
            "reports.views",
            "reports.methodology_views",
            "reports.dossier_views",
            "reports.desk_views",
            "reports.share_views",
            "reports.insight_views",
            "reports.letter_views",
            "reports.map_views",
            "reports.api",
            "reports.data_views",
            "reports.embed_views",
            "reports.what_if_views",
            "reports.sitemaps",
            "reports.public_pages",
            "reports.management",
        ),
        *("reports.office", "reports.admin"),
    },
    {"reports.urls", "reports.apps"},
    {"cchc"},
]
PURE = LAYERS[0]
FORBIDDEN_NAMES = {"utils", "helpers", "services", "signals", "common", "misc"}


def sources() -> list[Path]:
    return [
        path
        for app in ("districts", "reports", "cchc")
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts and path.stat().st_size
    ]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(module: str) -> int | None:
    found = [
        (len(prefix), number)
        for number, layer in enumerate(LAYERS)
        for prefix in layer
        if module == prefix or module.startswith(f"{prefix}.")
    ]
    return max(found)[1] if found else None


def imports_of(path: Path) -> set[str]:
    module = name_of(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


IDS = [name_of(p) for p in sources()]


@pytest.mark.parametrize("path", sources(), ids=IDS)
def test_every_module_has_its_line_and_imports_only_downwards(path):
    own = layer_of(name_of(path))
    if name_of(path) in ("districts", "reports"):
        return
    assert own is not None, "give the module its line in LAYERS"
    upwards = {i for i in imports_of(path) if (layer := layer_of(i)) is not None and layer > own}
    assert upwards == set()


@pytest.mark.parametrize("path", [p for p in sources() if layer_of(name_of(p)) == 0], ids=name_of)
def test_pure_modules_know_nothing_of_django_or_of_other_lines(path):
    forbidden = (
        {"django", "cchc"} if name_of(path).startswith("reports.analytics.") else {"django", "pandas", "cchc"}
    )
    foreign = {i.split(".")[0] for i in imports_of(path)} & forbidden
    assert foreign == set()


def test_units_know_nothing_of_reports():
    for path in sources():
        if name_of(path).startswith("districts"):
            assert not any(i.split(".")[0] == "reports" for i in imports_of(path)), path


def test_pandas_is_imported_only_where_frames_are_made():
    users = {name_of(p) for p in sources() if any(i.split(".")[0] == "pandas" for i in imports_of(p))}
    assert {user for user in users if not user.startswith("reports.analytics.")} <= {"reports.frames"}


def test_no_module_is_a_drawer_for_anything():
    assert {p.stem for p in sources()} & FORBIDDEN_NAMES == set()


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def test_no_file_names_a_package_registry_or_this_machine():
    forbidden = [
        "pypi" + ".org",
        "python" + "hosted",
        "registry." + "npmjs",
        "/work/" + "main",
        "/root/" + ".pyenv",
    ]
    for path in tracked():
        text = path.read_bytes().decode(errors="ignore")
        assert not [word for word in forbidden if word in text], path


def test_templates_mark_nothing_safe_and_carry_no_inline_script_or_style():
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        assert "|safe" not in text and "mark_safe" not in text and "autoescape" not in text, path
        assert " style=" not in text and "<style" not in text and " onclick=" not in text, path


BULK_WRITES = {"bulk_create", "bulk_update", "update", "delete"}
AUDITED = re.compile(
    r"\b(Score|ScoreSheet|Judgement|Evidence|AssessmentYear|Change)\.(objects|_default_manager)\b"
    r"|\.(scores|sheets|judgements|evidence|years|changes)\b"
)
# Who changes state, the log's own door, and the content that is loaded and taken out as a whole.
WRITERS = ("reports.workflow", "districts.audit", "reports.sample")


def bulk_writes_on_audited_models(path: Path) -> list[str]:
    return [
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in BULK_WRITES
        and AUDITED.search(ast.unparse(node.func.value))
    ]


def test_values_sheets_and_years_are_written_in_bulk_by_the_workflow_only():
    found = {name_of(path): bulk_writes_on_audited_models(path) for path in sources()}
    elsewhere = {name: calls for name, calls in found.items() if calls and not name.startswith(WRITERS)}
    assert elsewhere == {}
    # The check sees what it is there for.
    assert any("ScoreSheet.objects" in call for call in found["reports.workflow.year_steps"])
