"""Numbers, sizes, money and times as people read them.

English and Japanese write numbers alike, so Python's own formats serve; dates are Babel's, remembered, because a
calendar asks for hundreds of them.
"""

from __future__ import annotations

import functools
import math
import sys
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from babel.dates import format_date, format_datetime

from dashboard.wording import language, n_

Measure = Literal["size", "count", "money", "yen", "share", "days"]

_ENDINGS: dict[str, Measure] = {
    "_bytes": "size",
    "_usd": "money",
    "_jpy": "yen",
    "_share": "share",
    "_days": "days",
}
SIZE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
NOTHING = "–"


def measure_of(column: str) -> Measure:
    """The measure of a column by its name, which says its unit: `size_bytes`, `cost_usd`, `labelled_share`, …"""
    for ending, measure in _ENDINGS.items():
        if column.endswith(ending):
            return measure
    return "count"


def is_missing(value: object) -> bool:
    """Whether a cell holds no value, in any of the ways a frame says so."""
    # Where nobody has imported pandas there is no NA, and most commands do without its weight.
    pandas = sys.modules.get("pandas")
    return value is None or (pandas is not None and value is pandas.NA) or bool(value != value)


@dataclass(frozen=True)
class Unit:
    """One unit for a whole column or axis: shown value = value / divisor, then `name`."""

    name: str
    divisor: float = 1.0


def size_unit(largest: float, typical: float | None = None) -> Unit:
    """The unit in which the largest size has one to four digits before the point.

    Args:
        largest: bytes.
        typical: bytes; when it would vanish beside the largest, one unit smaller is taken.
    """
    power = min(int(math.log(largest, 1024)), len(SIZE_UNITS) - 1) if largest >= 1 else 0
    if typical and power and typical / 1024**power < 0.5:
        power -= 1
    return Unit(SIZE_UNITS[power], float(1024**power))


def _three_digits(value: float) -> str:
    decimals = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
    return f"{value:,.{decimals}f}"


def size(size_bytes: float | None) -> str:
    """Bytes with three significant digits in a binary unit: `8.53 TiB`."""
    if size_bytes is None or is_missing(size_bytes):
        return NOTHING
    unit = size_unit(abs(size_bytes))
    shown = size_bytes / unit.divisor
    if round(abs(shown)) >= 1000 and unit.name != SIZE_UNITS[-1]:
        unit = Unit(SIZE_UNITS[SIZE_UNITS.index(unit.name) + 1], unit.divisor * 1024)
        shown = size_bytes / unit.divisor
    return f"{shown:.0f} B" if unit.name == "B" else f"{_three_digits(shown)} {unit.name}"


def count(value: float | None) -> str:
    """A whole number with separators."""
    if value is None or is_missing(value):
        return NOTHING
    return f"{int(value):,}"


def money(value: Decimal | float | None) -> str:
    """US dollars: two decimals below 1,000, none from there on; what is less than a cent does not look like nothing."""
    if value is None or is_missing(value):
        return NOTHING
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    if 0 < abs(amount) < Decimal("0.005"):
        return f"{'-' if amount < 0 else '<'}$0.01"
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{2 if abs(amount) < 1000 else 0}f}"


def yen(value: Decimal | float | None) -> str:
    """Yen without decimals; in Japanese in units of ten thousand from a million on: `¥12,345`, `¥123.5万`."""
    if value is None or is_missing(value):
        return NOTHING
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    whole, sign = abs(amount).quantize(Decimal(1), ROUND_HALF_UP), "-" if amount <= Decimal("-0.5") else ""
    if whole >= 1_000_000 and language() == "ja":
        return f"{sign}¥{(abs(amount) / 10_000).quantize(Decimal('0.1'), ROUND_HALF_UP):,}万"
    return f"{sign}¥{whole:,}"


def in_currency(value: Decimal | None, currency: str) -> str:
    """An amount in a currency by its code; those other than dollars and yen are named: `EUR 12.50`."""
    if value is None or is_missing(value):
        return NOTHING
    shown = {"USD": money, "JPY": yen}.get(currency)
    return shown(value) if shown else f"{currency} {value:,.2f}"


