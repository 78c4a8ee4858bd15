"""Very many findings of one rule and device are one finding: nobody works off a million objects one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tests.inventory_writer import Row
from tests.sync.world import DEVICES, World

DEVICE = DEVICES[0]["id"]
NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)


def rows(folder: str, count: int) -> list[Row]:
    return [
        Row(f"{folder}/scan{number}.jpg", size=1000 + number, last_modified_date=NOON)
        for number in range(count)
    ]


def told(world: World, rule: str) -> list[tuple[object, ...]]:
    return world.rows(
        "SELECT subject, device_id, size_bytes, reason FROM alerts.findings "
        f"WHERE rule_id = '{rule}' ORDER BY subject"
    )


def test_more_findings_than_the_threshold_are_one(make_world: Callable[..., World]) -> None:
    world = make_world(changes={"findings": {"together_above": 5}})
    world.put([*rows("lost", 6), *rows(f"{DEVICE}/junk", 5)])
    world.synced()
    assert told(world, "unknown_device") == [("*", "unattributed", 6000 + 15, "6 together")]
    assert [size for _, _, size, _ in told(world, "unknown_unit")] == [1000 + number for number in range(5)]
    counts = world.rows(
        "SELECT rule_id, finding_count, size_bytes FROM alerts.counts WHERE rule_id LIKE 'unknown_%' ORDER BY ALL"
    )
    assert counts == [("unknown_device", 1, 6015), ("unknown_unit", 5, 5010)]
    stakes = world.rows(
        "SELECT object_count, billed_bytes FROM alerts.stakes WHERE rule_id = 'unknown_device'"
    )
    assert stakes == [(6, 6015)]
    assert world.rows("SELECT count(*) FROM facts.misnamed") == [(11,)], "each image is listed all the same"


def test_as_many_as_the_threshold_stand_one_by_one(make_world: Callable[..., World]) -> None:
    world = make_world(changes={"findings": {"together_above": 6}})
    world.put(rows("lost", 6))
    world.synced()
    assert len(told(world, "unknown_device")) == 6
