"""A suggested block loads, its examples hold, and its coverage is what DuckDB counts. Keys are synthetic."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboard.commands import rules as rules_commands
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings, load_settings
from dashboard.warehouse.judge import check_examples
from dashboard.warehouse.suggest import suggest
from tests.inventory_writer import Row
from tests.sync.world import World, goods

HOSTILE = 'scope/"""\n[[device]]\nid = "x"\n#\u202e\x7f.tif'


@pytest.fixture(scope="module")
def archive(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(endpoint, tmp_path_factory.mktemp("suggest"))
    rows = [
        Row(f"scope/or{number % 2 + 1}/s-{number % 3}/2026/10/{number % 28 + 1:02}/or{number % 2 + 1}_{number:06}_"
            f"202610{number % 28 + 1:02}T{number % 24:02}3000.{'tif' if number % 5 else 'png'}")
        for number in range(600)
    ]  # fmt: skip
    wrong = [Row(f"scope/or1/IMG_{number:04}.JPG") for number in range(8)]
    wrong += [
        Row("scope/or1/s-1/2026/02/30/or1_000001_20260230T003000.tif"),
        Row("scope/.DS_Store"),
        Row(HOSTILE),
    ]
    undated = [
        Row(f"tiles/2026/slide_{number:04}.png", last_modified_date=datetime(2026, 3, 5 + number, tzinfo=UTC))
        for number in range(20)
    ]
    volumes = [
        Row(f"眼科/断層計/2026/10/{number % 28 + 1:02}/OCT1_{number:06}.{extension}")
        for number in range(60)
        for extension in ("dcm", "json")
    ]
    world.put([rows, wrong, undated, volumes, goods(200), [Row("loose.jpg")]])
    world.synced()
    return world


def settings_with(archive: World, tmp_path: Path, block: str, *, with_devices: bool) -> Path:
    file = tmp_path / "draft.toml"
    devices = ""
    for device in archive.as_dict()["device"] if with_devices else []:
        lines = [f"{name} = {json.dumps(value)}" for name, value in device.items() if "in_use" not in name]
        devices += "\n".join(["[[device]]", *lines, "in_use_from = 2024-04-01\n"])
    file.write_text(f'[warehouse]\nfolder = "{archive.warehouse}"\n{devices}\n{block}', "utf-8")
    return file


def test_a_suggestion_loads_and_its_examples_hold(archive: World, tmp_path: Path) -> None:
    found = suggest(archive.settings, "scope/")
    file = settings_with(archive, tmp_path, found.toml, with_devices=True)
    settings = load_settings(file)
    check_examples(settings, file)
    device = settings.device[-1]
    assert device.key == (
        "{device}/{unit}/{part1}/{captured:%Y/%m/%d}/{unit}_{seq:6}_{captured:%Y%m%dT%H%M%S}.{ext}"
    )
    assert (device.id, device.units, device.extensions) == ("scope", ("or1", "or2"), ("png", "tif"))
    assert device.parts == {"part1": ("s-0", "s-1", "s-2")}
    assert str(device.in_use_from) == "2026-10-01"
    assert (found.key_count, found.fit_count) == (610, 600)
    assert "fits 98.4 % of 610 keys" in found.toml
    assert (found.misfits[0].form, found.misfits[0].object_count) == ("a/a9/A_9999.A", 8)
    assert len(found.misfits) == 3
    assert set(device.bad) <= {item.sample for item in found.misfits}


def test_a_hostile_key_stays_a_comment(archive: World, tmp_path: Path) -> None:
    found = suggest(archive.settings, "scope/")
    assert len(tomllib.loads(found.toml)["device"]) == 1
    assert HOSTILE in {item.sample for item in found.misfits}


def test_what_is_suggested_is_what_the_next_sync_counts(archive: World, tmp_path: Path) -> None:
    from dashboard.warehouse.impact import impact

    found = suggest(archive.settings, "scope/")
    draft = load_settings(settings_with(archive, tmp_path, found.toml, with_devices=True))
    change = impact(archive.settings, draft)
    assert change.changed_count == found.fit_count
    assert {(item.before, item.after) for item in change.changes if item.before != item.after} == {
        ("bad", "good")
    }


def test_a_known_folder_keeps_its_device_id(archive: World, tmp_path: Path) -> None:
    found = suggest(archive.settings, "ipad/")
    assert found.device["id"] == "ipad"
    assert found.fit_count == found.key_count == 200
    assert found.device["key"].startswith(
        "{device}/{unit}/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%dT%H%M%S}"
    )
    load_settings(settings_with(archive, tmp_path, found.toml, with_devices=False))


def test_where_names_hold_no_date_the_device_came_with_its_first_upload(archive: World) -> None:
    found = suggest(archive.settings, "tiles/2026/")
    assert found.device["in_use_from"] == date(2026, 3, 1)
    assert found.fit_count == found.key_count == 20
    assert "# Its folder is a year: keys of another year need a block of their own." in found.toml


def test_companions_are_no_images_of_the_device_and_a_folder_in_kanji_gives_a_name(archive: World) -> None:
    found = suggest(archive.settings, "眼科/断層計/")
    assert (found.device["extensions"], found.key_count, found.fit_count) == (["dcm"], 60, 60)
    assert (found.device["id"], found.device["name"]) == ("device", "断層計")
    assert '# Suggested from the keys under "眼科/断層計/"' in found.toml
    assert 'add "*.json" to naming.companions' in found.toml
    taken = {**found.device, "id": "device-2", "folder": "other/", "key": "other/{captured:%Y%m%d}.{ext}"}
    others = {"parts": {}, "good": ["other/20261010.dcm"], "bad": ["other/x.dcm"]}
    devices = [{**taken, **others}, {**taken, **others, "id": "device", "folder": "more/"}]
    devices[1] |= {
        "key": "more/{captured:%Y%m%d}.{ext}",
        "good": ["more/20261010.dcm"],
        "bad": ["more/x.dcm"],
    }
    more = Settings.model_validate({**archive.as_dict(), "device": devices})
    assert suggest(more, "眼科/断層計/").device["id"] == "device-3"


@pytest.mark.parametrize("prefix", ["nothing/", "", "loose", "scope/.DS"])
def test_nothing_to_suggest(archive: World, prefix: str) -> None:
    with pytest.raises(DashboardError) as caught:
        suggest(archive.settings, prefix)
    assert caught.value.code is ExitCode.USAGE
    assert caught.value.next_step


def test_a_prefix_is_data(archive: World) -> None:
    with pytest.raises(DashboardError, match="Nothing can be suggested"):
        suggest(archive.settings, "scope/' OR true --")


@pytest.mark.parametrize("prefix", ["scope", "sco", "scope/or1/"])
def test_a_part_of_a_folder_will_do(archive: World, prefix: str) -> None:
    found = suggest(archive.settings, prefix)
    assert found.device["folder"] == ("scope/or1/" if prefix.endswith("/") else "scope/")
    assert found.fit_count > 250


def test_command_line(archive: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_SETTINGS", str(settings_with(archive, tmp_path, "", with_devices=True)))
    result = CliRunner().invoke(rules_commands.app, ["suggest", "scope/", "--format", "json"])
    found: dict[str, Any] = json.loads(result.stdout)
    assert (found["key_count"], found["device"]["folder"]) == (610, "scope/")
    result = CliRunner().invoke(rules_commands.app, ["suggest", "scope/"])
    assert tomllib.loads(result.stdout)["device"][0]["id"] == "scope"
    assert CliRunner().invoke(rules_commands.app, ["suggest", "scope/", "--format", "csv"]).exit_code == 2
