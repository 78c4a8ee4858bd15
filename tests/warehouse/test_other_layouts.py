"""Layouts quite unlike the embedded archive's: Japanese folders, the unit in the file name alone, months as folders."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.settings import Settings
from tests.inventory_writer import Row
from tests.sync.world import World

FUNDUS: dict[str, Any] = {
    "id": "fundus", "folder": "眼科/眼底カメラ/", "units": ["FC1", "FC10"], "extensions": ["jpg"],
    "key": "眼科/眼底カメラ/{captured:%Y/%m}/{unit}_{captured:%Y%m%d_%H%M%S}_{eye}_{seq:4}.{ext}",
    "parts": {"eye": ["右眼", "左眼"]}, "in_use_from": "2026-09-01",
    "good": ["眼科/眼底カメラ/2026/11/FC1_20261120_101500_右眼_0001.jpg"], "bad": ["眼科/眼底カメラ/x.jpg"],
}  # fmt: skip
SLIT: dict[str, Any] = {
    "id": "slit", "folder": "眼科/スリットランプ/", "units": ["SL1"], "extensions": ["jpg"], "sequence": "per_day",
    "key": "眼科/スリットランプ/令和{nen}年/{captured:%m}月/"
    "{unit}_R{yy}{captured:%m%d}_{captured:%Y%m%dT%H%M%S}_{seq:3}.{ext}",
    "parts": {"nen": "number:8-20", "yy": "number:08-20"}, "in_use_from": "2026-09-01",
    "good": ["眼科/スリットランプ/令和8年/11月/SL1_R081120_20261120T101500_001.jpg"],
    "bad": ["眼科/スリットランプ/x.jpg"],
}  # fmt: skip
SCOPE: dict[str, Any] = {
    "id": "scope", "folder": "scope/", "units": ["a1", "a2"], "extensions": ["tif"],
    "key": "{device}/{site}/{unit}/{captured:%Y%m%d}/{site}_{captured:%Y%m%dT%H%M%S}.{ext}",
    "parts": {"site": ["or1", "or2"]}, "in_use_from": "2026-09-01",
    "good": ["scope/or1/a1/20261120/or1_20261120T101500.tif"], "bad": ["scope/x.tif"],
}  # fmt: skip
OCT: dict[str, Any] = {
    "id": "oct", "folder": "眼科/OCT/", "units": ["OCT1"], "extensions": ["dcm"], "pairs": [["dcm", "json"]],
    "key": "眼科/OCT/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%dT%H%M%S}.{ext}", "in_use_from": "2026-09-01",
    "good": ["眼科/OCT/2026/11/20/OCT1_20261120T101500.dcm"], "bad": ["眼科/OCT/x.dcm"],
}  # fmt: skip
NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)

BAD = {
    # key: (unit, reasons)
    "眼科/眼底カメラ/2026/11/FC1_20261120_101501_右眼_0001.JPG": ("FC1", ["upper_case_extension"]),
    "眼科/眼底カメラ/2026/11/FC10_２０２６１１２０_101500_右眼_0002.jpg": ("FC10", ["full_width"]),
    "眼科/眼底カメラ/2026/11/FC1_20261120_101500_中央_0003.jpg": ("FC1", ["pattern_mismatch"]),
    "眼科/眼底カメラ/2026/11/FC9_20261120_101500_右眼_0004.jpg": ("", ["unknown_unit"]),
    "眼科/眼底カメラ/2026/10/FC1_20261120_101500_右眼_0005.jpg": ("FC1", ["date_mismatch"]),
    "眼科/眼底カメラ/2027/11/FC1_20271105_101500_右眼_0006.jpg": ("FC1", ["date_in_future"]),
    "眼科/眼底カメラ/2000/01/FC1_20000101_101500_右眼_0007.jpg": ("FC1", ["clock_reset", "date_before_device"]),
    "眼科/眼底カメラ/2026/11/山田　花子_8.jpg": (
        "", ["patient_identifier", "full_width", "contains_space", "unknown_unit"],
    ),
    "眼科/スリットランプ/令和8年/11月/R8.11.20_0009.jpg": ("", ["unknown_unit"]),
    "scope/or1/a2/20261120/x.tif": ("a2", ["pattern_mismatch"]),
    "scope/or1/a2/20261120/or2_20261120T101500.tif": ("a2", ["wrong_folder"]),
}  # fmt: skip


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world(
        changes={"device": [FUNDUS, SLIT, SCOPE, OCT], "naming": {"companions": ["*.json"]}},
    )


def row(key: str) -> Row:
    return Row(key, last_modified_date=NOON)


def test_a_bad_name_is_told_by_what_is_wrong_with_it_and_by_its_unit(world: World) -> None:
    world.put([row(key) for key in BAD])
    world.synced()
    found = {
        key: (unit_id, reasons)
        for key, unit_id, reasons in world.rows("SELECT key, unit_id, reasons FROM facts.misnamed")
    }
    assert found == BAD


def test_numbers_of_decomposed_names_are_not_missing(world: World) -> None:
    keys = [
        f"眼科/スリットランプ/令和8年/11月/SL1_R081120_20261120T10150{number}_00{number}.jpg"
        for number in range(1, 6)
    ]
    world.put(
        [row(unicodedata.normalize("NFD", key) if number < 3 else key) for number, key in enumerate(keys)]
    )
    world.synced()
    assert world.rows("SELECT key FROM facts.misnamed WHERE reason = 'nfd_text' AND right(key, 5) = '1.jpg'")
    assert world.rows("SELECT subject, reason FROM alerts.findings WHERE rule_id = 'missing_sequence'") == []


def test_the_number_of_a_bad_name_is_not_missing_wherever_it_stands(make_world: Callable[..., World]) -> None:
    world = make_world(changes={"device": [{**FUNDUS, "sequence": "per_unit"}]})
    stem = "眼科/眼底カメラ/2026/11/FC1_20261120_10150"
    names = ("1_右眼_0001.jpg", "2_左眼_0002.JPG", "3_右眼_0004.jpg", "4_0005_copied.jpg", "5_右眼_0006.jpg")
    world.put([row(f"{stem}{name}") for name in names])
    world.synced()
    gaps = world.rows("SELECT subject, reason FROM alerts.findings WHERE rule_id = 'missing_sequence'")
    assert gaps == [("fundus/FC1/2026-11-20", "1 numbers")], "0003; 0002 and 0005 are there"


def test_an_image_may_want_a_companion_that_is_no_image(world: World) -> None:
    stem = "眼科/OCT/2026/11/20/OCT1_20261120T10150"
    world.put([row(f"{stem}{name}") for name in ("0.dcm", "0.json", "1.dcm", "2.json")])
    world.synced()
    lone = world.rows("SELECT subject FROM alerts.findings WHERE rule_id = 'companion_without_partner'")
    assert lone == [(f"{stem}1.dcm",)]
    assert world.rows("SELECT sum(image_count) FROM marts.units WHERE device_id = 'oct'") == [(2,)]


def test_a_partner_that_is_neither_image_nor_companion_is_refused() -> None:
    with pytest.raises(ValueError, match=r'\*\.json" to naming.companions'):
        Settings.model_validate({"device": [OCT]})
