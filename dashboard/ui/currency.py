"""Dollars or yen, tax in or out: what a reader of the bill chose, and what happens where a rate is missing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import pandas as pd
import streamlit as st

from dashboard.ui import formats, links, source
from dashboard.ui.cost_labels import COST_CATEGORIES
from dashboard.ui.safe import visible
from dashboard.ui.text import N_, _

CURRENCIES: dict[str, str] = {"USD": N_("Dollars"), "JPY": N_("Yen")}
TAXES: dict[str, str] = {"included": N_("With tax"), "excluded": N_("Without tax")}


@dataclass(frozen=True)
class Shown:
    """How amounts are shown.

    Attributes:
        currency: USD or JPY.
        has_tax: whether tax is in the amounts.
    """

    currency: Literal["USD", "JPY"]
    has_tax: bool

    @property
    def codes(self) -> dict[str, str]:
        """What a link to the Costs page says, so that amounts there are as they are here."""
        money, tax = source.settings().money, "included" if self.has_tax else "excluded"
        return {
            "currency": "" if self.currency == money.currency else self.currency,
            "tax": "" if tax == money.tax else tax,
        }

    def categories(self, chosen: list[str] | None) -> list[str] | None:
        """The kinds of cost to ask for: the chosen ones, or all, without tax if it is out."""
        if self.has_tax:
            return chosen
        return [code for code in chosen or COST_CATEGORIES if code != "tax"]

    def column(self, frame: pd.DataFrame | pd.Series, name: str) -> str:
        """`<name>_jpy` if yen are chosen and none of the amounts lacks its rate, else `<name>_usd`.

        Args:
            frame: rows, or one row; of one row the amount compared with (`…_before`) counts too.
        """
        if self.currency == "USD":
            return f"{name}_usd"
        yen = f"{name}_jpy"
        if isinstance(frame, pd.Series):
            values = [frame[yen], frame.get(f"{yen}_before", Decimal(0))]
            dollars = [frame[f"{name}_usd"], frame.get(f"{name}_usd_before", Decimal(0))]
        else:
            values, dollars = frame[yen].tolist(), frame[f"{name}_usd"].tolist()
        pairs = zip(values, dollars, strict=True)
        lacks = any(formats.is_missing(value) and not formats.is_missing(usd) for value, usd in pairs)
        return f"{name}_usd" if lacks else yen

    def is_fallen_back(self, column: str) -> bool:
        """Whether dollars are shown although yen were chosen."""
        return self.currency == "JPY" and column.endswith("_usd")

    def note_rate(self, row: Any, month: str) -> None:
        """Which rate the newest month's yen follow from, or that there is none.

        Args:
            row: jpy_per_usd, rate_source, rate_dated_on.
        """
        if self.currency == "USD":
            return
        if formats.is_missing(row.jpy_per_usd):
            said = _(
                "There is no exchange rate for {month}: it is shown in dollars. Enter it in the settings (money.rate)."
            )
            st.caption(said.format(month=month))
            return
        said = _("{rate} yen per dollar in {month} ({source}, {day})")
        rate = f"{Decimal(str(row.jpy_per_usd)).normalize():f}"
        place = visible(str(row.rate_source)).replace("$", r"\$")
        st.caption(said.format(rate=rate, month=month, source=place, day=formats.day(row.rate_dated_on)))

    def note_missing(self, column: str) -> None:
        """Say under a chart or table that a rate is missing for it."""
        if self.is_fallen_back(column):
            st.caption(_("Shown in dollars: a month in it has no exchange rate"))


def choose() -> Shown:
    """Two switches, kept in the address; the settings say how they stand at first."""
    money = source.settings().money
    currency = _switch("currency", CURRENCIES, money.currency, _("Currency"))
    tax = _switch("tax", TAXES, money.tax, _("Tax"))
    return Shown("JPY" if currency == "JPY" else "USD", tax == "included")


def chosen() -> Shown:
    """What was last chosen where there are switches, else what the settings say."""
    money, state = source.settings().money, st.session_state
    currency = state.get(links.state_key("currency")) or money.currency
    tax = state.get(links.state_key("tax")) or money.tax
    return Shown(currency, tax == "included")


def _switch(name: str, names: dict[str, str], first: str, label: str) -> str:
    code = links.choose(name, names, first) or first
    st.segmented_control(
        label,
        list(names),
        format_func=lambda item: _(names[item]),
        key=links.state_key(name),
        required=True,
        persist_state="session",
    )
    return code
