"""The Savings page on invented savings: its money by hand, what it says of the rest, and promises beside bills."""

from __future__ import annotations

import datetime as dt
import json
import shlex
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.domain.savings import Kind, Lot, Priced, Proposal
from dashboard.operate import promises
from dashboard.operate.journal import Journal
from dashboard.operate.savings import proposals
from dashboard.settings import Aws, Settings, WarehouseSettings
from dashboard.settings.money import Money
from dashboard.settings.price_files import shipped_book
from dashboard.ui import saving_ways, source
from tests.ui.synthetic_warehouse import SyntheticWarehouse, ask, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "operate" / "savings.py"
RATE = Decimal("150.25")


@pytest.fixture
def known(tmp_path: Path) -> Settings:
    changes = {"warehouse": WarehouseSettings(folder=tmp_path), "aws": Aws(region="us-east-1")}
    return settings().model_copy(update=changes)


@pytest.fixture(name="warehouse")
def _warehouse(known: Settings) -> Iterator[SyntheticWarehouse]:
    made = SyntheticWarehouse()
    source.configure(known, made)
    st.cache_data.clear()
    yield made
    source.configure(settings(), None)


def draw(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


class Reader:
    """The synthetic warehouse as the command line asks it."""

    def __init__(self, warehouse: SyntheticWarehouse) -> None:
        self.warehouse = warehouse

    def current(self) -> Any:
        return self.warehouse.current()

    def rows(
        self, name: str, params: Any = None, snapshot_id: Any = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        rows = ask(self.warehouse, name, **(params or {}))
        return list(rows[0]) if rows else [], [tuple(row.values()) for row in rows]

    def batches(
        self, name: str, params: Any = None, snapshot_id: Any = None
    ) -> Iterator[list[tuple[Any, ...]]]:
        yield self.rows(name, params, snapshot_id)[1]


def accepted(known: Settings, warehouse: SyntheticWarehouse, proposal: str, at: dt.datetime) -> Journal:
    """A journal in which a proposal was accepted at some time."""
    journal = Journal(known.warehouse.folder, now=lambda: at)
    found = proposals(Reader(warehouse), shipped_book(), "us-east-1", known.records.keeping)
    followed = ask(warehouse, "savings.followed")
    promises.accept(
        journal,
        found,
        proposal,
        followed,
        snapshot_id="000001",
        region="us-east-1",
        actor="Sato",
        note="As agreed",
    )
    return journal


@pytest.mark.usefixtures("warehouse")
def test_money_is_counted_once_and_the_rest_says_why_not() -> None:
    app = draw(lang="en")
    counted, lots, others = (item.value for item in app.dataframe[:3])
    assert list(counted["title"]) == ["Delete older versions", "Delete exact copies"]
    # 100 x 0.023 + 40 x 0.0125; 20 x 0.0036 and the index and name of 10 objects; yen at the newest month's rate.
    assert counted["month_usd"].iloc[0] == pytest.approx(2.8)
    assert counted["month_usd"].iloc[1] == pytest.approx(0.0720028526, abs=0.005)
    assert counted["month_jpy"].iloc[0] == pytest.approx(2.8 * float(RATE), abs=0.5)
    assert counted["once_usd"].iloc[0] == pytest.approx(0.25), "40 GB with 15 of 30 days left"
    assert list(counted["pays_from"]) == ["Dec 2026", "Jan 2027"]
    assert dict(zip(others["title"], others["saving_standing"], strict=True)) == {
        "Archive what nobody reads": "No known price",
        "Delete older versions": "A rule does it",
        "Move old images to cheaper storage": "No evidence",
    }
    assert (
        others["why"].iloc[0]
        == "No known price: Keeping objects · Intelligent-Tiering, Archive Instant Access"
    )
    assert len(lots) == 2
    assert app.metric[0].value == r"\$2.87"
    words = [item.value for item in app.text]
    assert {"Made-up deed", "Made-up risk", "Made-up basis"} <= set(words)


@pytest.mark.usefixtures("warehouse")
def test_another_proposal_is_chosen_by_the_address_and_nothing_else_is() -> None:
    app = draw(lang="en", saving="old_in_standard.no_evidence")
    assert app.selectbox(key="filter_saving").value == "old_in_standard.no_evidence"
    assert not [item for item in app.button if item.key == "promise"], (
        "nobody can promise what nothing speaks for"
    )
    app = draw(lang="en", saving="no_such.thing")
    assert app.selectbox(key="filter_saving").value == "noncurrent_version.proposed"
    assert [item.label for item in app.button if item.key == "promise"] == ["Promise this saving"]


def test_a_proposal_leads_to_the_page_that_plans_it_with_its_objects() -> None:
    def deed(kind: str, standing: Any = "proposed") -> Any:
        def lot(device: str, storage_class: str) -> Priced:
            place = (storage_class, "", "STANDARD", "", "open")
            return Priced(Lot(kind, "b", device, *place, 1, 1, 1, 0, 0), standing, Decimal(1), Decimal(1))

        lots = (lot("xray", "STANDARD_IA"), lot("ipad", "GLACIER_IR"), lot("ipad", "STANDARD_IA"))
        about = Kind(kind, 1, "title", "action", "deed", "risk", "basis")
        return saving_ways.deed(
            Proposal(about, standing, lots, Decimal(1), Decimal(1), Decimal(0), ()), dt.date(2026, 11, 27)
        )

    which = {"devices": "ipad,xray", "classes": "GLACIER_IR,STANDARD_IA"}
    small = {"sizes": "empty,under_128_kib"}
    assert deed("small_in_infrequent") == ("change", {"do": "class", "to": "STANDARD", **small, **which})
    assert deed("reduced_redundancy", "unpriced") == ("change", {"do": "class", "to": "STANDARD", **which})
    assert deed("small_in_archive") == ("restore", {**small, **which})
    assert deed("junk_file") == ("clean", {"do": "remove_junk"})
    assert deed("small_in_infrequent", "dearer") is None
    old = deed("old_in_standard", "no_evidence")
    assert old[1]["before"] == "2026-08-30", "what was uploaded 90 days ago is old"
    assert (old[0], old[1]["to"], "empty" in old[1]["sizes"]) == ("change", "GLACIER_IR", False)
    assert deed("old_in_standard", "in_hand") is None
    assert deed("small_in_infrequent", "no_evidence") is None


def test_every_proposal_says_where_it_is_done() -> None:
    for kind in saving_ways.LISTS:
        lots = [
            Priced(
                Lot(kind, bucket, "", "INTELLIGENT_TIERING", "", "", "", "open", 1, 1, 1, 0, 0),
                "proposed",
                None,
                None,
            )
            for bucket in ("b", "a'; rm -rf /", "b")
        ]
        about = Kind(kind, 1, "title", "action", "deed", "risk", "basis")
        item = Proposal(about, "proposed", tuple(lots), None, None, Decimal(0), ())
        ways = [
            saving_ways.deed(item, dt.date(2026, 11, 27)),
            saving_ways.RULES.get(kind),
            saving_ways.command(item),
        ]
        assert any(ways), kind
        assert (kind in saving_ways.DEEDS) == (kind in saving_ways.WORDS), kind
        then = saving_ways.afterwards(item)
        assert (then is not None) == (kind == "small_in_archive"), (
            "what is brought back still has to be moved"
        )
        if then:
            assert (then[0], then[1]["do"], then[1]["to"]) == ("change", "class", "STANDARD")
        if command := saving_ways.command(item):
            first, second = (shlex.split(line) for line in command.splitlines())
            assert [first[4], second[4]] == ["a'; rm -rf /", "b"]
            assert json.loads(first[-1])["Tierings"] == [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]


def test_a_manager_reads_it_in_japanese_and_in_yen(known: Settings, warehouse: SyntheticWarehouse) -> None:
    source.configure(known.model_copy(update={"money": Money(currency="JPY")}), warehouse)
    app = draw(lang="ja")
    assert app.title[0].value.endswith("節約")
    assert app.metric[0].value.startswith("¥")
    assert app.dataframe[0].value["title"].iloc[0] == "旧バージョンを削除する"
    assert "節約できる額" in app.metric[0].label
    stored = next(item.value for item in app.caption if "保管全体の定価" in item.value)
    assert "¥" in stored
    assert "$" not in stored, "one currency in one sentence"


def test_it_is_said_that_other_regions_are_reckoned_at_these_prices(warehouse: SyntheticWarehouse) -> None:
    said = "storage in several regions"
    assert not [item.value for item in draw(lang="en").caption if said in item.value]
    warehouse.connection.execute(
        "INSERT INTO marts.cost_months BY NAME SELECT * REPLACE ('USW2-TimedStorage-ByteHrs' AS usage_type, "
        "'storage' AS category) FROM marts.cost_months WHERE month = '2026-11-01' LIMIT 1"
    )
    st.cache_data.clear()
    [found] = [item.value for item in draw(lang="en").caption if said in item.value]
    assert "USW2" in found
    assert "at the prices of us-east-1" in found


def test_a_promise_stands_beside_the_bills_after_it(known: Settings, warehouse: SyntheticWarehouse) -> None:
    accepted(known, warehouse, "noncurrent_version", dt.datetime(2026, 8, 14, tzinfo=dt.UTC))
    accepted(known, warehouse, "exact_duplicate", dt.datetime(2026, 8, 15, tzinfo=dt.UTC))
    warehouse.connection.execute("UPDATE marts.storage_days SET day_count = 30 WHERE month = '2026-10-01'")
    app = draw(lang="en")
    ledger = app.dataframe[-1].value
    assert set(ledger["month"]) == {"Sep 2026", "Oct 2026"}
    copies = ledger[ledger["title"] == "Delete exact copies"]
    assert set(copies["promise_verdict"]) == {"Cannot tell"}
    assert copies["seen_usd"].isna().all()
    assert set(copies["promise_why"]) == {"Reports do not count it apart"}
    older = ledger[ledger["title"] == "Delete older versions"]
    assert dict(zip(older["month"], older["promise_verdict"], strict=True)) == {
        "Oct 2026": "Cannot tell", "Sep 2026": "Kept",
    }  # fmt: skip
    assert list(older["seen_usd"].notna()) == [False, True]
    assert older["promise_why"].iloc[0] == "Days without a report"
    assert set(ledger["note"]) == {"As agreed"}
    assert [item.disabled for item in app.button if item.key == "promise"] == [True], "it is promised already"
    assert [item.label for item in app.button if item.key == "withdraw"] == ["Withdraw a promise"]


def test_without_a_region_no_money_is_named(known: Settings, warehouse: SyntheticWarehouse) -> None:
    source.configure(known.model_copy(update={"aws": Aws()}), warehouse)
    app = draw(lang="en")
    assert app.metric[0].value == r"\$0.00"
    assert next(set(item.value["saving_standing"]) for item in app.dataframe if "saving_standing" in item.value) == {
        "No known price", "A rule does it", "No evidence",
    }  # fmt: skip
