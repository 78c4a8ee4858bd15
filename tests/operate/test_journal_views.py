"""Lists of the journal: what a person, a kind, a time and a part of the subject choose, on page and command line."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashboard.__main__ import app
from dashboard.operate.journal import Journal
from dashboard.operate.journal_views import WORKER, Wanted, actors, listing
from dashboard.operate.selection import Selection
from dashboard.operate.worklist import Action, act
from dashboard.settings import Settings
from tests.operate.archive import Archive, finding_id

PLAN = "d" * 64


@pytest.fixture(name="journal")
def _journal(tmp_path: Path) -> Journal:
    """Six events over three days; 23:30 of the first day (UTC) is the second day in Tokyo."""
    times = iter(
        datetime(2026, 11, day, hour, 30, tzinfo=UTC)
        for day, hour in ((1, 3), (1, 23), (2, 3), (2, 4), (3, 5), (3, 6))
    )
    journal = Journal(tmp_path, now=lambda: next(times))
    journal.append("plan.made", PLAN, "sato", {})
    journal.append("plan.confirmed", PLAN, "tanaka", {})
    journal.append("run.started", PLAN, "worker 12 on host", {})
    journal.append("run.finished", PLAN, "worker 99 on host", {})
    journal.append("findings.seen", "000002", "sync", {})
    journal.append("planned.elsewhere", "Ward_7 100%", "sato", {})
    return journal


def ids(journal: Journal, wanted: Wanted) -> list[int]:
    return [line.event.id for line in listing(journal, wanted)[0]]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [6, 5, 4, 3, 2, 1]),
        (Wanted(kinds=["plan."]), [2, 1]),
        (Wanted(kinds=["plan"]), []),
        (Wanted(kinds=["plan.made", "findings."]), [5, 1]),
        (Wanted(actors=["sato"]), [6, 1]),
        (Wanted(actors=[WORKER]), [4, 3]),
        (Wanted.of_days("Asia/Tokyo", date(2026, 11, 2), date(2026, 11, 2)), [4, 3, 2]),
        (Wanted.of_days("UTC", date(2026, 11, 2), None), [6, 5, 4, 3]),
        (Wanted.of_days("UTC", None, date(2026, 11, 1)), [2, 1]),
        (Wanted(subject="DDDD"), [4, 3, 2, 1]),
        (Wanted(subject="d_7 100%"), [6]),
        (Wanted(subject="%"), [6]),
        (Wanted(subject="'; DROP TABLE events"), []),
    ],
    ids=str,
)
def test_events_are_chosen(journal: Journal, wanted: Wanted, found: list[int]) -> None:
    assert ids(journal, wanted) == found
    leaf, total = listing(journal, wanted, limit=2, offset=1)
    assert ([line.event.id for line in leaf], total) == (found[1:3], len(found))


def test_workers_are_one_person_and_a_journal_that_is_not_there_is_empty(
    journal: Journal, tmp_path: Path
) -> None:
    assert actors(journal) == ["sato", "sync", "tanaka", WORKER]
    nothing = Journal(tmp_path / "none")
    assert (actors(nothing), listing(nothing, Wanted())) == ([], ([], 0))


def test_a_finding_is_named_by_its_key_which_is_not_searched_for_those_who_may_not_see_it(
    archive: Archive,
) -> None:
    archive.put("ipad/yamada.heic")
    archive.synced()
    of_it = finding_id("misnamed_object", "ipad/yamada.heic")
    act(
        archive.journal,
        Selection(finding_ids=(of_it,)),
        Action("comment", text="look"),
        actor="sato",
        today=archive.clock.today,
    )
    [line] = listing(archive.journal, Wanted(subject="Yamada"))[0]
    assert (line.key, line.event.subject) == ("ipad/yamada.heic", of_it)
    assert ids(archive.journal, Wanted(subject="Yamada", sees_keys=False)) == []
    assert ids(archive.journal, Wanted(subject=of_it, sees_keys=False)) == [], "its digest would tell the key"


def test_the_command_line_filters_the_same(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.model_validate({"warehouse": {"folder": str(journal.file.parent)}})
    monkeypatch.setattr("dashboard.commands.journal.load_settings", lambda: settings)
    words = ["journal", "list", "--format", "json", "--kind", "plan.", "--kind", "run.", "--actor", "tanaka"]
    words += ["--actor", "worker", "--from", "2026-11-02", "--to", "2026-11-02", "--subject", "ddd"]
    told = json.loads(CliRunner().invoke(app, words).stdout)
    assert [row["id"] for row in told] == [2, 3, 4]