def share(value: float | None) -> str:
    """A part of one as percent with one decimal."""
    if value is None or is_missing(value):
        return NOTHING
    return f"{value * 100:,.1f}%"


def days(value: float | None) -> str:
    """A number of days."""
    if value is None or is_missing(value):
        return NOTHING
    return n_("{count} day", "{count} days", int(value)).format(count=count(value))


def amount(value: Decimal | float | None, measure: Measure) -> str:
    """A value in the form of its measure."""
    if measure in {"money", "yen"}:
        return money(value) if measure == "money" else yen(value)
    number = None if value is None or is_missing(value) else float(value)
    return {"size": size, "count": count, "share": share, "days": days}[measure](number)


def change(now: Decimal | float | None, before: Decimal | float | None, measure: Measure) -> str | int | None:
    """How much a value moved: percent of what it was, percentage points for shares.

    Returns:
        A signed text, 0 when nothing moved, None when there is nothing to compare with.
    """
    if now is None or before is None or is_missing(now) or is_missing(before):
        return None
    if measure == "share":
        moved, unit = (float(now) - float(before)) * 100, " pt"
    elif not before:
        return None
    else:
        moved, unit = (float(now) / float(before) - 1) * 100, "%"
    if abs(moved) < 0.05:
        return 0
    return f"{moved:+,.1f}{unit}"


def zone_name(moment: datetime) -> str:
    """The zone's short name; bare offsets get a UTC in front."""
    name = moment.tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


def local(moment: datetime, zone: str) -> datetime:
    """A time of UTC (naive or aware) on the archive's clock."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(zoneinfo.ZoneInfo(zone))


def when(moment: datetime | None, zone: str) -> str:
    """A moment on the archive's clock, the zone named."""
    if moment is None or is_missing(moment):
        return NOTHING
    there = local(moment, zone)
    pattern = "y/MM/dd HH:mm" if language() == "ja" else "MMM d, y, h:mm a"
    return f"{format_datetime(there, pattern, locale=language())} {zone_name(there)}"


@functools.lru_cache(maxsize=4096)
def _date(year: int, month: int, day: int, pattern: str, code: str) -> str:
    return str(format_date(date(year, month, day), pattern, locale=code))


def day(value: date | None) -> str:
    """A date."""
    if value is None or is_missing(value):
        return NOTHING
    return _date(
        value.year, value.month, value.day, "y/MM/dd" if language() == "ja" else "MMM d, y", language()
    )


def month(value: date | None) -> str:
    """A month: `Nov 2026`, `26年11月`."""
    if value is None or is_missing(value):
        return NOTHING
    return _date(value.year, value.month, 1, "yy年M月" if language() == "ja" else "MMM y", language())


def whole_month(value: date) -> str:
    """A month in full, for headings: `November 2026`, `2026年11月`."""
    return _date(value.year, value.month, 1, "y年M月" if language() == "ja" else "MMMM y", language())


def month_name(value: date) -> str:
    """A month without its year: `Nov`, `11月`."""
    return _date(2000, value.month, 1, "M月" if language() == "ja" else "MMM", language())


def day_name(value: date) -> str:
    """A day without its year: `Nov 19`, `11/19`."""
    return _date(2000, value.month, value.day, "M/d" if language() == "ja" else "MMM d", language())


def year(value: date) -> str:
    """A year: `2026`, `2026年`."""
    return _date(value.year, 1, 1, "y年" if language() == "ja" else "y", language())


def age(elapsed: timedelta) -> str:
    """How long ago, in one unit."""
    minutes = max(int(elapsed.total_seconds() // 60), 0)
    if minutes < 60:
        return n_("{count} minute ago", "{count} minutes ago", minutes).format(count=minutes)
    hours = minutes // 60
    if hours < 72:
        return n_("{count} hour ago", "{count} hours ago", hours).format(count=hours)
    return n_("{count} day ago", "{count} days ago", hours // 24).format(count=count(hours // 24))
