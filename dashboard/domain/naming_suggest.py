"""A name template from keys that are there: what is a date, a number, a closed list, and what stands for itself.

Keys are cut into pieces (`naming_suggest_tokens`): unique ids, runs of digits, runs of letters and single characters.
Of the most frequent order of those, every place is a column: columns that never change are text, columns that are
valid dates or times nearly always are capture times, and the rest is a list where the values are few, else a number,
letters or free text. Numbers that go on, years and months are no closed list although they are few as yet: tomorrow's
would be wrong. A few wrong keys do not hinder this; they become misfits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from dashboard.domain.naming_suggest_times import (
    MOST_LISTED,
    NEARLY_ALL,
    Column,
    all_months,
    find_times,
    is_calendar,
    is_counted,
    is_month_or_day,
    is_nearly_all,
    is_year,
)
from dashboard.domain.naming_suggest_tokens import cut, kind_of
from dashboard.domain.naming_suggest_units import Mined, frequent

_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,10})$")
_RESET = {date(1970, 1, 1), date(2000, 1, 1), date(2016, 1, 1)}


@dataclass
class _Field:
    """A piece of the template while it is found: its text, and the columns it covers."""

    written: str
    values: Column = ()
    kind: str = "text"
    is_segment: bool = False
    is_file_name: bool = False


@dataclass
class _Miner:
    columns: list[Column]
    folder: str = ""
    fields: list[_Field] = field(default_factory=list)
    days: list[date | None] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.columns[0]) if self.columns else 0


def mine(keys: Sequence[str], folder: str, device_id: str) -> Mined | None:
    """Find a template for keys that begin with a folder; None if they have no extension or no order in common."""
    split = [
        (match.string[len(folder) : match.start()], match[1])
        for match in map(_EXTENSION.search, keys)
        if match
    ]
    if not split:
        return None
    chosen, rows = cut([stem for stem, _ in split])
    miner = _Miner([tuple(column) for column in zip(*rows, strict=True)], folder)
    if not miner.columns or any(column[0] in "{}" for column in miner.columns):
        return None
    _find_fields(miner)
    parts: dict[str, tuple[str, ...] | str] = {}
    units = _name_fields(miner, parts, device_id)
    start = "{device}/" if folder == f"{device_id}/" else folder
    template = start + "".join(item.written for item in miner.fields) + ".{ext}"
    days = sorted(day for day in miner.days if day is not None and day not in _RESET)
    first = days[len(days) // 500] if days else None
    return Mined(template, units, _extensions([split[number][1] for number in chosen]), parts, first)


def _find_fields(miner: _Miner) -> None:
    """Cut the columns into texts, times and what has to be named yet."""
    taken, miner.days = find_times(miner.columns)
    at = 0
    run: list[int] = []
    last_slash = max((at for at, column in enumerate(miner.columns) if column[0] == "/"), default=-1)

    def close() -> None:
        while run and _is_mark(miner.columns[run[0]]):
            miner.fields.append(_Field(miner.columns[run.pop(0)][0]))
        marks = []
        while run and _is_mark(miner.columns[run[-1]]):
            marks.append(_Field(miner.columns[run.pop()][0]))
        if run:
            miner.fields += _open_fields(miner, run, last_slash)
            run.clear()
        miner.fields += reversed(marks)

    while at < len(miner.columns):
        if at in taken:
            close()
            length, written = taken[at]
            miner.fields.append(_Field(written, kind="time"))
            at += length
            continue
        column = miner.columns[at]
        if column[0] in "/_":
            close()
            miner.fields.append(_Field(column[0]))
        else:
            run.append(at)
        at += 1
    close()


def _is_mark(column: Column) -> bool:
    """Whether a place is the same punctuation everywhere, which belongs to what stands around a value."""
    return column[0] in "-. " and len(set(column)) == 1


def _open_fields(miner: _Miner, run: list[int], last_slash: int) -> list[_Field]:
    """What stands between two separators: one list if its values are few, else column by column."""
    whole = _joined(miner, run[0], run[-1])
    is_file_name = run[0] > last_slash
    before = miner.columns[run[0] - 1][0] if run[0] else "/"
    after = miner.columns[run[-1] + 1][0] if run[-1] + 1 < len(miner.columns) else ""
    is_segment = before == "/" and after == "/"
    is_number = len(run) == 1 and kind_of(whole[0]) == "0"
    before_it = [item.values for item in miner.fields if item.kind == "list"]
    if is_segment and (is_year(whole) or (is_month_or_day(whole) and _stands_behind_year(miner))):
        return [_Field("", whole, "number")]
    if is_segment and is_calendar(whole):
        return [_of_calendar(miner.columns[at]) for at in range(run[0], run[-1] + 1)]
    if len(set(whole)) == 1:
        return [_Field(whole[0], whole, "constant", is_segment, is_file_name)]
    columns = miner.columns[run[0] : run[-1] + 1]
    is_unit = is_segment and not any(item.is_segment for item in miner.fields)
    goes_on = any(map(is_year, columns)) or (
        is_counted(columns) and not is_unit and not any(_agree(values, whole) for values in before_it)
    )
    if _is_list(whole) and not goes_on and not (is_number and is_file_name):
        return [_Field("", whole, "list", is_segment, is_file_name)]
    found = []
    at = run[0]
    while at <= run[-1]:
        ends = (
            end
            for end in range(run[-1], at, -1)
            if any(_agree(values, _joined(miner, at, end)) for values in before_it)
        )
        end = next(ends, at)
        column = _joined(miner, at, end)
        if end > at:
            kind = "list"
        elif is_year(column):
            kind = "number"
        elif len(set(column)) == 1:
            kind = "constant"
        elif all_months(column):
            kind = "months"
        else:
            kind = "number" if kind_of(column[0]) == "0" else "list" if _is_list(column) else "letters"
        found.append(_Field(column[0] if kind == "constant" else "", column, kind, False, is_file_name))
        at = end + 1
    return found


def _of_calendar(column: Column) -> _Field:
    """A piece of a year or month in Japanese signs: its numbers are others tomorrow."""
    return (
        _Field("", column, "number") if kind_of(column[0]) == "0" else _Field(column[0], column, "constant")
    )


def _stands_behind_year(miner: _Miner) -> bool:
    before = [item for item in miner.fields if item.kind != "text"]
    return before[-1].kind == "number" if before else is_year((miner.folder.rstrip("/").rpartition("/")[2],))


def _joined(miner: _Miner, first: int, last: int) -> Column:
    """The texts of several columns, both ends included, as one."""
    return tuple("".join(row) for row in zip(*miner.columns[first : last + 1], strict=True))


def _is_list(column: Column) -> bool:
    distinct = len(set(column))
    return distinct <= min(MOST_LISTED, max(2, len(column) // 5))


def _name_fields(miner: _Miner, parts: dict[str, tuple[str, ...] | str], device_id: str) -> tuple[str, ...]:
    """Give every open field its part; returns the units."""
    lists = [item for item in miner.fields if item.kind == "list"]
    unit = next((item for item in lists if item.is_segment), None) or next(iter(lists), None)
    if unit is None:
        # One unit only: a folder that never changes, and comes again in the file name.
        fixed = [item for item in miner.fields if item.kind == "constant"]
        unit = next((item for item in fixed if item.is_segment), None)
    numbers = [item for item in miner.fields if item.kind == "number" and item.is_file_name]
    known: list[tuple[Column, str]] = [(unit.values, "{unit}")] if unit else []
    for item in miner.fields:
        if item.kind in {"text", "time"} or (
            item.kind == "constant" and (unit is None or unit.kind != "constant")
        ):
            continue
        same = next((written for values, written in known if _agree(values, item.values)), None)
        if same:
            item.written = same
        elif item.kind == "list" and (ends := _ends_in_unit(item.values, unit)):
            named = re.fullmatch(rf"{re.escape(device_id)}([-_.])", ends)
            item.written = f"{{device}}{named[1]}{{unit}}" if named else f"{ends}{{unit}}"
        elif item.kind == "constant":
            continue
        elif (
            numbers and item is numbers[-1] and (width := re.fullmatch(r"digits:(\d+)", str(_kind_of(item))))
        ):
            item.written = f"{{seq:{width[1]}}}"
        else:
            name = f"part{len(parts) + 1}"
            parts[name] = _kind_of(item)
            item.written = f"{{{name}}}"
            known.append((item.values, item.written))
    if unit is None:
        return (device_id,)
    return frequent(Counter(unit.values), miner.size)


def _ends_in_unit(values: Column, unit: _Field | None) -> str:
    """The text before the unit, where a field is always that text and the unit."""
    if unit is None or not is_nearly_all(
        [value.endswith(own) for value, own in zip(values, unit.values, strict=True)]
    ):
        return ""
    heads = Counter(value.removesuffix(own) for value, own in zip(values, unit.values, strict=True))
    head, count = heads.most_common(1)[0]
    return head if count >= NEARLY_ALL * len(values) and not set(head) & set("{}") else ""


def _agree(one: Column, two: Column) -> bool:
    return is_nearly_all([left == right for left, right in zip(one, two, strict=True)])


def _kind_of(item: _Field) -> tuple[str, ...] | str:
    widths = sorted(map(len, item.values))
    # A few odd lengths are misfits and no widths.
    low, high = widths[len(widths) // 100], widths[-1 - len(widths) // 100]
    if high > 99:
        low, high = min(low, 99), 99
    shown = f"{low}" if low == high else f"{low}-{high}"
    if item.kind == "months":
        return all_months(item.values)
    if item.kind == "list":
        found = frequent(Counter(item.values), len(item.values))
        if not any(set(value) & set("/{}\x00") for value in found):
            return found
    if item.kind == "number":
        return f"digits:{shown}"
    return (
        f"letters:{shown}"
        if all(re.fullmatch("[A-Za-z]+", value) for value in item.values)
        else f"text:{shown}"
    )


def _extensions(found: list[str]) -> tuple[str, ...]:
    counts = Counter(found)
    spelt: dict[str, str] = {}
    for value, count in counts.most_common():
        if count >= len(found) / 200:
            spelt.setdefault(value.casefold(), value)
    return tuple(sorted(spelt.values()))
