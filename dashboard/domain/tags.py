"""Tags of objects as S3 bounds them, and what changing some of them makes of all."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

MOST_TAGS = 10
LONGEST_NAME = 128
LONGEST_VALUE = 256
RESERVED = "aws:"
_SIGNS = frozenset("+-=._:/@")


def fault(name: str, value: str) -> str:
    """Why S3 takes no tag like this: empty_name, long_name, long_value, characters or reserved; '' if it does.

    Lengths count UTF-16 units, as S3 does.
    """
    if not name:
        return "empty_name"
    if _length(name) > LONGEST_NAME:
        return "long_name"
    if _length(value) > LONGEST_VALUE:
        return "long_value"
    if not all(map(_is_allowed, name + value)):
        return "characters"
    return "reserved" if name.casefold().startswith(RESERVED) else ""


def changed(tags: Mapping[str, str], wanted: Mapping[str, str | None]) -> dict[str, str]:
    """All tags after a change of some; None takes one away."""
    merged: dict[str, str | None] = {**tags, **wanted}
    return {name: value for name, value in merged.items() if value is not None}


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _is_allowed(char: str) -> bool:
    # Letters, numbers, spaces and a few signs. Marks that stand for themselves (NFD) are none of them.
    return char in _SIGNS or unicodedata.category(char)[0] in "LNZ"
