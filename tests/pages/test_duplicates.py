"""The Duplicates page: its queries on synthetic copies, counted by hand; the page in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.settings import Aws
from dashboard.ui import source, stakes
from tests.ui.synthetic_warehouse import SyntheticWarehouse, ask, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "observe" / "duplicates.py"
SIZE = 5_000_000_000


@pytest.fixture(name="warehouse")
def _warehouse() -> Iterator[SyntheticWarehouse]:
    made = SyntheticWarehouse()
    source.configure(settings().model_copy(update={"aws": Aws(region="us-east-1")}), made)
    st.cache_data.clear()
    yield made
    source.configure(settings(), None)


def draw(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def test_what_is_suspect_is_never_in_what_is_certain(warehouse: SyntheticWarehouse) -> None:
    [row] = ask(warehouse, "duplicates.figures")
    assert (row["content_count"], row["exact_count"], row["exact_bytes"]) == (20, 40, 40 * SIZE)
    assert (row["suspect_count"], row["suspect_bytes"], row["version_count"]) == (20, 20 * SIZE, 0)
    [half] = ask(warehouse, "duplicates.figures", devices=["ipad"])
    assert half["exact_count"] == 20


def test_classes_hold_what_their_price_follows_from(warehouse: SyntheticWarehouse) -> None:
    rows = {row["storage_class"]: row for row in ask(warehouse, "duplicates.classes")}
    assert set(rows) == {"GLACIER", "INTELLIGENT_TIERING"}
    assert rows["GLACIER"]["byte_days"] == 20 * SIZE * 68
    assert (rows["GLACIER"]["early_count"], rows["GLACIER"]["days_left"]) == (20, 68)
    assert rows["INTELLIGENT_TIERING"]["byte_days"] == 0


@pytest.mark.usefixtures("warehouse")
def test_money_is_exact_where_it_is_known_and_empty_where_not() -> None:
    frame = pd.DataFrame(
        {
            "storage_class": ["STANDARD", "INTELLIGENT_TIERING"], "access_tier": ["", "INFREQUENT"],
            "object_count": [1, 1], "billed_bytes": [1 << 30, 1 << 30], "byte_days": [0, 0],
        }
    )  # fmt: skip
    made = stakes.of_copies(frame)
    assert made["month_usd"].tolist() == [Decimal("0.023"), None]
    assert stakes.known_total(made["month_usd"]) == Decimal("0.023")
    assert stakes.note(made["month_usd"])
    assert stakes.known_total(made["month_usd"].iloc[1:]) is None, "nothing known is no zero"


def test_groups_name_the_copy_to_keep(warehouse: SyntheticWarehouse) -> None:
    rows = ask(warehouse, "duplicates.groups", confidence="exact", row_limit=5, row_offset=0)
    assert len(rows) == 5
    assert {(row["copy_count"], row["spare_bytes"], row["keep_reason"]) for row in rows} == {
        (2, 2 * SIZE, "labelled")
    }
    assert rows[0]["total_count"] == 20
    suspects = ask(warehouse, "duplicates.groups", confidence="suspect", row_limit=None, row_offset=0)
    assert len(suspects) == 10
    copies = ask(warehouse, "duplicates.copies", content_id=rows[0]["content_id"])
    assert [row["duplicate_case"] for row in copies] == ["kept", "same_bucket", "other_bucket"]


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("confidence", ["exact", "suspect"])
def test_page_is_drawn(language: str, confidence: str) -> None:
    app = draw(lang=language, confidence=confidence)
    assert not app.exception
    assert len(app.metric) == 5
    assert len(app.dataframe[-1].value) == (20 if confidence == "exact" else 10)


def test_nothing_twice_is_no_error(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM facts.same_content")
    app = draw()
    assert not app.exception
    assert app.metric[2].value.endswith("0.00")


def test_without_a_region_no_price_is_guessed(warehouse: SyntheticWarehouse) -> None:
    source.configure(settings(), warehouse)
    app = draw()
    assert not app.exception
    assert app.metric[2].value == "–"
    assert any("aws.region" in item.value for item in app.caption)
