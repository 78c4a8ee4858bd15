"""A device whose names do not say the unit has one: everything in its folder is that unit's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.domain.naming import GrammarError, compile_device
from tests.inventory_writer import ALL_COLUMNS, Row
from tests.sync.world import DEVICES, World

BENCH: dict[str, Any] = {
    "id": "bench", "folder": "bench/", "units": ["bench-1"], "extensions": ["tif"], "sequence": "per_day",
    "in_use_from": "2026-01-01", "good": ["bench/20260102_0001.tif"], "bad": ["bench/x.tif"],
}  # fmt: skip
AS_TEMPLATE = {"key": "{device}/{captured:%Y%m%d}_{seq:4}.{ext}"}
AS_EXPRESSION = {
    "pattern": "bench/(?P<captured>[0-9]{8})_(?P<seq>[0-9]{4})[.](?P<ext>[a-z]+)",
    "captured_format": "%Y%m%d",
}


def rows(*numbers: int) -> list[Row]:
    noon = datetime(2026, 11, 20, 3, tzinfo=UTC)
    return [Row(f"bench/20261120_{number:04}.tif", last_modified_date=noon) for number in numbers]


@pytest.mark.parametrize("names", [AS_TEMPLATE, AS_EXPRESSION])
def test_its_images_are_its_only_units(make_world: Callable[..., World], names: dict[str, Any]) -> None:
    world = make_world(changes={"device": [DEVICES[0], {**BENCH, **names}]})
    bad = Row("bench/notes 1.png", last_modified_date=datetime(2026, 11, 20, 3, tzinfo=UTC))
    world.put([*rows(1, 2, 4), bad])
    world.synced()
    found = world.rows(
        "SELECT unit_id, image_count, silent_days, is_silent FROM marts.units WHERE device_id = 'bench'"
    )
    assert found == [("bench-1", 4, 1, False)]
    assert world.rows("SELECT reasons FROM facts.misnamed") == [
        (["contains_space", "extension_not_allowed"],)
    ]
    gaps = world.rows("SELECT subject, reason FROM alerts.findings WHERE rule_id = 'missing_sequence'")
    assert gaps == [("bench/bench-1/2026-11-20", "1 numbers")]


def test_nobody_is_silent_whose_uploads_no_report_dates(make_world: Callable[..., World]) -> None:
    world = make_world(changes={"device": [{**BENCH, **AS_TEMPLATE}]})
    world.put(rows(1), columns=[name for name in ALL_COLUMNS if name != "last_modified_date"])
    world.synced()
    assert world.rows("SELECT image_count, silent_after_days, is_silent FROM marts.units") == [
        (1, None, False)
    ]


def test_an_upload_while_the_report_was_made_is_no_day_ahead(make_world: Callable[..., World]) -> None:
    world = make_world(changes={"device": [{**BENCH, **AS_TEMPLATE}]})
    world.put([Row("bench/20261121_0001.tif", last_modified_date=datetime(2026, 11, 21, 16, tzinfo=UTC))])
    world.synced()
    assert world.rows("SELECT silent_days, is_silent FROM marts.units") == [(0, False)]


def test_several_units_that_no_name_says_are_refused() -> None:
    with pytest.raises(GrammarError, match="one only") as caught:
        compile_device(
            device_id="bench", folder="bench/", template=AS_TEMPLATE["key"], units=("bench-1", "bench-2"),
            extensions=("tif",), in_use_from=datetime(2026, 1, 1, tzinfo=UTC).date(),
        )  # fmt: skip
    assert caught.value.field == "units"
