"""Ten objects, from the inventory report to their price a month, added up by hand to the last digit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal

import pytest

from dashboard.domain.record_keeping import RecordKeeping
from dashboard.domain.savings_reckoning import propose
from dashboard.settings.price_files import shipped_book
from tests.inventory_writer import Row
from tests.sync.world import World

KIB, GIB = 1 << 10, 1 << 30
NOVEMBER_IN_TOKYO = datetime(2026, 10, 31, 15, 30, tzinfo=UTC)
"""00:30 on the 1st of November in Tokyo, and still October on the bill."""
VIRGINIA = (
    "0.023",  # 1 GiB
    "0.000002193450927734375",  # 100 KiB x 0.023: Standard has no smallest size
    "0.00000152587890625",  # 10 KiB are billed as 128 KiB, x 0.0125
    "0.0125",  # 1 GiB
    "0.01",  # 1 GiB
    "0.008",  # 2 GiB x 0.004
    "0.00360028533935546875",  # 1 GiB + 32 KiB, x 0.0036, and 8 KiB x 0.023
    "0.000000319671630859375",  # 10 KiB + 32 KiB, x 0.0036, and 8 KiB x 0.023
    "0.0039602056884765625",  # 4 GiB + 32 KiB, x 0.00099, and 8 KiB x 0.023
    "0.023",  # 1 GiB
)
TOKYO = (
    *("0.025", "0.000002384185791015625", "0.0000016845703125", "0.0138", "0.011", "0.01"),
    *("0.00450032806396484375", "0.000000370979309082031250", "0.00800025177001953125", "0.025"),
)


def key(number: int) -> str:
    return f"ipad/ipad-01/2026/10/05/ipad-01_20261005T101500_{number:04}.heic"


def objects() -> list[Row]:
    return [
        Row(key(1), GIB, "STANDARD"),
        Row(key(2), 100 * KIB, "STANDARD"),
        Row(key(3), 10 * KIB, "STANDARD_IA", NOVEMBER_IN_TOKYO),
        Row(key(4), GIB, "STANDARD_IA"),
        Row(key(5), GIB, "ONEZONE_IA"),
        Row(key(6), 2 * GIB, "GLACIER_IR"),
        Row(key(7), GIB, "GLACIER"),
        Row(key(8), 10 * KIB, "GLACIER"),
        Row(key(9), 4 * GIB, "DEEP_ARCHIVE"),
        Row(key(10), GIB, "INTELLIGENT_TIERING", intelligent_tiering_access_tier="FREQUENT"),
    ]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC"])
def test_ten_objects_cost_what_they_cost_by_hand(world: World, zone: str) -> None:
    world.changes["archive"] = {"name": "Ten", "timezone": zone}
    world.put(objects())
    world.synced()
    names = ("storage_class", "access_tier", "object_count", "billed_bytes")
    stored = [
        dict(zip(names, row, strict=True))
        for row in world.rows(f"SELECT {', '.join(names)} FROM marts.stored_classes")
    ]
    assert sum(row["object_count"] for row in stored) == 10
    book = shipped_book()
    for region, by_hand in (("us-east-1", VIRGINIA), ("ap-northeast-1", TOKYO)):
        found = propose([], [], stored, book, region, RecordKeeping(devices=()))
        month = [book.month_usd(region, *row.values()) for row in stored]
        assert sum(item for item in month if item is not None) == sum(map(Decimal, by_hand))
        assert found.unpriced_bytes == 0
        assert found.stored_usd == sum(map(Decimal, by_hand), Decimal(0)).quantize(
            Decimal("1E-10"), ROUND_FLOOR
        )

    # The archive's own clock says on which day an object came, and how long it has been there does not depend on it.
    [came] = world.rows("SELECT uploaded_on FROM marts.uploads WHERE uploaded_on < '2026-11-20'")
    assert came == (date(2026, 11, 1) if zone == "Asia/Tokyo" else date(2026, 10, 31),)
    columns, rows = world.reader().rows("savings.lots")
    lots = [dict(zip(columns, row, strict=True)) for row in rows]
    [small] = [lot for lot in lots if lot["proposal_id"] == "small_in_infrequent"]
    assert (small["billed_bytes"], small["days_left"]) == (128 * KIB, 9), (
        "21 of 30 days, counted in UTC as bills are"
    )
    early = book.early_deletion_usd("us-east-1", "STANDARD_IA", small["byte_days"])
    assert early == Decimal("0.00000152587890625") * 9 / 30
