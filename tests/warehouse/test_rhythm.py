"""A unit is silent by its own rhythm, in working days of the archive's country."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.inventory_writer import Row
from tests.sync.world import DEVICES, World

UNIT = "ipad-01"


def uploads(last: date, count: int, *, every: int = 1) -> list[Row]:
    """An upload at noon in Tokyo on each of `count` working days (or each `every`th) up to the last."""
    rows: list[Row] = []
    day, working = last, 0
    while len(rows) < count:
        if day.weekday() < 5:
            if working % every == 0:
                key = f"ipad/{UNIT}/{day:%Y/%m/%d}/{UNIT}_{day:%Y%m%d}T115900_0001.heic"
                rows.append(
                    Row(key, last_modified_date=datetime(day.year, day.month, day.day, 3, tzinfo=UTC))
                )
            working += 1
        day -= timedelta(days=1)
    return rows


@pytest.mark.parametrize(
    ("last", "every", "silent_days", "allowed", "is_silent"),
    [
        (date(2026, 11, 19), 1, 2, 6, False),  # a Thursday; only Friday was missed, and the 23rd is a holiday
        (date(2026, 11, 18), 1, 3, 3, True),
        (
            date(2026, 11, 16),
            5,
            5,
            9,
            False,
        ),  # a weekly unit may miss four days, the report's own not counted
        (date(2026, 11, 10), 5, 11, 8, True),
    ],
)
def test_longer_than_nearly_every_pause_before(
    make_world: Callable[..., World], last: date, every: int, silent_days: int, allowed: int, is_silent: bool
) -> None:
    world = make_world()
    world.put(uploads(last, 30, every=every))
    world.synced()
    found = world.rows(
        f"SELECT silent_days, silent_after_days, is_silent FROM marts.units WHERE unit_id = '{UNIT}'"
    )
    assert found == [(silent_days, allowed, is_silent)]
    listed = world.rows(
        f"SELECT 1 FROM alerts.findings WHERE rule_id = 'silent_device' AND subject = 'ipad/{UNIT}'"
    )
    assert len(listed) == is_silent


@pytest.mark.parametrize(("country", "is_silent"), [("JP", False), ("", True)])
def test_nobody_works_in_golden_week(make_world: Callable[..., World], country: str, is_silent: bool) -> None:
    world = make_world(changes={"archive": {"holidays": country}})
    moment = datetime(2026, 5, 7, 1, tzinfo=UTC)
    world.put(uploads(date(2026, 5, 1), 30), at=moment)
    world.synced(now=moment + timedelta(hours=5))
    assert world.rows(f"SELECT is_silent FROM marts.units WHERE unit_id = '{UNIT}'") == [(is_silent,)]


def test_a_fixed_number_of_days_replaces_the_rhythm(make_world: Callable[..., World]) -> None:
    world = make_world(changes={"device": [{**DEVICES[0], "silent_after_days": 20}]})
    world.put(uploads(date(2026, 11, 10), 30))
    world.synced()
    found = world.rows(f"SELECT silent_after_days, is_silent FROM marts.units WHERE unit_id = '{UNIT}'")
    assert found == [(20, False)]
