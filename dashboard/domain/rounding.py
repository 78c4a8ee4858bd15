"""Amounts that are rounded for a reader who adds them up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal


def fitted(parts: Sequence[Decimal], whole: Decimal, step: Decimal) -> list[Decimal]:
    """The parts as multiples of a step, each less than a step from what it is, that add up to the whole.

    What rounding down leaves over goes, a step each, to the parts that lost most (the method of the largest remainder).

    Args:
        whole: what the parts add up to, rounded to `step`.
        step: the smallest amount that is shown: a cent, a yen.
    """
    steps = [(part / step).to_integral_value(ROUND_FLOOR) for part in parts]
    missing = int(whole / step - sum(steps))
    places = sorted(range(len(parts)), key=lambda place: steps[place] * step - parts[place])
    for place in places[:missing]:
        steps[place] += 1
    return [count * step for count in steps]


def adding_up(parts: Sequence[Decimal], places: int) -> list[Decimal]:
    """Parts rounded to so many decimals, so that they add up to their own sum as it is rounded."""
    step = Decimal(1).scaleb(-places)
    return fitted(parts, sum(parts, Decimal(0)).quantize(step, ROUND_HALF_UP), step)
