"""The house rules that a program can hold: floors, what pages may do, what queries must say."""

from __future__ import annotations

import ast
import functools
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = sorted(path for top in ("dashboard", "pages", "benchmarks") for path in (ROOT / top).rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
QUERIES = sorted((ROOT / "queries").rglob("*.sql"))
SKIN = ("dashboard/app.py", "dashboard/server.py", "dashboard/ui/", "pages/")

OWNERS = {
    "streamlit": (*SKIN, "benchmarks/bare.py"),
    "boto3": ("dashboard/aws/", "dashboard/demo/", "benchmarks/"),
    "botocore": ("dashboard/aws/", "dashboard/demo/", "benchmarks/"),
    "duckdb": ("dashboard/warehouse/", "benchmarks/"),
    "moto": ("dashboard/demo/", "benchmarks/"),
    "sqlite3": ("dashboard/operate/",),
}
"""Who may import what, by folder or file."""

BUILDS_SQL = ("dashboard/warehouse/", "benchmarks/")
"""DDL, file lists and macros are the builder's business; everybody else binds values."""

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "service", "misc"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def imports_of(tree: ast.AST) -> Iterator[str]:
    """Dotted names of the modules a source imports, at its top or inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def strip_sql(text: str) -> str:
    """SQL without comments, its string literals emptied."""
    return re.sub(r"'(?:[^']|'')*'|--[^\n]*", lambda match: "''" if match[0].startswith("'") else "", text)


def each(paths: list[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """Make a rule for one file a test of all files that names each that breaks it.

    A test for each file and rule would be thousands, which take longer to report than to run.
    """

    def rule_for(rule: Callable[[Path], None]) -> Callable[[], None]:
        def test() -> None:
            broken = []
            for path in paths:
                try:
                    rule(path)
                except AssertionError as error:
                    broken.append(f"{name_of(path)}: {error}")
            assert paths
            assert not broken, "\n".join(broken)

        test.__name__, test.__doc__ = rule.__name__, rule.__doc__
        return test

    return rule_for


# Floors


def test_import_contracts_hold() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [command, "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@each(SOURCE)
def test_libraries_are_imported_by_their_owners_only(path: Path) -> None:
    name = name_of(path)
    foreign = {
        library
        for library in {module.partition(".")[0] for module in imports_of(tree_of(path))} & set(OWNERS)
        if not name.startswith(OWNERS[library])
    }
    assert not foreign, f"{name} imports {sorted(foreign)}"


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that are loaded after a statement in a fresh interpreter."""
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{statement}\nimport sys; print(*sorted({{m.partition('.')[0] for m in sys.modules}}))",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


def test_command_line_and_worker_load_neither_pages_nor_frames() -> None:
    loaded = loaded_by("import dashboard.__main__, dashboard.operate.worker")
    assert not loaded & {"streamlit", "pandas", "pyarrow", "numpy", "plotly"}


def test_nothing_below_the_pages_loads_streamlit() -> None:
    modules = [
        name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in sorted((ROOT / "dashboard").rglob("*.py"))
        if not name_of(path).startswith(SKIN) and path.stem != "__main__"
    ]
    assert "streamlit" not in loaded_by(f"import {', '.join(modules)}")


def test_ground_floor_loads_no_engine() -> None:
    modules = [
        name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in sorted((ROOT / "dashboard" / "domain").glob("*.py"))
    ]
    loaded = loaded_by(f"import {', '.join(modules)}, dashboard.errors, dashboard.settings")
    assert not loaded & {"duckdb", "boto3", "botocore", "pandas", "pyarrow", "streamlit", "sqlite3"}


@each(sorted((ROOT / "dashboard" / "domain").rglob("*.py")))
def test_domain_does_no_input_or_output(path: Path) -> None:
    tree = tree_of(path)
    modules = {module.partition(".")[0] for module in imports_of(tree)}
    assert not modules & {
        "os",
        "shutil",
        "socket",
        "sqlite3",
        "subprocess",
        "tempfile",
        "urllib3",
        "requests",
    }
    opened = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
    ]
    assert not opened, f"opens a file in lines {opened}"


