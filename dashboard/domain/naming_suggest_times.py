"""Capture times in keys that were cut into columns: which places are dates and times of day, and in which format."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

NEARLY_ALL = 0.97
MOST_LISTED = 60
"""A column with no more values is a closed list rather than a number or a time."""

_COUNTED = 8
"""Fewer numbers can be a closed list: magnifications, channels, wells of a row."""

_CALENDAR = re.compile(
    r"(?:平成|令和|[HR])?[0-9]{1,4}年度?(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?|[0-9]{1,2}月(?:[0-9]{1,2}日)?"
)

Column = tuple[str, ...]
"""The values of one place, one for each key."""


def find_times(columns: list[Column]) -> tuple[dict[int, tuple[int, str]], list[date | None]]:
    """Where capture times stand, a whole date first, then what agrees with it.

    Returns:
        for each first column the number of columns and the part as a template writes it, and for each key its day (no
        days at all without a whole date).
    """
    formats: dict[int, tuple[int, str]] = {}
    days: list[date | None] = []

    def values(at: int, length: int) -> list[str]:
        return ["".join(row) for row in zip(*columns[at : at + length], strict=True)]

    def text(at: int) -> str | None:
        column = columns[at] if at < len(columns) else ("", "x")
        return column[0] if len(set(column)) == 1 and not set(column[0]) & set("%{}") else None

    for at in range(len(columns)):
        if any(start <= at < start + length for start, (length, _) in formats.items()):
            continue
        between, after = text(at + 1), text(at + 3)
        candidates = [(1, "%Y%m%d%H%M%S"), (1, "%Y%m%d")]
        if between is not None and after is not None and at + 4 < len(columns):
            candidates += [
                (5, f"%Y{between}%m{after}%d"), (5, f"%d{between}%m{after}%Y"), (5, f"%m{between}%d{after}%Y"),
            ]  # fmt: skip
        for length, format_ in candidates:
            found = [_moment(value, format_) for value in values(at, length)]
            if is_nearly_all([moment is not None for moment in found]):
                days = days or [moment.date() if moment else None for moment in found]
                following = at + length
                joint = text(following)
                if joint in {"T", "-", "_"} and "%H" not in format_ and following + 1 < len(columns):
                    clock = format_ + joint + "%H%M%S"
                    if is_nearly_all([_moment(value, clock) is not None for value in values(at, length + 2)]):
                        length, format_ = length + 2, clock
                formats[at] = (length, f"{{captured:{format_}}}")
                break
    if days:
        _agreeing(columns, days, formats, values, text)
    return formats, days


def _agreeing(
    columns: list[Column],
    days: list[date | None],
    formats: dict[int, tuple[int, str]],
    values: Callable[[int, int], list[str]],
    text: Callable[[int], str | None],
) -> None:
    """Folders of a year or month, and times of day that stand apart from their date."""
    for at in range(len(columns)):
        if any(start <= at < start + length for start, (length, _) in formats.items()):
            continue
        between, after = text(at + 1), text(at + 2)
        candidates = [(3, f"%Y{between}%m")] if between is not None and at + 2 < len(columns) else []
        if between is not None and after is not None and at + 3 < len(columns):
            candidates.insert(0, (4, f"%Y{between}{after}%m"))
        candidates += [(1, "%Y%m"), (1, "%Y")]
        # 2026年/11月, 令和8年/11月: a sign says what the number is.
        candidates += [(1, directive) for sign, directive in (("月", "%m"), ("日", "%d")) if between == sign]
        for length, format_ in candidates:
            free = not any(start in range(at, at + length) for start in formats)
            same = [
                day is not None and value == day.strftime(format_)
                for value, day in zip(values(at, length), days, strict=True)
            ]
            if free and is_nearly_all(same):
                formats[at] = (length, f"{{captured:{format_}}}")
                break
        else:
            times = [_moment(f"20000101{value}", "%Y%m%d%H%M%S") is not None for value in values(at, 1)]
            # Six digits beside a date with its time are no second time: R080904 is a day.
            has_clock = any("%H" in written for _, written in formats.values())
            if is_nearly_all(times) and len(set(columns[at])) > MOST_LISTED and not has_clock:
                formats[at] = (1, "{captured:%H%M%S}")


def is_year(column: Column) -> bool:
    """Whether a place is a year, which is another one next year, however many there are yet."""
    return set(map(len, column)) == {4} and _are_within(_numbers(column), 1990, 2100)


def is_calendar(column: Column) -> bool:
    """Whether a place says a year, a month or a day with Japanese signs: 2026年11月, 令和8年, 11月."""
    return all(map(_CALENDAR.fullmatch, set(column)))


def is_month_or_day(column: Column) -> bool:
    """Whether a place can be a month or a day of one."""
    return set(map(len, column)) == {2} and _are_within(_numbers(column), 1, 31)


def all_months(column: Column) -> tuple[str, ...]:
    """The twelve names of months, long or short, where a place holds such; else none."""
    for names in (calendar.month_name, calendar.month_abbr):
        for spelt in (str.title, str.lower, str.upper):
            months = tuple(spelt(name) for name in names if name)
            if set(column) <= set(months):
                return months
    return ()


def is_counted(columns: Sequence[Column]) -> bool:
    """Whether what varies are numbers that go on: too many close together for a closed list."""
    varying = [_numbers(column) for column in columns if len(set(column)) > 1]
    return all(varying) and any(
        len(found) >= _COUNTED and max(found) - min(found) < 2 * len(found) for found in varying
    )


def _numbers(column: Column) -> set[int]:
    """The values as numbers; none unless all of them are written in plain digits."""
    values = set(column)
    return set(map(int, values)) if all(value.isdecimal() and value.isascii() for value in values) else set()


def _are_within(numbers: set[int], least: int, most: int) -> bool:
    return bool(numbers) and least <= min(numbers) and max(numbers) <= most


def _moment(value: str, format_: str) -> datetime | None:
    width = sum(4 if piece == "%Y" else 2 if piece[0] == "%" else 1 for piece in re.findall("%.|.", format_))
    if len(value) != width:
        return None
    try:
        moment = datetime.strptime(value, format_)
    except ValueError:
        return None
    return moment if 1970 <= moment.year <= 2100 else None


def is_nearly_all(found: list[bool]) -> bool:
    return bool(found) and sum(found) >= NEARLY_ALL * len(found)
