"""Key figures: a value, how it moved, a line of its past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import streamlit as st

from dashboard.ui import sparklines
from dashboard.ui.formats import Measure, amount, change, is_missing, measure_of
from dashboard.ui.text import _

Value = Decimal | float | int | None


@dataclass(frozen=True)
class Card:
    """One key figure.

    Attributes:
        label: translated.
        value, before: now and at the time compared with, in bytes, dollars, objects or parts of one.
        measure: what they are.
        moved: what the change is of, now and before, where it is not of the value itself.
        against: translated; what `before` is ("in 30 days").
        good: whether more is good, bad or neither; colours the change.
        note: translated text in place of the change.
        trend: the value's past, oldest first.
        help: translated; how the figure is made.
        icon: name of a Material symbol.
    """

    label: str
    value: Value
    measure: Measure
    before: Value = None
    against: str = ""
    good: Literal["more", "less", "neither"] = "neither"
    moved: tuple[Value, Value] | None = None
    note: str = ""
    trend: Iterable[Value] = ()
    trend_type: Literal["line", "bar", "area"] = "area"
    help: str = ""
    icon: str = ""

    @classmethod
    def of(cls, label: str, row: Any, column: str, **more: Any) -> Card:
        """The card of a column: its name says the measure, and `<column>_before` holds the value compared with.

        Args:
            row: the one row of a frame.
            more: further attributes.
        """
        return cls(label, row[column], measure_of(column), before=row.get(f"{column}_before"), **more)


_COLORS: dict[str, Literal["normal", "inverse", "off"]] = {
    "more": "normal",
    "less": "inverse",
    "neither": "off",
}


def row(cards: Sequence[Card]) -> None:
    """Draw cards side by side; they reflow to one column on a phone."""
    with st.grid(len(cards), min_column_width=160):
        for card in cards:
            _draw(card)


def _draw(card: Card) -> None:
    now, before = card.moved or (card.value, card.before)
    moved = change(now, before, card.measure)
    past = [value for value in card.trend if value is not None and not is_missing(value)]
    has_line = len(past) > 1
    # A box of its own only where there is more in it than the figure, which can have one itself.
    with st.container(border=True, height="stretch", gap="small") if has_line else nullcontext():
        st.metric(
            card.label,
            _plain(amount(card.value, card.measure)),
            delta=card.note or moved,
            delta_color="off" if card.note else _COLORS[card.good],
            delta_arrow="off" if card.note else "auto",
            delta_description=card.against or None if moved is not None and not card.note else None,
            help=card.help or None,
            icon=f":material/{card.icon}:" if card.icon else None,
            border=not has_line,
            height="content" if has_line else "stretch",
        )
        if has_line:
            least, most = amount(min(past), card.measure), amount(max(past), card.measure)
            said = _plain(_("Lowest {least}, highest {most}").format(least=least, most=most))
            picture = sparklines.picture([float(value) for value in past], card.trend_type)
            st.markdown(f'![{said}]({picture} "{said}")')


def _plain(amount: str) -> str:
    """Dollars that Markdown does not take for a formula."""
    return amount.replace("$", r"\$")
