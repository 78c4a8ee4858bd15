"""Exchange rates that the user keeps, and amounts as people read them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from dashboard.settings import Money, load_settings
from dashboard.settings.money import read_rates
from dashboard.ui import formats
from dashboard.ui.text import spoken

HEAD = "month,jpy_per_usd,kind,dated_on,source\n"


def rates_of(folder: Path, text: str, **more: Any) -> Any:
    (folder / "rates.csv").write_text(text, "utf-8")
    return read_rates(Money.model_validate({"rates_file": folder / "rates.csv", **more}))


def test_an_invoice_rate_counts_before_a_market_rate_and_then_the_newest(tmp_path: Path) -> None:
    text = (
        "# my rates\n"
        + HEAD
        + "2026-10,150.1,market,2026-10-31,Bank\n2026-10,151.32,invoice,2026-11-04,AWS invoice\n"
        "2026-11,149,market,2026-11-01,Bank\n2026-11,148.5,market,2026-11-20,Bank\n"
    )
    found = rates_of(tmp_path, "\ufeff" + text)
    assert found.problems == ()
    assert {month: (rate.jpy_per_usd, rate.kind) for month, rate in found.by_month.items()} == {
        "2026-10": (Decimal("151.32"), "invoice"),
        "2026-11": (Decimal("148.5"), "market"),
    }


def test_rates_of_the_settings_and_of_the_file_go_together(tmp_path: Path) -> None:
    inline = {"month": "2026-10", "jpy_per_usd": "152", "dated_on": "2026-11-05", "source": "AWS invoice"}
    found = rates_of(
        tmp_path,
        HEAD + "2026-10,150,invoice,2026-11-04,AWS\n2026-09,149,market,2026-09-30,B\n",
        rate=[inline],
    )
    assert {month: rate.jpy_per_usd for month, rate in found.by_month.items()} == {
        "2026-09": Decimal(149),
        "2026-10": Decimal(152),
    }


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("2026-13,150,invoice,2026-11-04,AWS", "month"),
        ("2026-10,NaN,invoice,2026-11-04,AWS", "jpy_per_usd"),
        ("2026-10,1e30,invoice,2026-11-04,AWS", "jpy_per_usd"),
        ("2026-10,0.0066,invoice,2026-11-04,AWS", "jpy_per_usd"),
        ("2026-10,150,guess,2026-11-04,AWS", "kind"),
        ("2026-10,150,invoice,yesterday,AWS", "dated_on"),
        ("2026-10,150,invoice,2026-11-04, ", "source"),
        ("2026-10,150", "kind"),
        ("2026-10,150,invoice,2026-11-04,AWS, page 1", "source"),
    ],
)
def test_a_line_that_cannot_be_believed_is_named_and_the_others_count(
    tmp_path: Path, line: str, where: str
) -> None:
    found = rates_of(tmp_path, f"{HEAD}{line}\n2026-09,149,market,2026-09-30,Bank\n")
    assert list(found.by_month) == ["2026-09"]
    [problem] = found.problems
    assert problem.startswith(f"line 2: {where}: ")


@pytest.mark.parametrize("text", ["", "rate\n1\n"])
def test_a_file_of_something_else_is_named(tmp_path: Path, text: str) -> None:
    found = rates_of(tmp_path, text)
    assert (found.by_month, len(found.problems)) == ({}, 1)
    missing = read_rates(Money(rates_file=tmp_path / "none.csv"))
    assert "none.csv" in missing.problems[0]


def test_the_file_stands_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "dashboard.toml").write_text('[money]\nrates_file = "rates.csv"\ncurrency = "JPY"\n')
    money = load_settings(tmp_path / "dashboard.toml").money
    assert (money.rates_file, money.currency) == (tmp_path / "rates.csv", "JPY")
    with pytest.raises(ValidationError):
        Money.model_validate({"fiscal_year_starts": 13})


@pytest.mark.parametrize(
    ("amount", "english", "japanese"),
    [
        ("0", "¥0", "¥0"),
        ("0.5", "¥1", "¥1"),
        ("-0.4", "¥0", "¥0"),
        ("-0.5", "-¥1", "-¥1"),
        ("999999.4", "¥999,999", "¥999,999"),
        ("999999.5", "¥1,000,000", "¥100.0万"),
        ("1234567", "¥1,234,567", "¥123.5万"),
        ("-123456789", "-¥123,456,789", "-¥12,345.7万"),
        (None, "–", "–"),
    ],
)
def test_yen_have_no_decimals_and_are_counted_in_ten_thousands_in_japanese(
    amount: str | None, english: str, japanese: str
) -> None:
    value = None if amount is None else Decimal(amount)
    for code, text in (("en", english), ("ja", japanese)):
        with spoken(code):
            assert formats.amount(value, "yen") == text
