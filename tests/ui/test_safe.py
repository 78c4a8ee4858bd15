"""Hostile text on screen, in charts and in spreadsheets."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ui.safe import chart_text, spreadsheet_text, visible

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "|cmd",
    "%0a=1",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1+1",
    "  =1+1",
    "\uff0b1",
    "\uff20A1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_nothing_starts_a_formula(text: str) -> None:
    assert spreadsheet_text(text).startswith("'")


@pytest.mark.parametrize("text", ["", "xray/XR-01/2026.jpg", "1=1", "画像", "  plain"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert spreadsheet_text(text) == text


def test_hidden_characters_become_visible() -> None:
    assert visible("a\u202egnp.exe\u200b\x07") == "a\\u202egnp.exe\\u200b\\x07"
    assert visible("画像 01.jpg") == "画像 01.jpg"


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=[])))
def test_no_hidden_character_survives(text: str) -> None:
    shown = visible(text)
    assert not any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for character in shown
    )
    shown.encode("utf-8")


@given(st.text())
def test_no_cell_is_a_formula_whatever_the_text(text: str) -> None:
    cell = spreadsheet_text(text)
    start = unicodedata.normalize("NFKC", cell).lstrip(" ")[:1]
    assert start not in set("=+-@|%\t\r\n") or not start
    assert len(cell) <= 32_767


def test_long_text_is_cut_with_a_mark() -> None:
    assert len(spreadsheet_text("k" * 40_000)) == 32_767
    assert spreadsheet_text("k" * 40_000).endswith("…")


def test_charts_see_no_markup() -> None:
    assert (
        chart_text('<a href="http://evil.example">x</a>&')
        == '&lt;a href="http://evil.example"&gt;x&lt;/a&gt;&amp;'
    )
