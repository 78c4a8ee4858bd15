"""The settings' grammar in Python and the verdict in SQL agree on generated and mutated keys of many templates."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from dashboard.settings import Settings
from dashboard.warehouse.grammar import grammar_version
from tests.inventory_writer import Row
from tests.sync.world import World


def _device(
    name: str, units: list[str], extensions: list[str], key: str, good: str, **more: Any
) -> dict[str, Any]:
    return {
        "id": name, "folder": f"{name}/", "units": units, "extensions": extensions, "key": key,
        "in_use_from": "2024-02-10", "good": [good], "bad": [f"{name}/x"], **more,
    }  # fmt: skip


DEVICES = [
    _device("a", ["u1", "u10", "u-1.5", "x+y"], ["jpg", "jpeg", "tar.gz"],
            "{device}/{unit}/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}",
            "a/u10/2026/01/02/u10_20260102T030405_0001.jpg"),
    _device("b", ["x", "xx", "xxx"], ["dcm"], "b/{unit}/{captured:%Y%m%d}/{unit}-{captured:%Y%m%d}-{seq:3}.{ext}",
            "b/xx/20260102/xx-20260102-001.dcm", in_use_to="2026-06-30"),
    _device("c", ["ア", "装置1"], ["png", "PNG"], "c/{captured:%d-%m-%Y}/{unit} ({seq:02}).{ext}",
            "c/02-01-2026/装置1 (01).PNG"),
    _device("d", ["u"], ["tif"], "d/{unit}/scan{seq:3}.{ext}", "d/u/scan001.tif"),
    _device("e", ["p", "q"], ["jpg"], "e/{captured:%Y-%m}/{captured:%Y年%m月%d日%H時}/{unit}.{ext}",
            "e/2026-01/2026年01月02日03時/p.jpg"),
    _device("f", ["k1", "k2"], ["jpg"], "f/{unit}/{unit}/{unit}_{captured:%Y%m%d}.{ext}", "f/k1/k1/k1_20260102.jpg"),
    _device("g", ["k1", "k2"], ["jpg"],
            "g/{unit}/{captured:%Y}/{captured:%m}/{captured:%d}/{captured:%Y%m%d%H%M}.{ext}",
            "g/k1/2026/01/02/202601020304.jpg"),
    _device("i", ["k1"], ["jpg"], "i/{unit}/{captured:%Y%m%d}/{captured:%H%M%S}.{ext}", "i/k1/20260102/030405.jpg"),
    _device("j", ["k1", "k22"], ["jpg"],
            "j/{site}/{unit}/{captured:%Y%m%d}/{site}_{case:6}_{well}{n}_{captured:%Y%m%dT%H%M%S}.{ext}",
            "j/or1/k22/20260102/or1_004711_B96_20260102T030405.jpg",
            parts={"site": ["or1", "or10", "it's"], "case": "digits", "well": "[A-H]:1", "n": "number:01-96"}),
    _device("k", ["k1"], ["jpg"], "k/{lot}/{unit}_{captured:%Y%m%d}_{side}-{lot}.{ext}",
            "k/a.b-1/k1_20260102_left-a.b-1.jpg",
            parts={"lot": "[a-c.1-]:1-6", "side": ["left", "right"]}),
    _device("h", ["it's", "a.b", "a|b", "a$", "^c"], ["j'g"], "h/{unit}/{captured:%Y.%m.%d}.{ext}",
            "h/it's/2026.01.02.j'g"),
]  # fmt: skip
TOUCHES = "0123456789/_-.TaxAu ()年%'\n"


def generate(chance: random.Random, device: dict[str, Any]) -> str:
    """A key by the device's template, now and then with values that do not agree."""
    key = device["key"].replace("{device}", device["id"])
    unit = chance.choice(device["units"])
    moment = datetime(2024, 1, 1) + timedelta(minutes=chance.randrange(1_500_000))
    values: dict[str, str] = {}

    def declared(name: str) -> str:
        kinds = {"site": device.get("parts", {}).get("site"), "side": ["left", "right"]}
        if name not in values or chance.random() < 0.06:
            values[name] = {
                "case": f"{chance.randrange(1_100_000):06}",
                "well": chance.choice("ABCHI"),
                "n": f"{chance.randrange(1, 99):02}",
                "lot": "".join(chance.choices("abc.1-", k=chance.randint(1, 6))),
            }.get(name) or chance.choice(kinds[name] or [""])
        return values[name]

    def part(match: re.Match[str]) -> str:
        nonlocal unit, moment
        name, _, option = match[1].partition(":")
        if chance.random() < 0.06:
            unit, moment = (
                chance.choice(device["units"]),
                moment + timedelta(days=chance.choice([1, 31, 366])),
            )
        if name == "unit":
            return str(unit)
        if name == "captured":
            text = moment.strftime(option)
            return text.replace("28", "31", 1) if chance.random() < 0.03 else text
        if name in device.get("parts", {}):
            return declared(name)
        return (
            f"{chance.randrange(10 ** int(option)):0{int(option)}}"
            if name == "seq"
            else chance.choice(device["extensions"])
        )

    return re.sub(r"\{([^}]*)\}", part, key)


