"""Sums over what lifecycle rules do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from dashboard.domain.lifecycle_effect import DAYS_A_MONTH, Amount, Effect
from dashboard.domain.prices import GIB


def moves_of(effect: Effect, month: int) -> dict[str, Decimal]:
    """Objects moved in a month, by class."""
    found: dict[str, Decimal] = {}
    for (number, _from, to_class), amount in effect.moved.items():
        if number == month:
            found[to_class] = found.get(to_class, Decimal(0)) + amount.object_count
    return found


def early_of(effect: Effect, month: int) -> dict[str, Decimal]:
    """GB-months that are billed in a month for leaving a class early, by class."""
    return {
        storage_class: Decimal(byte_days) / GIB / DAYS_A_MONTH
        for (number, storage_class), byte_days in effect.early.items()
        if number == month
    }


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum of amounts."""
    total = Amount()
    for amount in amounts:
        total = total.plus(*amount)
    return total


def moved_by_class(moved: Mapping[tuple[int, str, str], Amount]) -> dict[str, int]:
    """Objects moved in all months, by class."""
    found: dict[str, int] = {}
    for (_month, _from, to_class), amount in moved.items():
        found[to_class] = found.get(to_class, 0) + amount.object_count
    return found


def early_by_class(effect: Effect) -> dict[str, int]:
    """Byte-days that are billed for leaving early in all months, by class."""
    found: dict[str, int] = {}
    for (_month, storage_class), byte_days in effect.early.items():
        found[storage_class] = found.get(storage_class, 0) + byte_days
    return found


def more(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """What is more than before, by class."""
    return {
        name: amount - before.get(name, 0)
        for name, amount in sorted(after.items())
        if amount > before.get(name, 0)
    }
