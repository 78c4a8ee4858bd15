"""Statutory records that a change of lifecycle rules would make slow to read, or delete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from dashboard.domain import prices
from dashboard.domain.lifecycle_effect import Amount, Effect
from dashboard.domain.record_keeping import RecordKeeping


@dataclass(frozen=True)
class Record:
    """Statutory records that become slower to read than the settings allow, or that are deleted (`to_class` '')."""

    device_id: str
    to_class: str
    hours: Decimal
    object_count: int
    size_bytes: int


def records_of(before: Effect, after: Effect, records: RecordKeeping) -> Iterator[Record]:
    """What a change does to statutory records that was not done to them before."""
    for (device, to_class), amount in sorted(after.slowed.items()):
        hours = prices.usual_hours(to_class)
        more = amount.object_count - before.slowed.get((device, to_class), Amount()).object_count
        if more > 0 and records.forbids(device, hours):
            size = amount.size_bytes - before.slowed.get((device, to_class), Amount()).size_bytes
            yield Record(device, to_class, hours, more, size)
    for device, amount in sorted(after.lost.items()):
        former = before.lost.get(device, Amount())
        if amount.object_count > former.object_count and (
            records.devices is None or device in records.devices
        ):
            yield Record(
                device, "", Decimal(0), amount.object_count - former.object_count,
                amount.size_bytes - former.size_bytes,
            )  # fmt: skip
