"""The icon font that is served has every icon that somebody uses."""

from __future__ import annotations

from dashboard.ui.catalogue import PAGES
from tests.ui import icons


def test_no_icon_is_missing() -> None:
    assert icons.missing() == set(), "run python tests/ui/icons.py --write"


def test_what_is_looked_for_includes_pages_cards_and_streamlits_own() -> None:
    wanted = icons.wanted()
    assert {page.icon for page in PAGES} <= wanted
    assert {"payments", "history", "keyboard_double_arrow_left", "more_vert", "check"} <= wanted


def test_the_font_is_small() -> None:
    assert icons.OURS.stat().st_size < 32_000
