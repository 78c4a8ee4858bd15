"""Hostile text made harmless: what an object key may hold and what a screen, a page and a spreadsheet make of it."""

from __future__ import annotations

import functools
import re
import unicodedata

_HIDDEN_CATEGORIES = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Cn"}
_FORMULA_STARTS = frozenset("=+-@|%\t\r\n")
_PLAIN = re.compile(r"[\x20-\x7e]*")
_LONGEST_CELL = 32_767

WORKBOOK_OPTIONS = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
"""Options of every workbook: text stays text."""


def _escape(character: str) -> str:
    code = ord(character)
    if unicodedata.category(character) in _HIDDEN_CATEGORIES or character == "\u3164":
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character


@functools.lru_cache(maxsize=4096)
def visible(text: str) -> str:
    """Text with every control, bidirectional, zero-width and private-use character written as an escape.

    A name that reads differently from what it is cannot hide: `\\u202e` and its kin turn text around.
    """
    return text if _PLAIN.fullmatch(text) else "".join(map(_escape, text))


def spreadsheet_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula.

    Full-width signs count: Excel in Japanese turns `＝` into `=`. A longer text than a cell holds is cut, with a mark.
    """
    shown = visible(text)
    start = unicodedata.normalize("NFKC", text).lstrip(" ")[:1]
    if start and start in _FORMULA_STARTS:
        shown = f"'{shown}"
    return shown if len(shown) <= _LONGEST_CELL else f"{shown[: _LONGEST_CELL - 1]}…"
