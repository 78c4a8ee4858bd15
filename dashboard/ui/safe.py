"""Hostile text made harmless: the words of dashboard.safe, and what only charts need of them."""

from __future__ import annotations

from dashboard.safe import WORKBOOK_OPTIONS, spreadsheet_text, visible

__all__ = ["WORKBOOK_OPTIONS", "chart_text", "spreadsheet_text", "visible"]


def chart_text(text: str) -> str:
    """Text for plotly, which reads a few HTML tags in labels."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
