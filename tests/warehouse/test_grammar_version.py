"""The version of the grammar changes when, and only when, a key could get another verdict."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.settings import Settings
from dashboard.warehouse.grammar import explain, grammar_version
from tests.sync.world import DEVICES


def version(*devices: dict[str, Any], **more: Any) -> str:
    return grammar_version(Settings.model_validate({"device": devices or DEVICES, **more}))


def test_it_is_short_and_the_same_each_time() -> None:
    assert version() == version()
    assert len(version()) == 12
    assert set(version()) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "same",
    [
        {"devices": DEVICES[::-1]},
        {"devices": [{**DEVICES[0], "name": "other", "silent_after_days": 9}, DEVICES[1]]},
        {"devices": [{**DEVICES[0], "units": DEVICES[0]["units"][::-1]}, DEVICES[1]]},
        {"devices": [{**DEVICES[0], "bad": ["ipad/other"]}, DEVICES[1]]},
        {"serve": {"port": 9000}},
    ],
)
def test_what_decides_no_verdict_does_not_change_it(same: dict[str, Any]) -> None:
    devices = same.pop("devices", DEVICES)
    assert version(*devices, **same) == version()


@pytest.mark.parametrize(
    "other",
    [
        {"units": ["ipad-01", "ipad-02"]},
        {"extensions": ["heic"]},
        {"in_use_from": "2024-04-02"},
        {"in_use_to": "2030-01-01"},
        {"key": "{device}/{unit}/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%dT%H%M%S}_{seq:04}x.{ext}",
         "good": ["ipad/ipad-01/2026/10/05/ipad-01_20261005T101500_0001x.heic"]},
    ],
)  # fmt: skip
def test_what_decides_a_verdict_changes_it(other: dict[str, Any]) -> None:
    assert version({**DEVICES[0], **other}, DEVICES[1]) != version()


def test_junk_and_the_number_of_devices_change_it() -> None:
    assert version(naming={"junk": ["*.tmp"]}) != version()
    assert version(DEVICES[0]) != version()


def test_order_of_units_with_another_beginning_is_no_change_of_verdict() -> None:
    """u1 before u10 or after: the whole key must fit, so the order of a list decides nothing."""
    one = {**DEVICES[0], "units": ["ipad-01", "ipad-010", "ipad-02"]}
    assert version(one, DEVICES[1]) == version()


def test_an_expression_is_explained_by_what_duckdb_finds() -> None:
    device = {
        **{name: value for name, value in DEVICES[1].items() if name != "key"},
        "pattern": r"xray/(?P<unit>[^/]+)/(?P<captured>\d{8})/[^/]*-(?P<seq>\d{3})\.(?P<ext>dcm)",
        "captured_format": "%Y%m%d",
    }
    settings = Settings.model_validate({"device": [device]})
    good = explain(settings, "xray", "xray/xr-1/20260105/xr-1-20260105-001.dcm")
    assert [item.found for item in good] == ["xr-1", "20260105", "001", "dcm"]
    bad = explain(settings, "xray", "xray/xr-1/2026/x-001.dcm")
    assert bad[0].found == "xray/xr-1/2026"
    assert bad[1].problem == "no name goes on with '/' here"
