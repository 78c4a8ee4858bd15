"""The Overview: its bill is in the currency, and with or without tax, as the settings or the reader say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.formats import money
from dashboard.settings.money import Money
from dashboard.ui import source
from dashboard.ui.currency import Shown
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
    assert draw().metric[0].value.startswith("\\$")
    assert draw(Money(currency="JPY")).metric[0].value.startswith("¥")


def test_the_bill_and_its_change_are_those_of_the_costs_page(warehouse: SyntheticWarehouse) -> None:
    bill = draw().metric[0]
    st.cache_data.clear()
    costs = AppTest.from_file(str(PAGE.parent / "costs.py"), default_timeout=30).run()
    month, days = costs.metric[0], costs.metric[1]
    assert (bill.value, bill.delta) == (month.value, days.delta)
    assert bill.delta


def test_a_month_without_a_rate_is_in_dollars(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.exchange_rates")
    app = draw(Money(currency="JPY"))
    assert app.metric[0].value.startswith("\\$")
    assert any("no exchange rate" in item.value for item in app.caption)


def test_tax_is_out_where_the_settings_say_so(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute(
        "INSERT INTO marts.cost_months BY NAME SELECT * REPLACE ('tax' AS category, 700 AS cost_usd) "
        "FROM marts.cost_months WHERE month = (SELECT max(month) FROM marts.cost_months) LIMIT 1"
    )
    with_tax, taxed = ask(warehouse, "costs.figures")[0], draw().metric[0].value
    st.cache_data.clear()
    without = draw(Money(tax="excluded")).metric[0].value
    assert taxed == money(with_tax["cost_usd"]).replace("$", "\\$")
    assert without == money(with_tax["cost_usd"] - 700).replace("$", "\\$")


def test_findings_are_counted_in_whole_numbers(warehouse: SyntheticWarehouse) -> None:
    [urgent] = [row["urgent_count"] for row in ask(warehouse, "overview.figures")]
    assert urgent > 1
    assert draw().metric[4].delta == f"{urgent} high or critical"


def test_its_way_to_the_bill_keeps_currency_and_tax(warehouse: SyntheticWarehouse) -> None:
    assert Shown("USD", has_tax=True).codes == {"currency": "", "tax": ""}, "as the settings say"
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    app.session_state["filter_currency"], app.session_state["filter_tax"] = "JPY", "excluded"
    links = app.run().get("page_link")
    assert any("currency=JPY" in item.proto.query_string for item in links)
    assert any("tax=excluded" in item.proto.query_string for item in links)


def test_uploads_are_those_of_the_uploads_page(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.uploads WHERE uploaded_on > DATE '2026-11-15'")
    uploaded = draw().metric[3]
    st.cache_data.clear()
    page = AppTest.from_file(str(PAGE.parent / "uploads.py"), default_timeout=30).run()
    assert (uploaded.value, uploaded.delta) == (page.metric[1].value, page.metric[1].delta)
    # Its small bars are the last 30 days of the calendar, those without an upload included.
    assert list(uploaded.proto.chart_data) == list(page.metric[1].proto.chart_data)


def test_nothing_in_the_cold_is_nothing_and_not_unknown(warehouse: SyntheticWarehouse) -> None:
    cold = "storage_class IN ('GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE')"
    warehouse.connection.execute(f"DELETE FROM marts.trend WHERE {cold}")
    assert ask(warehouse, "overview.figures")[0]["cold_share"] == 0
    assert {row["cold_share"] for row in ask(warehouse, "overview.trend")} == {0}
    assert draw().metric[2].value == "0.0%"


def test_without_a_bill_the_page_says_so(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.cost_months; DELETE FROM marts.cost_days")
    assert any(item.value.startswith("There is no bill yet") for item in draw().caption)


def test_an_empty_archive_holds_nothing_and_not_the_unknown(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.storage")
    assert draw().metric[1].value == "0 B"


def test_a_device_that_is_gone_has_no_cold_share_of_long_ago(warehouse: SyntheticWarehouse) -> None:
    assert ask(warehouse, "overview.figures", devices=["xray"])[0]["cold_share"] is not None
    warehouse.connection.execute(
        "DELETE FROM marts.trend WHERE device_id = 'xray' AND reported_on = (SELECT max(reported_on) FROM marts.trend)"
    )
    assert ask(warehouse, "overview.figures", devices=["xray"])[0]["cold_share"] is None
