"""Where a key stands in a TOML file: tomllib reads values and forgets their lines, people mend lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\"' -]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*[.=]")


def line_of(text: str, where: Sequence[str | int]) -> int | None:
    """The line, from 1, of a key such as ("device", 1, "key"), or of the innermost table around it that is written.

    Args:
        text: a whole TOML file that can be read.
        where: names of tables and keys; a number after an array of tables is an index from 0.
    """
    found: tuple[int, int] | None = None
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str | int, ...] = ()
    for number, line in _starts(text):
        if match := _HEADER.match(line):
            names = tuple(re.findall(r"[^.\s\"']+", match[2]))
            if match[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
            path: list[str | int] = []
            for depth, name in enumerate(names, start=1):
                path.append(name)
                if names[:depth] in counts:
                    path.append(counts[names[:depth]])
            table = at = tuple(path)
        elif match := _KEY.match(line):
            at = (*table, match[1].strip("\"'"))
        else:
            continue
        # The deepest start of what was asked for is the nearest place; of equals the first.
        if at == tuple(where[: len(at)]) and (found is None or len(at) > found[0]):
            found = (len(at), number)
    return found[1] if found else None


def _starts(text: str) -> list[tuple[int, str]]:
    """The lines on which a header or a key begins: lines that continue a list or a text are none."""
    found = []
    pending = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not pending:
            found.append((number, line))
        pending += line + "\n"
        if _is_whole(pending):
            pending = ""
    return found


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
