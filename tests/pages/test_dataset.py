"""The Datasets page: its queries on synthetic images, counted by hand; the page in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.domain.dataset import Permission, Selection, Split
from dashboard.settings import Settings
from dashboard.ui import labels, selection, source
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "operate" / "dataset.py"
STOPPED = {"name": 40, "label": 40, "reading": 80, "duplicate": 20, "identity": 4}


@pytest.fixture(name="served")
def _served(tmp_path: Path) -> Settings:
    made = settings()
    return made.model_copy(update={"warehouse": made.warehouse.model_copy(update={"folder": tmp_path})})


@pytest.fixture(name="warehouse")
def _warehouse(served: Settings) -> Iterator[SyntheticWarehouse]:
    made = SyntheticWarehouse()
    source.configure(served, made)
    st.cache_data.clear()
    yield made
    source.configure(settings(), None)


def draw(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def funnel(warehouse: SyntheticWarehouse, split: Split | None = None, **values: Any) -> Counter[str]:
    permission = values.pop("permission", Permission())
    params = {**Selection(**values).params(), **(split or Split()).part_params(), **permission.params()}
    found: Counter[str] = Counter()
    for row in warehouse.frame("dataset.funnel", params).itertuples():
        found[str(row.step)] += int(str(row.object_count))
    return found


def test_each_image_is_stopped_once(warehouse: SyntheticWarehouse) -> None:
    found = funnel(warehouse)
    assert found == {**STOPPED, "ready": 400 - sum(STOPPED.values())}
    assert sum(funnel(warehouse, units=("ipad/IP-01",)).values()) == 200
    assert sum(funnel(warehouse, labels=(("patient", "p3"), ("patient", "p4"))).values()) == 8
    assert funnel(warehouse, permission=Permission("label", ("retina",)))["permit"] == found["ready"]


def test_lists_hold_what_the_gate_counted(warehouse: SyntheticWarehouse) -> None:
    params = {**Selection().params(), **Split("unit").params(), **Permission().params(), "row_limit": None}
    for step, count in STOPPED.items():
        rows = warehouse.frame("dataset.members", {**params, "step": step, "total_count": count})
        assert (len(rows), set(rows["step"]), set(rows["total_count"])) == (count, {step}, {count})


@pytest.mark.parametrize(
    ("split", "parts"),
    [
        (Split("unit"), 2),
        (Split("day"), 31),
        (Split("segment", "3"), 100),
        (Split("pattern", "case-([0-9]+)"), 100),
        (Split("label", "patient"), 100),
    ],
)
def test_a_split_shares_no_part(warehouse: SyntheticWarehouse, split: Split, parts: int) -> None:
    params = {**Selection().params(), **split.params(), **Permission().params()}
    rows = warehouse.frame("dataset.splits", params)
    assert set(rows["shared_part_count"]) == {0}
    assert rows["part_count"].sum() <= parts
    assert rows["object_count"].sum() == funnel(warehouse, split)["ready"]
    assert rows["object_share"].sum() == pytest.approx(1)


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("language", ["en", "ja"])
def test_page_is_drawn(language: str) -> None:
    app = draw(lang=language, split_by="label", split_part="patient", step="name")
    assert not app.exception
    assert app.metric[0].value == "216"
    assert any(item.value.endswith(("0", "0 件")) for item in app.text), "the overlap is printed"
    shown = list(app.dataframe[-1].value["key"])
    assert len(shown) == 40
    assert HOSTILE_KEY not in shown, "its hidden characters are written out"
    assert any("\\u202e" in key for key in shown)


@pytest.mark.usefixtures("warehouse")
def test_a_side_without_an_image_is_told() -> None:
    app = draw(split_by="unit", shares="0.4,0.3,0.3")
    assert not app.exception
    sides = {labels.name("split", code) for code in ("train", "validation", "test")}
    (note,) = [item.value for item in app.text if item.value.startswith("No image is in")]
    assert any(side in note for side in sides), "two units on three sides"


@pytest.mark.usefixtures("warehouse")
def test_what_is_archived_is_handed_over_to_restore() -> None:
    app = draw(devices="ipad", tags="patient=p3", **{"from": "2026-01-01"})
    assert not app.exception
    [link] = [item for item in app.get("page_link") if item.proto.label == "Restore the archived images"]
    assert dict(parse_qsl(link.proto.query_string)) == {
        "lang": "en", "of": "dataset", "devices": "ipad", "tags": "patient=p3", "from": "2026-01-01",
    }  # fmt: skip


@pytest.mark.usefixtures("warehouse")
def test_a_price_that_is_not_known_says_where_prices_come_from() -> None:
    app = draw(devices="ipad")
    [prices] = [item.value["restore_usd"] for item in app.dataframe if "restore_usd" in item.value]
    assert len(prices)
    assert prices.isna().any(), "the shipped list lacks some"
    assert any("prices refresh --download" in item.value for item in app.caption)


@pytest.mark.usefixtures("warehouse")
def test_a_choice_that_cannot_be_is_said_and_nothing_is_counted() -> None:
    app = draw(split_by="pattern", split_part="(")
    assert not app.exception
    assert not app.metric
    assert any("not a regular expression" in item.value for item in app.text)


@pytest.mark.usefixtures("warehouse")
def test_the_command_line_is_the_same_choice(served: Settings) -> None:
    chosen = Selection(devices=("ipad",), labels=(("--x", "a b;rm -rf ~"),))
    made = selection.Choice(chosen, Split("label", "p"), "0.8,0.1,0.1")
    command = made.command("eyes")
    assert "'--label=--x=a b;rm -rf ~'" in command
    assert made.arguments()[-2:] == ["--split=0.8,0.1,0.1", "--split-by=label:p"]


def test_too_many_are_frozen_on_the_command_line_only(
    served: Settings, warehouse: SyntheticWarehouse
) -> None:
    small = served.dataset.model_copy(update={"page_objects": 10})
    source.configure(served.model_copy(update={"dataset": small}), warehouse)
    app = draw()
    assert [button.disabled for button in app.button if button.key == "freeze"] == [True]
    assert any("dataset create images" in item.value for item in app.text)


def test_nothing_at_all_is_no_error(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM facts.readiness")
    app = draw(split_by="unit")
    assert not app.exception
    assert app.metric[0].value == "0"
