"""Numbers, sizes, money and times in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pandas as pd
import pytest

from dashboard.ui import formats, tables
from dashboard.ui.text import spoken


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with spoken("en"):
        yield


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 B"),
        (1023, "1.00 KiB"),
        (999, "999 B"),
        (1024, "1.00 KiB"),
        (15_502_800_000_000, "14.1 TiB"),
        (9_378_833_383_260, "8.53 TiB"),
        (296_868_139_499_520, "270 TiB"),
        (1023.7 * 1024**4, "1.00 PiB"),
        (-(2**40), "-1.00 TiB"),
        (2**70, "1,024 EiB"),
        (None, formats.NOTHING),
        (float("nan"), formats.NOTHING),
        (pd.NA, formats.NOTHING),
    ],
)
def test_sizes_have_three_digits_in_binary_units(size_bytes: float | None, shown: str) -> None:
    assert formats.size(size_bytes) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("0"), "$0.00"),
        (Decimal("12.345"), "$12.34"),
        (Decimal("999.99"), "$999.99"),
        (Decimal("1234.5"), "$1,234"),
        (Decimal("-3.2"), "-$3.20"),
        (None, formats.NOTHING),
    ],
)
def test_dollars_have_cents_below_a_thousand(value: Decimal | None, shown: str) -> None:
    assert formats.money(value) == shown


@pytest.mark.parametrize(
    ("now", "before", "measure", "shown"),
    [
        (Decimal(108), Decimal(100), "money", "+8.0%"),
        (0.842, 0.847, "share", "-0.5 pt"),
        (100, 100, "count", 0),
        (5, 0, "count", None),
        (5, None, "size", None),
        (None, 5, "size", None),
        (float("nan"), 5.0, "size", None),
    ],
)
def test_changes_are_percent_or_points(
    now: float | None, before: float | None, measure: formats.Measure, shown: str | int | None
) -> None:
    assert formats.change(now, before, measure) == shown


def test_times_are_on_the_archives_clock_and_say_so() -> None:
    moment = dt.datetime(2026, 11, 21, 14, 59)
    assert formats.when(moment, "Asia/Tokyo").replace("\u202f", " ") == "Nov 21, 2026, 11:59 PM JST"
    assert formats.when(moment, "America/Sao_Paulo").endswith("UTC-03")
    with spoken("ja"):
        assert formats.when(moment, "Asia/Tokyo") == "2026/11/21 23:59 JST"
        assert formats.month(dt.date(2026, 11, 1)) == "26年11月"
        assert formats.age(dt.timedelta(hours=10)) == "10 時間前"
    assert formats.month(dt.date(2026, 11, 1)) == "Nov 2026"
    assert formats.when(None, "Asia/Tokyo") == formats.NOTHING
    assert formats.day(None) == formats.NOTHING


@pytest.mark.parametrize(
    ("column", "measure"),
    [
        ("size_bytes", "size"),
        ("cost_usd", "money"),
        ("labelled_share", "share"),
        ("silent_days", "days"),
        ("object_count", "count"),
    ],
)
def test_a_columns_name_says_its_measure(column: str, measure: str) -> None:
    assert formats.measure_of(column) == measure


def test_one_unit_serves_a_whole_column() -> None:
    assert formats.size_unit(5 * 2**40).name == "TiB"
    assert formats.size_unit(5 * 2**40, 2**30).name == "GiB"
    assert formats.size_unit(0).name == "B"


@pytest.mark.parametrize(
    ("sizes", "form"),
    [
        ([1664.3, 300.0, 14.7], "%,.0f GiB"),
        ([1664.3, 14.7, 10.6, 6.9, 0.6], "%,.0f GiB"),
        ([1664.3, 6.9, 0.6], "%,.1f GiB"),
        ([245.8, 0.6], "%,.1f GiB"),
        ([9.5, 0.6], "%,.2f GiB"),
    ],
)
def test_sizes_have_as_many_digits_as_most_of_their_column_needs(sizes: list[float], form: str) -> None:
    shown = tables.setting([size * 2**30 for size in sizes], tables.size("size_bytes", "Size"))
    assert shown["type_config"]["format"] == form


@pytest.mark.parametrize(
    ("amounts", "label", "form"),
    [
        (["1.5", None, "20"], "Cost", "$%,.2f"),
        (["1.5", "-0.25"], "Cost ($)", "%,.2f"),
        (["1.5", "-0.000001"], "Cost", "$%,.2f"),
        (["0.5", "-0.0447"], "Cost ($)", "%,.4f"),
        (["0.00000001", "0"], "Cost", "$%,.2f"),
    ],
)
def test_a_column_of_money_has_its_sign_where_no_amount_is_below_zero(
    amounts: list[str | None], label: str, form: str
) -> None:
    """The grid would write $-0.25."""
    values = [None if item is None else Decimal(item) for item in amounts]
    shown = tables.setting(values, tables.money("cost_usd", "Cost"))
    assert (shown["label"], shown["type_config"]["format"]) == (label, form)


def test_rows_add_up_to_the_sum_beside_them_as_they_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[pd.DataFrame] = []
    monkeypatch.setattr("streamlit.dataframe", lambda shown, **_: drawn.append(shown.to_pandas()))
    rows = pd.DataFrame({"cost_usd": [Decimal(part) for part in ("0.5460", "2.1752", "0.1366", "0.7097")]})
    for adds_up in (False, True):
        tables.draw(rows, [tables.money("cost_usd", "Cost", adds_up=adds_up)], key="bill", alt="Bill")
    sums = [round(sum(shown["cost_usd"]), 2) for shown in drawn]
    assert sums == [3.58, 3.57], "of 3.5675"
    assert list(rows["cost_usd"]) != list(drawn[1]["cost_usd"]), "the file keeps every digit"
