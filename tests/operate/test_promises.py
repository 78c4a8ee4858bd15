"""The ledger of savings in a real journal over real snapshots: accepted, kept over rebuilds, withdrawn."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboard.__main__ import app
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import promises
from dashboard.operate.journal import Journal
from dashboard.operate.savings import asked, proposals
from dashboard.settings.price_files import shipped_book
from tests.sync.world import REPORT_AT, World, good, goods

GIB = 1 << 30
OLD = datetime(2026, 1, 5, 3, tzinfo=UTC)
ROWS = [
    *goods(3),
    replace(good(9), size=3 * GIB, version_id="1", is_latest=False, last_modified_date=OLD),
    replace(good(9), size=4 * GIB, version_id="2"),
]


@pytest.fixture
def published(world: World) -> World:
    world.put(ROWS)
    world.synced()
    return world


def accept(world: World, journal: Journal, proposal: str = "noncurrent_version", **more: Any) -> Any:
    reader = world.reader()
    settings = world.settings
    found = proposals(reader, shipped_book(), settings.aws.region, settings.records.keeping)
    followed = asked(reader, "savings.followed", None)
    more = {"snapshot_id": "000001", "region": "us-east-1", "actor": "Sato", **more}
    return promises.accept(journal, found, proposal, followed, **more)


def test_a_promise_outlives_the_snapshot_it_was_made_of(published: World) -> None:
    journal = Journal(published.warehouse)
    event = accept(published, journal, note="Rule from Monday")
    assert (event.kind, event.subject) == ("savings.accepted", "noncurrent_version")
    # Without the older version and with another report nothing is left to propose; the promise still is.
    later = REPORT_AT + timedelta(days=1)
    published.put(goods(3), at=later)
    published.synced(now=later + timedelta(hours=5))
    reader = published.reader()
    assert asked(reader, "savings.followed", None) == []
    [entry] = promises.ledger(reader, Journal(published.warehouse))
    assert entry.promise.month_usd == 3 * Decimal("0.023")
    assert (entry.promise.actor, entry.promise.note) == ("Sato", "Rule from Monday")
    assert entry.promise.places[0].listed_bytes == 3 * GIB
    assert [seen.verdict for seen in entry.seen] == ["too_early"]
    assert journal.verify().faults == ()


def test_the_same_objects_are_not_promised_twice(published: World) -> None:
    journal = Journal(published.warehouse)
    first = accept(published, journal, token="a")
    assert accept(published, journal, token="a") == first, "a form that is sent twice is one promise"
    with pytest.raises(DashboardError) as caught:
        accept(published, journal, token="b")
    assert caught.value.code is ExitCode.CONFLICT
    promises.withdraw(journal, first.id, actor="Sato", reason="Not now")
    with pytest.raises(DashboardError) as again:
        promises.withdraw(journal, first.id, actor="Sato", reason="Not now")
    assert again.value.code is ExitCode.USAGE
    second = accept(published, journal)
    kept = promises.promises(journal)
    assert [(item.number, item.withdrawn_at is None) for item in kept] == [
        (first.id, False),
        (second.id, True),
    ]


@pytest.mark.parametrize("proposal", ["old_in_standard", "no_such", "delete_marker"])
def test_what_saves_nothing_cannot_be_promised(published: World, proposal: str) -> None:
    journal = Journal(published.warehouse)
    with pytest.raises(DashboardError) as caught:
        accept(published, journal, proposal)
    assert caught.value.code is ExitCode.USAGE
    assert promises.promises(journal) == []


def test_without_a_journal_the_ledger_is_empty(published: World) -> None:
    assert promises.ledger(published.reader(), Journal(published.folder / "nowhere")) == []


def test_the_command_line_does_the_same(published: World, monkeypatch: pytest.MonkeyPatch) -> None:
    file = published.folder / "dashboard.toml"
    monkeypatch.setattr("dashboard.commands.savings.load_settings", lambda: published.settings)
    run = CliRunner()

    def told(*words: str) -> Any:
        result = run.invoke(app, ["savings", *words])
        assert result.exit_code == 0, (result.output, result.exception, file)
        return result.stdout

    rows = json.loads(told("--format", "json"))
    [found] = [row for row in rows if row["proposal_id"] == "noncurrent_version"]
    assert (found["standing"], found["month_usd"], found["month_jpy"]) == ("proposed", "0.0690000000", None)
    assert "older versions" in told()
    told("accept", "noncurrent_version", "--note", "Rule from Monday", "--as", "Sato")
    [line] = json.loads(told("ledger", "--format", "json"))
    assert (line["proposal_id"], line["promised_usd"], line["verdict"]) == (
        "noncurrent_version", "0.0690000000", "too_early",
    )  # fmt: skip
    told("withdraw", str(line["number"]), "--reason", "Not now", "--as", "Sato")
    [line] = json.loads(told("ledger", "--format", "json"))
    assert line["withdrawn_at"] is not None
