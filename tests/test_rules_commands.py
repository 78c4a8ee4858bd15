"""`python -m dashboard rules`: exit codes and formats, from the settings alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from dashboard.commands import rules as rules_commands
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import load_settings
from tests.test_settings import DEVICE

GOOD = "ipad/ipad-01/ipad-01_20261005_0001.jpg"


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "dashboard.toml"
    file.write_text(DEVICE, "utf-8")
    monkeypatch.setenv("DASHBOARD_SETTINGS", str(file))
    # Nothing of AWS: `rules` must not ask for it.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(rules_commands.app, list(arguments))


@pytest.mark.parametrize(
    ("key", "exit_code", "verdict", "device_id", "reasons"),
    [
        (GOOD, 0, "good", "ipad", []),
        ("ipad/ipad-01/IMG_0001.jpg", 1, "bad", "ipad", ["camera_default_name"]),
        ("other/x.jpg", 1, "bad", "unattributed", ["unknown_device"]),
        ("ipad/.DS_Store", 3, "out_of_scope", "ipad", ["junk"]),
        ("ipad/", 3, "out_of_scope", "ipad", ["folder_marker"]),
        ("--help", 1, "bad", "unattributed", ["unknown_device"]),
    ],
)
def test_try(key: str, exit_code: int, verdict: str, device_id: str, reasons: list[str]) -> None:
    result = run("try", "--format", "json", "--", key)
    assert result.exit_code == exit_code, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    assert (found["verdict"], found["device_id"], found["reasons"][:1]) == (verdict, device_id, reasons)
    assert found["proposed_key"] is None or isinstance(found["proposed_key"], str)
    assert all(item["is_ok"] for item in found["parts"]) is (verdict != "bad")


def test_try_as_a_table_names_what_is_wrong() -> None:
    result = run("try", GOOD.replace("_20261005", "_20261305"))
    assert result.exit_code == 1
    assert "character 6, '3', does not fit" in result.stdout
    assert "{captured:%Y%m%d}" in result.stdout


def test_hostile_key_cannot_steer_the_terminal() -> None:
    result = run("try", "ipad/\x1b[2J\u202egpj.exe")
    assert result.exit_code == 1
    assert "\x1b[2J" not in result.stdout
    assert "\\u{202e}" in result.stdout


def test_show() -> None:
    result = run("show", "--format", "json")
    assert result.exit_code == 0
    row = json.loads(result.stdout)[0]
    assert row["device_id"] == "ipad"
    assert row["pattern"].startswith("^(ipad/")
    assert len(row["grammar_version"]) == 12


def test_examples_that_duckdb_refuses_stop_every_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = [row for row in DEVICE.splitlines() if not row.startswith("key")]
    pattern = r"pattern = 'ipad/(?P<unit>[^/]+)/x_(?P<seq>\d+)\.(?P<ext>jpg)'"
    (tmp_path / "dashboard.toml").write_text("\n".join([*rows, pattern]), "utf-8")
    result = run("try", GOOD)
    assert isinstance(result.exception, DashboardError)
    assert result.exception.code is ExitCode.SETTINGS
    assert "device.0.good: the good name" in result.exception.cause
    assert "(line " in result.exception.cause
    row = rules_commands.examples_row(load_settings())
    assert row[:2] == ("naming grammar", False)


def test_rules_is_a_command_of_the_dashboard() -> None:
    from dashboard.__main__ import app

    group: Any = typer.main.get_command(app)
    assert {"show", "try"} <= set(group.commands["rules"].commands)
