"""The lists of objects behind the figures of Tiers: their codes in the address, and what they are called."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.ui import labels
from dashboard.ui.text import _

FIGURES = "none"
"""No list."""


def codes(moves: pd.DataFrame) -> list[str]:
    """Every list that can be asked for; of moves to a class those that there are.

    Args:
        moves: rows of `tiers.moves`.
    """
    to_class = dict.fromkeys(of_move(row) for row in moves.to_dict("records"))
    return [FIGURES, "all", *labels.AGE_BANDS, *labels.ACCESS_TIERS, *labels.DUE_BANDS, *to_class]


def of_move(row: dict[str, Any]) -> str:
    """The list of what a row of `tiers.moves` counts, in its class."""
    return f"{row['due_band']}.{row['to_class']}"


def title(code: str) -> str:
    """What a list is called."""
    names = {FIGURES: _("None: figures"), "all": _("Everything the filters let through")}
    lists = {"age_band": labels.AGE_BANDS, "access_tier": labels.ACCESS_TIERS, "due_band": labels.DUE_BANDS}
    band, _point, to_class = code.partition(".")
    found = names.get(band) or next(labels.name(column, band) for column in lists if band in lists[column])
    return f"{found} → {labels.name('to_class', to_class)}" if to_class else found
