"""A mined layout and its units, what is a slip in a list, and which files are no images."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_NO_IMAGES = frozenset(
    (
        *("csv", "db", "doc", "docx", "geojson", "ini", "json", "jsonl", "log", "md", "ndpa", "pdf"),
        *("txt", "xls", "xlsx", "xml", "xmp", "yaml", "yml"),
    )
)
"""Extensions of files that lie beside images and say something about them."""


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


def is_slip(count: int, size: int) -> bool:
    """Whether a value is so rare among so many that it is no value of its list."""
    return count < max(2, size / 500)


def frequent(found: Counter[str], size: int) -> tuple[str, ...]:
    """The values that are no slips, each in its most frequent spelling."""
    spelt: dict[str, str] = {}
    for value, count in found.most_common():
        if not is_slip(count, size) or len(found) == 1:
            spelt.setdefault(value.casefold(), value)
    return tuple(sorted(spelt.values())) or (found.most_common(1)[0][0],)


def loose_units(keys: Sequence[str], mined: Mined, device_id: str) -> tuple[str, ...]:
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
    return frequent(found, len(keys))


def _loose(kind: tuple[str, ...] | str | None, option: str) -> str:
    if isinstance(kind, tuple):
        return f"(?:{'|'.join(map(re.escape, kind))})"
    if option.startswith("%") or "%" in option:
        return re.sub("%Y", "[0-9]{4}", re.sub("%[mdHMS]", "[0-9]{2}", re.escape(option).replace(r"\%", "%")))
    return f"[0-9]{{{option}}}" if option else "[^/_]+"


def sort_out(keys: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The keys of images, and the extensions of the others, whatever those are called; all keys if none is left."""
    endings = {key: key.rpartition("/")[2].rpartition(".")[2].lower() for key in keys}
    beside = set(endings.values()) & _NO_IMAGES
    images = [key for key in keys if endings[key] not in beside]
    return (images, tuple(sorted(beside))) if images else (list(keys), ())