def test_every_imported_package_is_asked_for() -> None:
    """What arrives only because something else needs it can go away with that."""
    asked = (ROOT / "requirements.in").read_text("utf-8") + (ROOT / "requirements-bench.in").read_text(
        "utf-8"
    )
    names = {name.lower() for name in re.findall(r"^([A-Za-z0-9][A-Za-z0-9-]*)", asked, re.MULTILINE)}
    names |= {"botocore", "pydantic-core"}  # come with boto3 and pydantic, always
    tests = sorted((ROOT / "tests").rglob("*.py"))
    modules = {module.partition(".")[0] for path in [*SOURCE, *tests] for module in imports_of(tree_of(path))}
    own = {"dashboard", "tests", "benchmarks", *(path.stem for path in tests)}
    foreign = modules - set(sys.stdlib_module_names) - own
    distributions = packages_distributions()
    missing = {
        module
        for module in foreign
        if not names & {name.lower().replace("_", "-") for name in distributions.get(module, [module])}
    }
    assert not missing


# Pages


@each(PAGES)
def test_page_imports_ui_only(path: Path) -> None:
    modules = set(imports_of(tree_of(path)))
    heavy = {"duckdb", "boto3", "botocore", "sqlite3", "pandas", "pyarrow", "numpy"}
    assert not {module.partition(".")[0] for module in modules} & heavy
    allowed = ["dashboard.ui", "dashboard.domain"]
    if "operate" in path.parts:
        allowed.append("dashboard.operate")
    inner = {module for module in modules if module.startswith("dashboard.")}
    assert {module for module in inner if not module.startswith(tuple(allowed))} == set()


@each(PAGES)
def test_page_is_layout(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = tree_of(path)
    assert len(text.splitlines()) < 120, "a page is layout: under 120 lines"
    assert ast.get_docstring(tree), "the docstring is the question that the page answers"
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Try | ast.TryStar), f"line {node.lineno}: open_page() catches errors"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.search(r"\b(SELECT|FROM|WHERE|JOIN)\b", node.value), f"line {node.lineno}: SQL"
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"cache_data", "cache_resource"}, f"line {node.lineno}: frame() caches"


@each(PAGES)
def test_page_opens_itself(path: Path) -> None:
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
    }
    assert "open_page" in called, "a page guards itself: a deep link may run it without the entry"


def test_no_pages_beside_the_entry() -> None:
    assert not (ROOT / "dashboard" / "pages").exists(), "it would turn on Streamlit's old multipage mode"
    assert not list(ROOT.glob("*.py")), "an entry script in the root would stand beside pages/"


# Text from objects


@each([path for path in SOURCE if name_of(path).startswith(SKIN)])
def test_nothing_renders_html(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.keyword):
            assert node.arg not in {"unsafe_allow_html", "unsafe_allow_javascript"}, f"line {node.lineno}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "st":
            assert node.attr not in {"html", "table", "iframe"}, f"line {node.lineno}: st.{node.attr}"
    assert "streamlit.components" not in path.read_text("utf-8")


