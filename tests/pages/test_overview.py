"""The Overview: its bill is in the currency, and with or without tax, as the settings or the reader say."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.settings.money import Money
from dashboard.ui import source
from tests.ui.synthetic_warehouse import SyntheticWarehouse, ask, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "observe" / "overview.py"


@pytest.fixture(name="warehouse")
def _warehouse() -> Iterator[SyntheticWarehouse]:
    st.cache_data.clear()
    warehouse = SyntheticWarehouse()
    source.configure(settings(), warehouse)
    yield warehouse
    st.cache_data.clear()


def draw(money: Money | None = None) -> AppTest:
    if money:
        source.configure(settings().model_copy(update={"money": money}), source.warehouse())
    app = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not app.exception
    return app


def test_the_bill_is_in_the_currency_of_the_settings(warehouse: SyntheticWarehouse) -> None:
    (now,) = ask(warehouse, "overview.figures")
    assert now["cost_jpy"] == (now["cost_usd"] * Decimal("150.25")).quantize(Decimal("1E-10"), ROUND_HALF_UP)
    assert draw().metric[0].value.startswith("\\$")
    assert draw(Money(currency="JPY")).metric[0].value.startswith("¥")


def test_a_month_without_a_rate_is_in_dollars(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.exchange_rates")
    app = draw(Money(currency="JPY"))
    assert app.metric[0].value.startswith("\\$")
    assert any("no exchange rate" in item.value for item in app.caption)


def test_tax_is_out_where_the_settings_say_so(warehouse: SyntheticWarehouse) -> None:
    (whole,) = ask(warehouse, "overview.figures")
    warehouse.connection.execute(
        "INSERT INTO marts.cost_days BY NAME SELECT * REPLACE ('tax' AS category, 7 AS cost_usd) FROM marts.cost_days "
        "WHERE billed_on = (SELECT max(billed_on) FROM marts.cost_days) LIMIT 1"
    )
    (taxed,) = ask(warehouse, "overview.figures")
    assert taxed["cost_usd"] == whole["cost_usd"] + 7
    with_tax = draw().metric[0].value
    st.cache_data.clear()
    assert draw(Money(tax="excluded")).metric[0].value != with_tax
    shown = warehouse.frame("overview.figures", {"categories": ["storage", "requests", "retrieval"]}, "x")
    assert shown["cost_usd"].iloc[0] <= whole["cost_usd"]
