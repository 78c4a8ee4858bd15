"""What the coming months will cost: each series of the bill goes on by its own growth, with a band from its own past.

A series is what one storage class, or one kind of cost, was billed in each full month. Its straight line through the
last months goes on, never below nothing; the sum over the series is the forecast. How wrong that would have been at
every earlier month, so many months ahead, is the band. Amounts are Decimal and in dollars.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

FIT_MONTHS = 6
"""Months a line is laid through: long enough for noise, short enough for a change of habits."""
LEAST_MONTHS = 3
BAND_SHARE = Decimal("0.8")
"""Share of the past errors that the band holds."""

Series = Mapping[str, Sequence[Decimal]]
"""Name -> amount of each month, oldest first; all of one length."""


@dataclass(frozen=True)
class Ahead:
    """One month to come.

    Attributes:
        steps: months after the last full one, from 1.
        usd: the forecast.
        low_usd, high_usd: its band; None where the past is too short to say.
        error_share: mean error of past forecasts so many months ahead, as a part of the bill; None likewise.
    """

    steps: int
    usd: Decimal
    low_usd: Decimal | None
    high_usd: Decimal | None
    error_share: Decimal | None


def line_ahead(past: Sequence[Decimal], steps: int) -> Decimal:
    """The straight line of least squares through the last months, `steps` months on; never below nothing."""
    values = past[-FIT_MONTHS:]
    count = len(values)
    mean_x, mean_y = Decimal(count - 1) / 2, sum(values, Decimal(0)) / count
    spread = sum(((x - mean_x) ** 2 for x in range(count)), Decimal(0))
    slope = Decimal(0)
    if spread:
        slope = sum(((x - mean_x) * (y - mean_y) for x, y in enumerate(values)), Decimal(0)) / spread
    return max(Decimal(0), mean_y + slope * (count - 1 + steps - mean_x))


def total_ahead(series: Series, steps: int) -> Decimal:
    """The sum of every series, `steps` months after the last."""
    return sum((line_ahead(past, steps) for past in series.values()), Decimal(0))


def back_test(series: Series, steps: int) -> list[tuple[Decimal, Decimal]]:
    """Forecast and truth for every past month that could have been forecast `steps` months ahead."""
    length = len(next(iter(series.values()), ()))
    found = []
    for known in range(LEAST_MONTHS, length - steps + 1):
        cut = {name: past[:known] for name, past in series.items()}
        truth = sum((past[known + steps - 1] for past in series.values()), Decimal(0))
        found.append((total_ahead(cut, steps), truth))
    return found


def forecast(series: Series, months: int) -> list[Ahead]:
    """The next months; empty where fewer than three full months are known."""
    return list(_forecast(tuple((name, tuple(past)) for name, past in series.items()), months))


@functools.lru_cache(maxsize=64)
def _forecast(given: tuple[tuple[str, tuple[Decimal, ...]], ...], months: int) -> tuple[Ahead, ...]:
    """Kept, because one bill is asked about again and again: by each budget, and by whoever looks at it."""
    series = dict(given)
    if len(next(iter(series.values()), ())) < LEAST_MONTHS:
        return ()
    found: list[Ahead] = []
    width, error = None, None
    for steps in range(1, months + 1):
        tests = back_test(series, steps)
        usd = total_ahead(series, steps)
        if len(tests) >= LEAST_MONTHS:
            misses = sorted(abs(said - truth) / truth for said, truth in tests if truth > 0)
            if misses:
                # Farther ahead is never surer: where the past is too short, the last known width goes on.
                width = max(width or Decimal(0), _quantile(misses))
                error = sum(misses, Decimal(0)) / len(misses)
        else:
            error = None
        low = None if width is None else max(Decimal(0), usd * (1 - width))
        high = None if width is None else usd * (1 + width)
        found.append(Ahead(steps, usd, low, high, error))
    return tuple(found)


def _quantile(rising: Sequence[Decimal]) -> Decimal:
    place = int((BAND_SHARE * len(rising)).to_integral_value(rounding="ROUND_CEILING")) - 1
    return rising[max(0, min(place, len(rising) - 1))]
