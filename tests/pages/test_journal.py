"""The Journal page: what was done, newest first, and whether the chain is whole; in both languages."""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.operate.journal import FILE, Journal
from dashboard.operate.promises import ACCEPTED, WITHDRAWN
from dashboard.ui import exports, journal_log, links, source
from dashboard.ui.operate_codes import EVENT_GROUPS, EVENT_KINDS
from tests.ui.patient_work import NAME, OWNER, patient_warehouse
from tests.ui.synthetic_warehouse import settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "pages" / "operate" / "journal.py"
DIGEST = "d" * 64
HEADER = {
    "action": "restore",
    "object_count": 1234,
    "size_bytes": 3 << 30,
    "costs": [{"what": "request", "usd": "0.5"}, {"what": "copy", "usd": None}],
}


@pytest.fixture(name="journal")
def _journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """A worklist of an invented patient, and a plan that was made, confirmed and carried out."""
    monkeypatch.setattr(links, "_LATE_SECONDS", 600.0)
    made = settings()
    served = made.model_copy(update={"warehouse": made.warehouse.model_copy(update={"folder": tmp_path})})
    source.configure(served, patient_warehouse(served, dt.datetime(2026, 11, 20, 18, tzinfo=dt.UTC)))
    st.cache_data.clear()
    journal = Journal(tmp_path)
    made_at = journal.append("plan.made", DIGEST, "sato", HEADER)
    journal.append("plan.confirmed", DIGEST, "sato", {"why": "case conference", "object_count": 1234})
    told = {"cause": "too_many_failures AccessDenied", "outcome_counts": {"done": {"accepted": 7}}}
    journal.append("run.stopped", DIGEST, "worker 7 on host", told)
    with journal.writing() as transaction:
        transaction.run(
            "INSERT INTO plans VALUES (1, :digest, :header, :event)",
            {"digest": DIGEST, "header": json.dumps(HEADER), "event": made_at.id},
        )
        transaction.run(
            "INSERT INTO runs (plan, state, why, confirmed_by, confirmed_at) "
            "VALUES (1, 'stopped', 'case conference', 'sato', '')"
        )
    yield journal
    source.configure(settings(), None)


def draw(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("language", "kind", "words"),
    [
        ("en", "Plan made", ["Restore", "Objects: 1,234", "3.00 GiB", "Price: $0.5"]),
        ("ja", "計画を作成", ["復元", "1,234", "3.00 GiB", "$0.5"]),
    ],
)
def test_events_say_what_happened(journal: Journal, language: str, kind: str, words: list[str]) -> None:
    shown = draw(lang=language).dataframe[0].value
    assert list(shown["id"]) == sorted(shown["id"], reverse=True)
    row = shown[shown["event_kind"] == kind].iloc[0]
    assert [word for word in words if word not in row["says"]] == []
    assert row["subject"] == DIGEST
    assert (row["hash"], row["actor"]) == (journal.events(kind="plan.made")[0].hash, "sato")


def test_every_kind_of_event_has_a_name() -> None:
    """Those that stand in the source as they are; runs have their state for a name."""
    found = set()
    for path in (ROOT / "dashboard").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append" and node.args):
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant) and re.fullmatch(r"[a-z]+\.[a-z_]+", str(first.value)):
                found.add(str(first.value))
    kinds = {*found, ACCEPTED, WITHDRAWN, *(f"run.{state}" for state in ("paused", "stopped", "finished"))}
    assert len(found) > 5
    assert kinds <= set(EVENT_KINDS)
    assert {kind.partition(".")[0] for kind in EVENT_KINDS} == set(EVENT_GROUPS)


def test_filters_are_in_the_address(journal: Journal) -> None:
    shown = draw(lang="en", events="plan,run", actors="worker").dataframe[0].value
    assert [(row.event_kind, row.says) for row in shown.itertuples()] == [
        ("Run stopped", "Half of the last requests failed AccessDenied · Done: 7")
    ]
    app = draw(lang="en", subject="DDDD")
    assert len(app.dataframe[0].value) == 3
    app.text_input(key="filter_subject").set_value("dd' OR 1=1").run()
    assert app.query_params["subject"] == "dd' OR 1=1"
    assert not app.dataframe
    app.button(key="reset_filters").click().run()
    assert app.text_input(key="filter_subject").value == ""
    assert "subject" not in app.query_params
    assert len(draw(lang="en", period="2020-01-01..2020-01-02").dataframe) == 0


def test_a_row_of_a_plan_or_run_leads_to_it() -> None:
    assert journal_log.run_of({"event_kind": "run.finished", "subject": DIGEST}) == DIGEST
    assert journal_log.run_of({"event_kind": "findings.closed", "subject": "x"}) == ""


def test_what_people_wrote_of_patients_is_masked_for_those_who_may_not_see_keys(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: dict[str, Any] = {}
    monkeypatch.setattr(
        exports.Menu, "offer", lambda _self, name, _title, _columns, fetch: offered.update({name: fetch})
    )
    for sees in (False, True):
        monkeypatch.setattr("dashboard.ui.privacy.may_see_keys", lambda sees=sees: sees)
        app = draw(lang="en", events="findings")
        told = app.dataframe[0].value.to_csv() + offered["events"]().to_csv()
        assert (NAME in told) is sees
        assert ("▒" in told) is not sees
        assert OWNER in told, "who does the work is no secret"
        assert bool(draw(subject=NAME).dataframe) is False


def test_the_chain_is_proven_on_a_click_and_anew_each_time(journal: Journal) -> None:
    app = draw(lang="en")
    last = journal.events(limit=1)[0]
    assert any(item.value == f"{last.id}:{last.hash}" for item in app.code)
    assert not app.success
    app.button(key="verify").click().run()
    assert f"Whole: {last.id} events" in app.success[0].value
    with sqlite3.connect(journal.file.parent / FILE) as connection:
        connection.execute("DROP TRIGGER events_keep_their_words")
        connection.execute("UPDATE events SET actor = 'abe' WHERE kind = 'plan.confirmed'")
    app.button(key="verify").click().run()
    assert not app.success
    assert "Not whole" in app.error[0].value
    assert any(f"event {last.id - 1} is not what was written" in item.value for item in app.text)


def test_a_journal_that_is_not_there_is_an_empty_page(journal: Journal) -> None:
    journal.file.unlink()
    app = draw(lang="en")
    assert not app.dataframe
    assert not app.error