def mutate(chance: random.Random, key: str) -> str:
    at = chance.randrange(len(key) + 1)
    touch = chance.choice(TOUCHES)
    return chance.choice(
        [
            key[:at] + touch + key[at:],
            key[:at] + key[at + 1 :],
            key[:at] + touch + key[at + 1 :],
            key.upper(),
            key + "\n",
        ]
    )


@pytest.fixture(scope="module")
def judged(
    endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, dict[str, tuple[bool, str, str, str]]]:
    """Every generated key with SQL's verdict, device, unit and captured day."""
    chance = random.Random(57)
    world = World(endpoint, tmp_path_factory.mktemp("grammar"), changes={"device": DEVICES})
    keys = {device["good"][0] for device in DEVICES}
    for device in DEVICES:
        for _ in range(250):
            key = generate(chance, device)
            keys |= {key, mutate(chance, key), mutate(chance, mutate(chance, key))}
    rows = [Row(key) for key in sorted(keys) if key]
    world.put([rows[::2], rows[1::2]])
    world.synced()
    found = {
        key: tuple(values)
        for key, *values in world.rows(
            "SELECT key, is_name_good, device_id, unit_id, captured_day FROM facts.objects"
        )
    }
    assert len(found) == len(rows) > 4_000
    return world.settings, found


@pytest.mark.parametrize("name", [device["id"] for device in DEVICES])
def test_python_and_sql_agree(
    judged: tuple[Settings, dict[str, tuple[bool, str, str, str]]], name: str
) -> None:
    settings, found = judged
    grammar = next(device.grammar for device in settings.device if device.id == name)
    mine = {key: values for key, values in found.items() if key.startswith(f"{name}/")}
    # A capture time after the report is in the future for SQL only.
    wrong = [
        key
        for key, (is_good, *_) in mine.items()
        if is_good != (grammar.matches(key) and not _is_future(values_of(mine, key)))
    ]
    assert not wrong, wrong[:5]
    assert sum(1 for key in mine if grammar.matches(key)) > 50, "too few good names to prove anything"
    assert sum(1 for key in mine if not grammar.matches(key)) > 50


def values_of(found: dict[str, tuple[bool, str, str, str]], key: str) -> str:
    return found[key][3]


def _is_future(day: str) -> bool:
    return day > "20261122"


def test_keys_of_no_device_are_never_good(
    judged: tuple[Settings, dict[str, tuple[bool, str, str, str]]],
) -> None:
    for key, (is_good, device_id, _unit, _day) in judged[1].items():
        folder = key.split("/", 1)[0]
        if folder in {device["id"] for device in DEVICES} and "/" in key:
            assert device_id == folder
        else:
            assert (device_id, is_good) == ("unattributed", False), key


def test_good_names_have_their_unit_and_day(
    judged: tuple[Settings, dict[str, tuple[bool, str, str, str]]],
) -> None:
    settings, found = judged
    grammars = {device.id: device.grammar for device in settings.device}
    for key, (is_good, device_id, unit_id, day) in found.items():
        if not is_good:
            continue
        grammar = grammars[device_id]
        match = re.fullmatch(grammar.pattern, key)
        assert match is not None
        parts = dict(zip(grammar.groups, match.groups(), strict=True))
        assert unit_id == parts[grammar.unit_groups[0]], key
        if grammar.capture_times:
            time = grammar.capture_times[0]
            assert day == datetime.strptime(parts[time.group], time.format).strftime("%Y%m%d"), key


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Tokyo"])
def test_a_sync_goes_well_in_any_zone(make_world: Callable[..., World], zone: str) -> None:
    world = make_world(changes={"archive": {"timezone": zone}, "device": DEVICES})
    world.put([Row(DEVICES[0]["good"][0])])
    world.synced()
    assert world.rows("SELECT timezone, grammar_version FROM meta.snapshot") == [
        (zone, grammar_version(world.settings))
    ]


def test_an_archive_without_devices_is_all_unattributed(make_world: Callable[..., World]) -> None:
    world = make_world(changes={"device": []})
    world.put([Row("a/b.jpg"), Row("ipad/x/"), Row(".DS_Store")])
    world.synced()
    assert world.rows("SELECT DISTINCT device_id, is_name_good FROM facts.objects") == [
        ("unattributed", False)
    ]
    assert world.rows("SELECT key, reason FROM facts.misnamed") == [("a/b.jpg", "unknown_device")]
