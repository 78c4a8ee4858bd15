"""A name template from keys that are there: what is a date, a number, a closed list, and what stands for itself.

Keys are cut into runs of digits, runs of letters and single characters. Of the most frequent order of those, every
place is a column: columns that never change are text, columns that are valid dates or times nearly always are capture
times, and the rest is a list where the values are few, else a number, letters or free text. A few wrong keys do not
hinder this; they become misfits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from dashboard.domain.naming_suggest_times import MOST_LISTED, NEARLY_ALL, Column, find_times, is_nearly_all

_TOKEN = re.compile(r"[0-9]+|[A-Za-z]+|.", re.DOTALL)
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,10})$")
_RESET = {date(1970, 1, 1), date(2000, 1, 1), date(2016, 1, 1)}
_TEXT = re.compile(r"[A-Za-z0-9._-]+")


@dataclass
class Mined:
    """A template and what belongs to it.

    Attributes:
        parts: closed lists and kinds of the parts that are not built in.
        first_day: the earliest capture date that is not a camera's reset clock, None without dates.
    """

    template: str
    units: tuple[str, ...]
    extensions: tuple[str, ...]
    parts: dict[str, tuple[str, ...] | str]
    first_day: date | None


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
    shapes: dict[tuple[str, ...], list[int]] = {}
    rows = [_TOKEN.findall(stem) for stem, _ in split]
    for number, row in enumerate(rows):
        shapes.setdefault(tuple(map(_kind, row)), []).append(number)
    chosen = max(shapes.values(), key=len)
    miner = _Miner([tuple(column) for column in zip(*(rows[number] for number in chosen), strict=True)])
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


def loose_units(keys: Sequence[str], mined: Mined, folder: str, device_id: str) -> tuple[str, ...]:
    """Units of keys that would fit if only their unit were listed, in the order of how many keys they have."""
    if mined.template.count("{unit}") == 0:
        return ()
    pattern, seen = "", False
    kinds = {**mined.parts, "ext": mined.extensions}
    for text in re.split(r"(\{[^{}]*\})", mined.template):
        if text == "{unit}":
            pattern += "(?P=unit)" if seen else "(?P<unit>[^/_]{1,40})"
            seen = True
        elif text.startswith("{"):
            name, _, option = text.strip("{}").partition(":")
            pattern += re.escape(device_id) if name == "device" else _loose(kinds.get(name), option)
        else:
            pattern += re.escape(text)
    found = Counter(match["unit"] for match in map(re.compile(pattern).fullmatch, keys) if match)
    return _frequent(found, len(keys))


def _loose(kind: tuple[str, ...] | str | None, option: str) -> str:
    if isinstance(kind, tuple):
        return f"(?:{'|'.join(map(re.escape, kind))})"
    if option.startswith("%") or "%" in option:
        return re.sub("%Y", "[0-9]{4}", re.sub("%[mdHMS]", "[0-9]{2}", re.escape(option).replace(r"\%", "%")))
    return f"[0-9]{{{option}}}" if option else "[^/_]+"


def _kind(token: str) -> str:
    return "0" if token[0] in "0123456789" else "a" if token[0].isascii() and token.isalpha() else token


def _find_fields(miner: _Miner) -> None:
    """Cut the columns into texts, times and what has to be named yet."""
    taken, miner.days = find_times(miner.columns)
    at = 0
    run: list[int] = []
    last_slash = max((at for at, column in enumerate(miner.columns) if column[0] == "/"), default=-1)

    def close() -> None:
        if run:
            miner.fields += _open_fields(miner, run, last_slash)
            run.clear()

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


def _open_fields(miner: _Miner, run: list[int], last_slash: int) -> list[_Field]:
    """What stands between two separators: one list if its values are few, else column by column."""
    whole = _joined(miner, run[0], run[-1])
    is_file_name = run[0] > last_slash
    before = miner.columns[run[0] - 1][0] if run[0] else "/"
    after = miner.columns[run[-1] + 1][0] if run[-1] + 1 < len(miner.columns) else ""
    is_segment = before == "/" and after == "/"
    is_number = len(run) == 1 and _kind(whole[0]) == "0"
    if len(set(whole)) == 1:
        return [_Field(whole[0], whole, "constant", is_segment, is_file_name)]
    if _is_list(whole) and not (is_number and is_file_name):
        return [_Field("", whole, "list", is_segment, is_file_name)]
    found = []
    before_it = [item.values for item in miner.fields if item.kind == "list"]
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
        elif len(set(column)) == 1:
            kind = "constant"
        else:
            kind = "number" if _kind(column[0]) == "0" else "list" if _is_list(column) else "letters"
        found.append(_Field(column[0] if kind == "constant" else "", column, kind, False, is_file_name))
        at = end + 1
    return found


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
    return _frequent(Counter(unit.values), miner.size)


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
    if item.kind == "list":
        found = _frequent(Counter(item.values), len(item.values))
        if not any(set(value) & set("/{}\x00") for value in found):
            return found
    if item.kind == "number":
        return f"digits:{shown}"
    return (
        f"letters:{shown}"
        if all(re.fullmatch("[A-Za-z]+", value) for value in item.values)
        else f"text:{shown}"
    )


def _frequent(found: Counter[str], size: int) -> tuple[str, ...]:
    """The values that are no slips, each in its most frequent spelling."""
    spelt: dict[str, str] = {}
    for value, count in found.most_common():
        if count >= max(2, size / 500) or len(found) == 1:
            spelt.setdefault(value.casefold(), value)
    return tuple(sorted(spelt.values())) or (found.most_common(1)[0][0],)


def _extensions(found: list[str]) -> tuple[str, ...]:
    counts = Counter(found)
    spelt: dict[str, str] = {}
    for value, count in counts.most_common():
        if count >= len(found) / 200:
            spelt.setdefault(value.casefold(), value)
    return tuple(sorted(spelt.values()))
