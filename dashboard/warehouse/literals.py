"""Texts as SQL literals, for where DuckDB binds no values: macros, views, and what stands in either."""

from __future__ import annotations


def quoted(text: object) -> str:
    """A text, or what reads as one, such as a path, inside quotes."""
    return "'" + str(text).replace("'", "''") + "'"
