"""SQLite's statements: they share constant parts, and nothing that anybody wrote ever stands in them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "dashboard" / "operate").glob("*.py"))
RUNNERS = {"run", "run_many", "counted", "execute", "executemany"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_constants_of_the_module_stand_in_a_statement(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") in RUNNERS and node.args):
            continue
        if ast.unparse(node.func).startswith("subprocess."):
            continue
        statement = node.args[0]
        parts = statement.values if isinstance(statement, ast.JoinedStr) else [statement]
        for part in parts:
            value = part.value if isinstance(part, ast.FormattedValue) else part
            is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
            name = value.value if isinstance(value, ast.Subscript) else value
            is_constant = isinstance(name, ast.Name) and name.id.strip("_").isupper()
            is_passed_on = isinstance(name, ast.Name) and name.id == "statement"
            assert is_text or is_constant or is_passed_on, f"line {node.lineno}: {ast.unparse(value)}"
