"""`plan lifecycle` on an archive that was really synced: sentences, a change, its effect on real rows, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboard.__main__ import app
from dashboard.domain.lifecycle import Configuration, Rule
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate.lifecycle import reckoned
from tests.inventory_writer import Row
from tests.sync.world import REPORT_AT, SOURCE, World, good

RULES = {
    "Rules": [
        {
            "ID": "theirs",
            "Status": "Enabled",
            "Filter": {"Prefix": "xray/"},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
        },
        {
            "ID": "teaching",
            "Status": "Enabled",
            "Filter": {"Tag": {"Key": "purpose", "Value": "teaching"}},
            "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
        },
    ]
}
OLD = REPORT_AT - timedelta(days=200)
SIZE = 1 << 20


def rows() -> list[Row]:
    """Three old images and a young one, one of them small; one has two older versions."""
    made = [good(number, size=SIZE, last_modified_date=OLD, version_id=f"v{number}") for number in range(3)]
    made += [good(3, size=SIZE, last_modified_date=REPORT_AT - timedelta(days=5), version_id="v3")]
    made += [good(4, size=1000, last_modified_date=OLD, version_id="v4")]
    key = made[0].key
    made += [
        Row(key, size=SIZE, version_id="w1", is_latest=False, last_modified_date=OLD - timedelta(days=10)),
        Row(key, size=SIZE, version_id="w0", is_latest=False, last_modified_date=OLD - timedelta(days=20)),
    ]
    return made


@pytest.fixture(scope="module", name="synced")
def _synced(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(
        endpoint,
        tmp_path_factory.mktemp("lifecycle"),
        {"live": {"lifecycle": True, "unfinished_uploads": False}},
    )
    world.s3.create_bucket(Bucket=SOURCE)
    world.put(rows())
    return world


@pytest.fixture(name="run")
def _run(synced: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    synced.s3.put_bucket_lifecycle_configuration(Bucket=SOURCE, LifecycleConfiguration=RULES)
    assert synced.sync().exit_code is ExitCode.OK
    monkeypatch.setattr("dashboard.commands.plan_options.load_settings", lambda: synced.settings)
    monkeypatch.setattr("dashboard.commands.runs.started_settings", lambda: synced.settings)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    runner = CliRunner()

    def run(*words: str, code: int = 0, text: str | None = None) -> Any:
        result = runner.invoke(app, [str(word) for word in words], input=text)
        if isinstance(result.exception, DashboardError):
            assert int(result.exception.code) == code, result.exception
            return result
        assert result.exit_code == code, result.output
        return result

    yield run
    synced.s3.delete_bucket_lifecycle(Bucket=SOURCE)


def test_a_change_and_its_way_back(synced: World, run: Any) -> None:
    said = json.loads(run("plan", "lifecycle", "--format", "json").stdout)
    assert [(row["rule_id"], row["made_here"]) for row in said] == [("theirs", False), ("teaching", False)]
    assert said[0]["rule"] == "keys that begin with xray/: 30 days after upload: move to Standard-IA"
    words = ("plan", "lifecycle", "--move", "90:GLACIER_IR", "--prefix", "ipad/", "--name", "cold")
    printed = run(*words)
    assert "+ archive-dashboard-cold · keys that begin with ipad/" in printed.stderr
    assert "in twelve months: 4 objects move, 0 expire or are deleted" in printed.stderr
    assert "not counted: Rule teaching" in printed.stderr
    plan = json.loads(run(*words, "--format", "json").stdout)
    assert (plan["object_count"], plan["removes"]) == (1, False)
    run("apply", plan["digest"], "--why", "test", "--as", "sato")
    run("worker", "--until-idle")
    [row] = json.loads(run("runs", "show", plan["digest"], "--format", "json").stdout)
    assert (row["bucket"], row["state"], row["code"]) == (SOURCE, "done", "verified")
    answer = synced.s3.get_bucket_lifecycle_configuration(Bucket=SOURCE)
    assert [rule["ID"] for rule in answer["Rules"]] == ["theirs", "teaching", "archive-dashboard-cold"]
    back = json.loads(run("plan", "lifecycle", "--undo", plan["digest"][:12], "--format", "json").stdout)
    run("apply", back["digest"], "--why", "test", "--as", "sato")
    run("worker", "--until-idle")
    answer = synced.s3.get_bucket_lifecycle_configuration(Bucket=SOURCE)
    assert [rule["ID"] for rule in answer["Rules"]] == ["theirs", "teaching"]


def test_what_cannot_be_meant_is_refused(run: Any, tmp_path: Path) -> None:
    run("plan", "lifecycle", "--remove", "theirs", code=ExitCode.PLAN_REFUSED)
    run("plan", "lifecycle", "--remove", "theirs", "--others", "theirs")
    run("plan", "lifecycle", "--disable", "theirs", "--others", "theirs")
    run("plan", "lifecycle", "--remove", "nobody", code=2)
    run("plan", "lifecycle", "--move", "soon", code=2)
    run("plan", "lifecycle", "--move", "9:GLACIER", "--tag", "k", code=2)
    run("plan", "lifecycle", "--bucket", "elsewhere", "--expire-after", "9", code=ExitCode.PLAN_REFUSED)
    run("plan", "lifecycle", "--move", "90:STANDARD", code=ExitCode.PLAN_REFUSED)
    run("plan", "lifecycle", "--rules", "-", text="[]", code=ExitCode.USAGE)
    run("plan", "lifecycle", "--undo", "0" * 64, code=ExitCode.USAGE)
    more = {
        "Rules": [*RULES["Rules"], {"ID": "n", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 90}}]
    }
    plan = json.loads(
        run("plan", "lifecycle", "--rules", "-", "--format", "json", text=json.dumps(more)).stdout
    )
    assert plan["removes"]
    assert plan["params"]["effect"]["deleted_count"] == 5, "whatever their size, in twelve months"
    told = run("plan", "show", plan["digest"]).stderr
    assert "+ n · all objects: 90 days after upload: delete" in told
    assert "StorageClass" not in told
    assert "second person" in run("apply", plan["digest"], "--why", "test", "--as", "sato").stderr
    told = run("apply", plan["digest"], "--why", "read it", "--as", "tanaka").stderr
    assert f"until then: runs cancel {plan['digest'][:12]}" in told
    run("runs", "cancel", plan["digest"])
    run("worker", "--until-idle")
    [listed] = [
        row
        for row in json.loads(run("runs", "list", "--format", "json").stdout)
        if row["digest"] == plan["digest"]
    ]
    assert (listed["state"], listed["done"]) == ("cancelled", 0)


def test_versions_are_held_against_the_day_they_were_replaced(synced: World, run: Any) -> None:
    def gone(days: int, newer: int | None = None) -> tuple[int, int]:
        rule = {
            "ID": "v",
            "Status": "Enabled",
            "Filter": {},
            "NoncurrentVersionExpiration": {
                "NoncurrentDays": days,
                **({"NewerNoncurrentVersions": newer} if newer else {}),
            },
        }
        warehouse = synced.reader()
        found = reckoned(
            synced.settings,
            lambda name, params: warehouse.rows(name, dict(params))[1],
            SOURCE,
            Configuration(),
            Configuration((Rule(rule),)),
        )
        assert found.has_versions
        first = sum(amount.object_count for (month, _c), amount in found.after.deleted.items() if month == 0)
        return first, found.deleted_more.object_count

    # The versions were replaced 210 and 200 days before the report.
    assert gone(90) == (2, 2)
    assert gone(90, newer=1) == (1, 1)
    assert gone(205) == (2, 2)
    assert gone(250) == (0, 2), "due in 41 and 51 days"
    assert gone(600) == (0, 0)