@each(SOURCE)
def test_statements_are_not_glued_together(path: Path) -> None:
    if name_of(path).startswith(BUILDS_SQL):
        return
    for node in ast.walk(tree_of(path)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if node.func.attr not in {"execute", "executemany", "executescript", "sql"}:
            continue
        statement = node.args[0]
        glued = isinstance(statement, ast.BinOp | ast.JoinedStr) or (
            isinstance(statement, ast.Call)
            and isinstance(statement.func, ast.Attribute)
            and statement.func.attr in {"format", "replace", "join"}
        )
        assert not glued, f"line {node.lineno}: values are bound, never written into a statement"


# Queries


@each(QUERIES)
def test_query_states_its_contract(path: Path) -> None:
    text = path.read_text("utf-8")
    header = text[: re.search(r"^(?!--)", text, re.MULTILINE).start()]  # type: ignore[union-attr]
    found = dict(re.findall(r"^-- ([a-z_]+): *(\S.*(?:\n--  +\S.*)*)", header, re.MULTILINE))
    assert text.startswith("-- purpose: ")
    assert {"purpose", "columns"} <= set(found)
    declared = {part.partition("=")[0].strip(" -\n") for part in found.get("params", "").split(",")} - {""}
    assert set(re.findall(r"\$([A-Za-z_]\w*)", strip_sql(text))) == declared


@each(QUERIES)
def test_query_compares_text_with_constants_only(path: Path) -> None:
    """LIKE with a person's text treats % and _ as wildcards: starts_with() and contains() do not."""
    sql = strip_sql(path.read_text("utf-8"))
    assert not re.search(r"\b(?:I?LIKE|GLOB|SIMILAR\s+TO)\b(?!\s*''(?!\s*\|\|))", sql, re.IGNORECASE)


def test_query_floors_and_folders() -> None:
    folders = {path.relative_to(ROOT / "queries").parts[0] for path in QUERIES}
    assert folders <= {"staging", "facts", "marts", "alerts", "savings", "checks", "pages"}
    misplaced = [
        name_of(path)
        for path in QUERIES
        if (len(path.relative_to(ROOT / "queries").parts) == 3) != ("pages" in path.parts)
    ]
    assert not misplaced, "queries/<folder>/<name>.sql, and queries/pages/<page>/<name>.sql"


def test_every_page_query_is_used() -> None:
    source = "\n".join(
        path.read_text("utf-8")
        for path in SOURCE
        if name_of(path).startswith((*SKIN, "dashboard/__main__.py"))
    )
    names = {f"{path.parent.name}.{path.stem}" for path in QUERIES if "pages" in path.parts}
    documented = (ROOT / "README.md").read_text("utf-8")
    unused = {name for name in names if f'"{name}"' not in source and f"`{name}`" not in documented}
    assert not unused, "no page shows it and README.md does not name it for `show`"


# The house


@each(SOURCE)
def test_module_is_short_or_explained(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    explained = f"`{name_of(path)}`" in (ROOT / "DECISIONS.md").read_text("utf-8")
    assert lines <= 300 or explained, f"{lines} lines: split it by what it knows, or say why in DECISIONS.md"


@each(SOURCE)
def test_module_is_named_after_what_it_knows(path: Path) -> None:
    assert not FORBIDDEN_NAMES & set(path.stem.split("_"))


@each([*SOURCE, *QUERIES])
def test_nothing_is_left_unfinished(path: Path) -> None:
    assert not re.search(r"\b(TODO|FIXME|XXX)\b|\bNotImplementedError\b", path.read_text("utf-8"))


def test_top_level_folders_stand() -> None:
    expected = {
        "benchmarks",
        "dashboard/aws",
        "dashboard/demo",
        "dashboard/domain",
        "dashboard/ui",
        "dashboard/warehouse",
        "deploy",
        "locale/ja",
        "pages/observe",
        "queries/checks",
        "queries/facts",
        "queries/marts",
        "queries/pages",
        "queries/staging",
        "tests/browser",
    }
    assert {folder for folder in expected if not (ROOT / folder).is_dir()} == set()


def test_duckdb_is_never_mocked() -> None:
    mocked = re.compile(r"(MagicMock|mock\.patch|monkeypatch\.setattr)[^\n]*duckdb")
    assert [path for path in (ROOT / "tests").rglob("*.py") if mocked.search(path.read_text("utf-8"))] in (
        [],
        [Path(__file__)],
    )


def test_in_ci_a_skipped_test_fails(tmp_path: Path) -> None:
    (tmp_path / "test_part.py").write_text(
        "import pytest\n\ndef test_it():\n    pytest.skip('no browser here')\n", "utf-8"
    )
    (tmp_path / "test_whole.py").write_text("import pytest\npytest.importorskip('no_such_module')\n", "utf-8")

    arguments = ["-p", "tests.conftest", "--rootdir", str(tmp_path), str(tmp_path)]

    def run(ci: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--continue-on-collection-errors", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "CI": ci},
            capture_output=True,
            text=True,
        ).stdout

    assert "2 skipped" in run("")
    in_ci = run("true")
    assert "no browser here" in in_ci
    assert "1 failed, 1 error" in in_ci


def test_what_starts_something_is_seen(tmp_path: Path) -> None:
    """`make check` leaves it out."""
    (tmp_path / "test_part.py").write_text(
        """
import subprocess
import pytest
from tests.demo_fixture import demo_archive
from tests.operate.glacier_stub import serve
from tests.sync.conftest import endpoint, world, make_world

def helper():
    return [subprocess.run(["true"]) for _number in range(1)]

@pytest.fixture
def helped():
    return helper()

def test_starts_it_itself(): subprocess.run(["true"])
def test_starts_it_by_what_it_calls(): helper()
def test_starts_it_by_a_fixture(helped): ...
def test_starts_a_server(world): ...
def test_starts_the_demo(demo_archive): ...
def test_starts_a_stub_of_its_own():
    with serve(): ...
def test_is_plain(tmp_path, monkeypatch): ...
""",
        "utf-8",
    )
    arguments = ["-p", "tests.conftest", "--rootdir", str(tmp_path), str(tmp_path)]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "starts", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert re.findall(r"::test_(\w+)", run.stdout) == [
        "starts_it_itself",
        "starts_it_by_what_it_calls",
        "starts_it_by_a_fixture",
        "starts_a_server",
        "starts_the_demo",
        "starts_a_stub_of_its_own",
    ], run.stdout + run.stderr
