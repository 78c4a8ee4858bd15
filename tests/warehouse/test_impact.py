"""What a changed grammar would do to a whole synthetic archive, counted before it is saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboard.commands import rules as rules_commands
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.warehouse.impact import impact
from tests.inventory_writer import Row
from tests.sync.world import DEVICES, World, good, goods

INSIDE = {
    "id": "notes", "folder": "ipad/notes/", "units": ["n"], "extensions": ["txt"],
    "key": "ipad/notes/{unit}.{ext}", "in_use_from": "2024-01-01",
    "good": ["ipad/notes/n.txt"], "bad": ["ipad/notes/x"],
}  # fmt: skip


@pytest.fixture(scope="module")
def archive(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(endpoint, tmp_path_factory.mktemp("impact"))
    bad = [Row(f"ipad/ipad-01/IMG_{number:04}.HEIC", size=7) for number in range(30)]
    other = [Row("ipad/a.tmp"), Row("ipad/notes/n.txt"), Row("elsewhere/x.jpg"), Row("ipad/b.junk")]
    old = [good(500, version_id="old", is_latest=False), good(501, version_id="m", is_delete_marker=True)]
    world.put([goods(60), bad, other, old])
    world.synced()
    return world


def draft(world: World, *devices: dict[str, Any], **more: Any) -> Settings:
    return Settings.model_validate({**world.as_dict(), "device": devices or DEVICES, **more})


def changes(world: World, found: Settings) -> dict[tuple[str, str, str], int]:
    result = impact(world.settings, found)
    assert result.object_count == 60 + 30 + 4
    assert result.changed_count == sum(
        item.object_count for item in result.changes if item.before != item.after
    )
    return {(item.device_id, item.before, item.after): item.object_count for item in result.changes}


def test_the_same_grammar_changes_nothing(archive: World) -> None:
    result = impact(archive.settings, archive.settings)
    assert (result.changed_count, result.changes) == (0, ())
    assert result.version_before == result.version_after


def test_images_of_unknown_size_are_no_empty_files_for_the_draft_either(
    endpoint: str, tmp_path: Path
) -> None:
    world = World(endpoint, tmp_path)
    world.put([good(1, size=None), good(2, size=0), Row("ipad/x.jpg", None)])
    world.synced()
    assert impact(world.settings, world.settings).changes == ()


def test_good_to_bad(archive: World) -> None:
    narrow = {**DEVICES[0], "extensions": ["jpg"], "good": [DEVICES[0]["good"][0].replace("heic", "jpg")]}
    assert changes(archive, draft(archive, narrow, DEVICES[1])) == {("ipad", "good", "bad"): 60}
    later = {**DEVICES[0], "in_use_from": "2026-11-21", "good": [DEVICES[0]["good"][0].replace("1005", "1121")
             .replace("10/05", "11/21")]}  # fmt: skip
    assert changes(archive, draft(archive, later, DEVICES[1])) == {("ipad", "good", "bad"): 60}


def test_bad_to_good_with_samples_and_bytes(archive: World) -> None:
    wide = {**{name: value for name, value in DEVICES[0].items() if name not in {"good", "bad"}},
            "key": "ipad/{unit}/IMG_{seq:4}.{ext}", "extensions": ["HEIC"],
            "good": ["ipad/ipad-01/IMG_0001.HEIC"], "bad": ["ipad/x"]}  # fmt: skip
    result = impact(archive.settings, draft(archive, wide, DEVICES[1]))
    gained = next(item for item in result.changes if item.after == "good")
    assert (gained.device_id, gained.before, gained.object_count, gained.size_bytes) == (
        "ipad",
        "bad",
        30,
        210,
    )
    assert gained.samples == tuple(f"ipad/ipad-01/IMG_{number:04}.HEIC" for number in range(5))
    assert result.version_before != result.version_after


def test_scope_and_device(archive: World) -> None:
    found = changes(archive, draft(archive, naming={"junk": ["*.junk"]}))
    assert found == {("ipad", "out_of_scope", "bad"): 1, ("ipad", "bad", "out_of_scope"): 1}
    found = changes(archive, draft(archive, *DEVICES, INSIDE))
    assert found == {("notes", "bad", "good"): 1}
    gone = impact(archive.settings, draft(archive, DEVICES[1]))
    moved = [item for item in gone.changes if item.before == item.after == "bad"]
    assert [(item.device_before, item.device_id, item.object_count) for item in moved] == [
        ("ipad", "unattributed", 32)
    ]


def test_it_agrees_with_the_sync_of_the_draft(make_world: Any) -> None:
    """What is foretold is what happens."""
    world = make_world()
    rows = [*goods(20), Row("ipad/notes/n.txt"), Row("ipad/IMG_0001.jpg"), Row("ipad/a.tmp")]
    world.put([rows])
    world.synced()
    world.changes["device"] = [{**DEVICES[0], "units": ["ipad-02"], "good": [
        DEVICES[0]["good"][0].replace("ipad-01", "ipad-02")]}, DEVICES[1], INSIDE]  # fmt: skip
    before = dict(world.rows("SELECT key, is_name_good FROM facts.objects"))
    foretold = impact(world.settings, world.settings)
    world.synced()
    after = dict(world.rows("SELECT key, is_name_good FROM facts.objects"))
    assert foretold.changed_count == sum(before[key] != after[key] for key in before) == 21
    assert impact(world.settings, world.settings).changed_count == 0


def test_command_line(archive: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = f'[warehouse]\nfolder = "{archive.warehouse}"\n'
    block = "\n".join(
        [
            "[[device]]",
            *(f"{name} = {json.dumps(value)}" for name, value in DEVICES[0].items() if "_from" not in name),
        ]
    )
    now = tmp_path / "dashboard.toml"
    now.write_text(f"{base}{block}\nin_use_from = 2024-04-01\n", "utf-8")
    later = tmp_path / "draft.toml"
    later.write_text(f"{base}{block}\nin_use_from = 2024-04-01\n\n[naming]\njunk = []\n", "utf-8")
    monkeypatch.setenv("DASHBOARD_SETTINGS", str(now))
    result = CliRunner().invoke(rules_commands.app, ["impact", "--settings", str(later), "--format", "json"])
    found = json.loads(result.stdout)
    assert (found["changed_count"], found["object_count"]) == (1, 94)
    assert found["changes"][0]["samples"] == ["ipad/a.tmp"]
    result = CliRunner().invoke(rules_commands.app, ["impact", "--settings", str(later)])
    assert "1 of 94 objects of snapshot 000001 would get another verdict" in result.stdout
    later.write_text(base + block.replace("{seq:4}", "{seq:5}") + "\nin_use_from = 2024-04-01\n", "utf-8")
    result = CliRunner().invoke(rules_commands.app, ["impact", "--settings", str(later)])
    assert isinstance(result.exception, DashboardError)
    assert result.exception.locator == str(later)


def test_without_a_snapshot(tmp_path: Path) -> None:
    settings = Settings.model_validate({"warehouse": {"folder": str(tmp_path)}, "device": DEVICES})
    with pytest.raises(DashboardError) as caught:
        impact(settings, settings)
    assert caught.value.code is ExitCode.NO_SNAPSHOT
