"""Findings over snapshots, and what people do about them."""

from __future__ import annotations

import multiprocessing
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate import worklist_views
from dashboard.operate.follow import follow, has_begun, is_behind
from dashboard.operate.journal import Journal
from dashboard.operate.selection import Selection
from dashboard.operate.worklist import LOCAL_OPERATOR, Action, Done, act
from tests.operate.archive import HOSTILE, Archive, Snapshot, finding_id

TODAY = date(2026, 11, 3)


def do(archive: Archive, deed: Any, *subjects: str, **more: Any) -> Done:
    """Act on findings of the rule misnamed_object, or without subjects on everything to be done."""
    ids = tuple(finding_id("misnamed_object", subject) for subject in subjects) or None
    names = {"owner", "due_on", "until", "text"}
    action = Action(deed, **{name: more.pop(name) for name in names & more.keys()})
    chosen = Selection(finding_ids=ids, **more.pop("chosen", {}))
    return act(
        archive.journal, chosen, action, actor=more.pop("actor", "Abe"), today=archive.clock.today, **more
    )


def history(archive: Archive, subject: str, rule: str = "misnamed_object") -> list[tuple[str, str]]:
    columns, rows = worklist_views.history(archive.journal, finding_id(rule, subject))
    return [(row[columns.index("change")], row[columns.index("actor")]) for row in rows]


# Over snapshots


def test_findings_keep_their_identity_over_snapshots(archive: Archive) -> None:
    assert not has_begun(archive.journal)
    archive.put("a", "b", HOSTILE)
    first = archive.synced()
    assert first
    assert (first.is_first, first.opened_count, first.gone_count) == (True, 3, 0)
    assert has_begun(archive.journal)
    archive.mend("a")
    archive.put("c")
    second = archive.synced()
    assert second
    assert (second.seen_count, second.opened_count, second.returned_count, second.gone_count) == (3, 1, 0, 1)
    assert archive.states() == {"a": "gone", "b": "open", "c": "open", HOSTILE: "open"}
    archive.put("a")
    third = archive.synced()
    assert third
    assert (third.opened_count, third.returned_count, third.gone_count) == (0, 1, 0)
    assert history(archive, "a") == [("began", "sync"), ("gone", "sync"), ("returned", "sync")]
    assert history(archive, "c") == [("opened", "sync")]
    assert archive.listed()["a"]["age_days"] == 0, "its age counts from the day it came back"
    assert archive.listed()["b"]["age_days"] == 2
    assert archive.journal.verify().faults == ()


def test_a_sync_without_a_change_writes_one_line(archive: Archive) -> None:
    archive.put(*map(str, range(50)))
    archive.synced()
    archive.synced()
    with archive.journal.reading() as transaction:
        assert transaction.run("SELECT event_id, count(*) FROM changes GROUP BY event_id") == [(1, 50)]
    assert [event.payload["seen_count"] for event in archive.journal.events()] == [50, 50]


def test_a_size_that_nothing_tells_is_not_empty(archive: Archive) -> None:
    archive.put("unsized", size=None)
    archive.put("empty", size=0)
    archive.put("told later", size=None)
    archive.synced()
    unknown, empty = (archive.listed(size_bands=(band,)) for band in ("unknown", "empty"))
    assert {subject: row["size_bytes"] for subject, row in unknown.items()} == {
        "unsized": None,
        "told later": None,
    }
    assert {subject: row["size_bytes"] for subject, row in empty.items()} == {"empty": 0}
    archive.put("told later", size=7)
    archive.put("empty", size=None)
    archive.synced()
    sizes = {subject: row["size_bytes"] for subject, row in archive.listed().items()}
    assert sizes == {"unsized": None, "empty": None, "told later": 7}


def test_a_bill_without_a_report_closes_nothing(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.put("a")
    archive.synced()
    archive.mend("a")
    with monkeypatch.context() as patch:
        patch.setattr(archive, "current", lambda: Snapshot("000002", archive.now, None))
        assert archive.synced() is None
        assert not is_behind(archive.journal, archive.current())
    assert archive.states() == {"a": "open"}


def test_a_rule_that_is_off_has_closed_nothing(archive: Archive) -> None:
    archive.put("a")
    archive.put("x", rule="junk_object")
    archive.synced()
    archive.off = {"junk_object"}
    followed = archive.synced()
    assert followed
    assert followed.gone_count == 0
    assert archive.states()["x"] == "gone", "nobody has to do anything about it"
    assert archive.listed(states=("gone",))["x"]["severity"] == "low"
    assert [change for change, _ in history(archive, "x", "junk_object")] == ["began", "rule_off"]
    assert worklist_views.figures(archive.journal, Selection(), archive.clock)["gone_count"] == 0
    archive.off = set()
    followed = archive.synced()
    assert followed
    assert (followed.opened_count, followed.returned_count) == (0, 0)
    assert archive.states() == {"a": "open", "x": "open"}
    assert archive.listed()["x"]["age_days"] == 2, "it was there all the time"
    assert history(archive, "x", "junk_object")[-1] == ("rule_on", "sync")
    assert archive.journal.verify().faults == ()


def test_what_a_person_decided_outlives_a_rule_that_is_off_for_a_while(archive: Archive) -> None:
    archive.put("open", "snoozed", "accepted", "mended before")
    archive.synced()
    do(archive, "snooze", "snoozed", until=archive.clock.today + timedelta(days=30), text="repair")
    do(archive, "close", "accepted", text="as agreed")
    do(archive, "assign", "open", owner="Kato", due_on=archive.clock.today + timedelta(days=9))
    archive.mend("mended before")
    archive.synced()
    before = archive.states()
    archive.off = {"misnamed_object"}
    archive.synced()
    archive.off = set()
    archive.put("mended before")
    followed = archive.synced()
    assert followed
    assert followed.returned_count == 1, "the rule had not been off when it went"
    assert archive.states() == {**before, "mended before": "open"}
    assert archive.listed()["open"]["due_on"] is not None
    archive.mend("accepted")
    archive.synced()
    archive.put("accepted")
    archive.synced()
    assert archive.states()["accepted"] == "open", "gone and found again, as ever"
    assert archive.journal.verify().faults == ()


def test_no_snapshot_is_followed_twice_and_no_older_one(archive: Archive) -> None:
    archive.put("a")
    archive.synced()
    again = {"owners": {}, "timezone": "Asia/Tokyo"}
    assert follow(archive.journal, archive, **again) is None  # type: ignore[arg-type]
    archive.now -= timedelta(days=5)
    archive.mend("a")
    assert not is_behind(archive.journal, archive.current())
    assert follow(archive.journal, archive, **again) is None  # type: ignore[arg-type]
    assert archive.states() == {"a": "open"}


def test_a_warehouse_built_anew_goes_on_with_the_same_worklist(archive: Archive) -> None:
    archive.put("a")
    archive.synced()
    do(archive, "assign", "a", owner="Sato")
    archive.number = 0
    followed = archive.synced()
    assert followed
    assert followed.opened_count == 0
    assert archive.states() == {"a": "assigned"}


def test_what_is_said_of_a_finding_may_change_while_it_stays_the_same(archive: Archive) -> None:
    archive.put("a", size=10)
    archive.synced()
    archive.put("a", size=99, device="xray")
    archive.synced()
    row = archive.listed()["a"]
    assert (row["size_bytes"], row["device_id"], row["month"]) == (99, "xray", "2026-11")
    assert history(archive, "a") == [("began", "sync")]


def test_owners_of_devices_get_what_nobody_was_named_for(archive: Archive) -> None:
    owners: dict[str, tuple[str, ...]] = {"Sato": ("ipad",), "Abe": ("xray", "dslr")}
    archive.put("a", "b")
    archive.put("x", device="xray")
    archive.put("free", device="unattributed")
    archive.synced()
    do(archive, "assign", "b", owner="")
    archive.synced(owners=owners)
    assert {subject: row["owner"] for subject, row in archive.listed().items()} == {
        "a": "Sato",
        "b": "",
        "x": "Abe",
        "free": "",
    }
    assert history(archive, "a")[-1] == ("assigned", "sync")
    assert archive.journal.events()[-1].payload["assigned_count"] == {"Sato": 1, "Abe": 1}
    do(archive, "assign", "a", owner="Kato")
    archive.put("later")
    archive.synced(owners=owners)
    assert archive.listed()["a"]["owner"] == "Kato", "a person's decision stays"
    told = {}
    for subject in ("a", "b", "later"):
        columns, rows = worklist_views.history(archive.journal, finding_id("misnamed_object", subject))
        told[subject] = [(row[columns.index("change")], row[columns.index("owner")]) for row in rows]
    assert told == {
        "a": [("began", ""), ("assigned", "Sato"), ("assigned", "Kato")],
        "b": [("began", ""), ("assigned", "")],
        "later": [("opened", "Sato")],
    }, "whose it became"


# What people do


def test_the_life_of_a_finding(archive: Archive) -> None:
    archive.put("a", "b")
    archive.synced()
    do(archive, "assign", "a", owner="Sato", due_on=TODAY + timedelta(days=3))
    do(archive, "comment", "a", text=HOSTILE)
    row = archive.listed()["a"]
    assert (row["state"], row["owner"], row["due_on"]) == ("assigned", "Sato", TODAY + timedelta(days=3))
    assert row["comment_count"] == 1
    assert set(archive.listed(due_states=("soon",))) == {"a"}
    archive.now += timedelta(days=4)
    assert set(archive.listed(due_states=("overdue",))) == {"a"}
    assert worklist_views.figures(archive.journal, Selection(), archive.clock)["overdue_count"] == 1

    do(archive, "snooze", "a", until=archive.clock.today + timedelta(days=2), text="waits for the repair")
    assert archive.states()["a"] == "snoozed"
    assert set(archive.listed()) == {"b"}
    archive.now += timedelta(days=2)
    assert archive.states()["a"] == "assigned", "it comes back by itself"

    do(archive, "close", "a", text="needed as it is")
    assert archive.states()["a"] == "accepted", "a person closed it, and it is still there"
    do(archive, "reopen", "a", text="no, it is not")
    assert archive.states()["a"] == "assigned"
    do(archive, "close", "a", text="really")
    archive.mend("a")
    archive.synced()
    assert archive.states()["a"] == "closed"
    archive.put("a")
    archive.synced()
    row = archive.listed()["a"]
    assert (row["state"], row["owner"], row["due_on"], row["close_reason"]) == ("assigned", "Sato", None, "")
    assert [change for change, _actor in history(archive, "a")] == [
        *("began", "assigned", "commented", "snoozed", "closed", "reopened", "closed", "gone", "returned"),
    ]
    assert history(archive, "a")[1] == ("assigned", "Abe")
    assert archive.journal.verify().faults == ()


def test_many_findings_are_one_event(archive: Archive) -> None:
    archive.put(*(f"x{number}" for number in range(30)), device="xray")
    archive.put("a")
    archive.put("z/1", rule="silent_device", device="xray")
    archive.synced()
    before = archive.journal.head()
    chosen = {
        "devices": ("xray",),
        "rules": ("misnamed_object",),
        "months": ("2026-11",),
        "severities": ("medium",),
    }
    done = do(archive, "assign", owner="Sato", chosen=chosen, expected_count=30, seen=before)
    assert (done.finding_count, done.event.id) == (30, before + 1)
    assert done.event.payload["selection"] == {name: list(codes) for name, codes in chosen.items()}
    assert set(archive.listed(owners=("Sato",))) == {f"x{number}" for number in range(30)}
    assert set(archive.listed(owners=("",))) == {"a", "z/1"}
    assert history(archive, "x7")[-1] == ("assigned", "Abe")


def test_a_form_that_is_sent_twice_is_carried_out_once(archive: Archive) -> None:
    archive.put("a")
    archive.synced()
    first = do(archive, "comment", "a", text="hello", token="form-1")
    again = do(archive, "comment", "a", text="hello", token="form-1", seen=1)
    assert (first.is_repeated, again.is_repeated) == (False, True)
    assert again.event == first.event
    assert archive.listed()["a"]["comment_count"] == 1


def test_what_changed_since_one_looked_is_a_conflict(archive: Archive) -> None:
    archive.put("a", "b")
    archive.synced()
    seen = archive.journal.head()
    do(archive, "assign", "a", owner="Sato", seen=seen)
    do(archive, "assign", "b", owner="Kato", seen=seen)  # nobody touched that one
    for more in ({"seen": seen}, {"expected_count": 2}):
        with pytest.raises(DashboardError) as caught:
            do(archive, "close", "a", text="mine", **more)
        assert caught.value.code is ExitCode.CONFLICT
    archive.put("c")
    archive.synced()
    with pytest.raises(DashboardError) as caught:  # the list has grown since
        do(archive, "close", text="all", expected_count=2, seen=archive.journal.head() - 1)
    assert caught.value.code is ExitCode.CONFLICT
    assert archive.states() == {"a": "assigned", "b": "assigned", "c": "open"}


@pytest.mark.parametrize(
    ("deed", "given", "said"),
    [
        ("assign", {}, "owner or a due date"),
        ("assign", {"owner": "a,b"}, "comma"),
        ("assign", {"owner": "Sato", "due_on": TODAY - timedelta(days=1)}, "today or a later day"),
        ("snooze", {"text": "x"}, "day after today"),
        ("snooze", {"until": TODAY, "text": "x"}, "day after today"),
        ("snooze", {"until": TODAY + timedelta(days=9)}, "Say why"),
        ("close", {"text": "  "}, "Say why"),
        ("comment", {}, "comment"),
        ("comment", {"text": "x" * 2001}, "2,000"),
    ],
)
def test_what_is_missing_is_asked_for(archive: Archive, deed: Any, given: dict[str, Any], said: str) -> None:
    archive.put("a")
    archive.synced()
    with pytest.raises(DashboardError) as caught:
        do(archive, deed, "a", **given)
    assert caught.value.code is ExitCode.USAGE
    assert said in caught.value.next_step
    is_there = any(word in said for word in ("comma", "or a later", "2,000"))
    assert (caught.value.cause == "Something is missing") is not is_there
    assert archive.journal.head() == 1


def test_what_is_over_cannot_be_assigned(archive: Archive) -> None:
    archive.put("a", "b")
    archive.synced()
    archive.mend("a")
    archive.synced()
    for deed, more in (("assign", {"owner": "x"}), ("close", {"text": "x"}), ("reopen", {})):
        with pytest.raises(DashboardError) as caught:
            do(archive, deed, "a", **more)
        assert caught.value.code is ExitCode.USAGE
        assert "gone" in caught.value.cause
    with pytest.raises(DashboardError):
        do(archive, "close", "no such", text="x")
    do(archive, "comment", "a", text="thank you")


def test_an_id_that_nobody_knows_changes_nothing(archive: Archive) -> None:
    archive.put("a")
    archive.synced()
    with pytest.raises(DashboardError, match="Only 1 of the 2 findings named are known"):
        do(archive, "assign", "a", "mistyped", owner="Sato")
    assert not archive.journal.events(kind="findings.assigned")


def test_nobody_is_anonymous(archive: Archive) -> None:
    archive.put("a")
    archive.synced()
    assert do(archive, "comment", "a", text="x", actor="  ").event.actor == LOCAL_OPERATOR


def _hurry(folder: str, name: str) -> None:
    journal = Journal(Path(folder))
    for number in range(10):
        chosen = Selection(finding_ids=(finding_id("misnamed_object", str(number)),))
        try:
            act(journal, chosen, Action("assign", owner=name), actor=name, today=TODAY, seen=1)
        except DashboardError as fault:
            if fault.code is not ExitCode.CONFLICT:
                raise


def test_two_people_at_once_never_both_win(archive: Archive, tmp_path: Path) -> None:
    archive.put(*map(str, range(10)))
    archive.synced()
    context = multiprocessing.get_context("fork")
    people = [context.Process(target=_hurry, args=(str(tmp_path), name)) for name in ("Sato", "Abe")]
    for person in people:
        person.start()
    for person in people:
        person.join(60)
    assert [person.exitcode for person in people] == [0, 0]
    assert len(archive.journal.events(kind="findings.assigned")) == 10
    assert all(len(history(archive, str(number))) == 2 for number in range(10))


# What is shown


def test_figures_weeks_and_medians(archive: Archive) -> None:
    archive.put("a", "b", "c", "d")
    archive.synced(days=0)  # Monday the 2nd
    do(archive, "assign", "a", "b", owner="Sato")
    archive.put("e", "f")
    archive.synced(days=1)  # 3rd: two opened
    archive.mend("a")
    archive.synced(days=1)  # 4th: a gone after 2 days
    archive.mend("b")
    archive.put("g")
    archive.synced(days=6)  # 10th, next week: b gone after 8 days, one opened
    do(archive, "close", "c", text="fine")  # after 8 days
    found = worklist_views.figures(archive.journal, Selection(), archive.clock)
    assert found == {
        "open_count": 4,  # d e f g
        "unassigned_count": 4,
        "overdue_count": 0,
        "new_count": 3,  # e f g; what was there at the beginning is not new
        "accepted_count": 1,
        "snoozed_count": 0,
        "size_bytes": 40,
        "gone_count": 2,
        "median_days": 8.0,
    }
    columns, rows = worklist_views.weeks(archive.journal, Selection(), archive.clock)
    assert columns == ("week_on", "work_event", "finding_count")
    assert rows == [
        (date(2026, 11, 2), "opened", 2),
        (date(2026, 11, 2), "closed", 1),
        (date(2026, 11, 9), "opened", 1),
        (date(2026, 11, 9), "closed", 2),
    ]
    _columns, rows = worklist_views.weeks_by_owner(archive.journal, Selection(), archive.clock)
    assert rows == [
        (date(2026, 11, 9), "", 1, 0, 8.0),
        (date(2026, 11, 9), "Sato", 1, 1, 8.0),
        (date(2026, 11, 2), "Sato", 1, 1, 2.0),
    ]
    none = worklist_views.weeks(archive.journal, Selection(devices=("xray",)), archive.clock)
    assert none[1] == []
    archive.put("much later")
    archive.synced(days=300)
    _columns, rows = worklist_views.weeks(archive.journal, Selection(), archive.clock)
    assert len(rows) == 2 * worklist_views.WEEKS


def test_weeks_follow_the_clock_of_the_archive(archive: Archive) -> None:
    archive.put("a")
    archive.synced(days=0)
    archive.put("b")
    archive.synced(days=5.6)  # Saturday evening, still Sunday nowhere: 2026-11-07 15:24 UTC, Sunday in Tokyo
    archive.put("c")
    archive.synced(days=1)  # 2026-11-08 15:24 UTC is Monday the 9th in Tokyo
    _columns, rows = worklist_views.weeks(archive.journal, Selection(), archive.clock)
    assert [row for row in rows if row[2]] == [
        (date(2026, 11, 2), "opened", 1),
        (date(2026, 11, 9), "opened", 1),
    ]


def test_the_list_is_ordered_cut_and_filtered(archive: Archive) -> None:
    archive.put("big", size=5 << 30)
    archive.put("small", size=5)
    archive.put("unit", rule="silent_device", size=0)
    archive.put("junk", rule="junk_object", size=2000)
    archive.synced()

    def order(code: Any, **more: Any) -> list[str]:
        (columns, rows), _total = worklist_views.listing(
            archive.journal, Selection(), archive.clock, order=code, **more
        )
        return [row[columns.index("subject")] for row in rows]

    assert order("severity") == ["unit", "big", "small", "junk"]
    assert order("largest") == ["big", "junk", "small", "unit"]
    assert order("largest", limit=2, offset=1) == ["junk", "small"]
    do(archive, "assign", "small", due_on=TODAY)
    assert order("due")[0] == "small"
    assert set(archive.listed(size_bands=("from_1_gib",))) == {"big"}
    assert set(archive.listed(severities=("low", "high"))) == {"unit", "junk"}
    assert set(archive.listed(age_bands=("under_7_days",))) == {"big", "small", "unit", "junk"}
    archive.now += timedelta(days=40)
    assert set(archive.listed(age_bands=("under_90_days",))) == {"big", "small", "unit", "junk"}


def test_codes_are_values_and_never_statements(archive: Archive) -> None:
    archive.put("a")
    archive.synced()
    for hostile in ("'; DROP TABLE findings; --", '"]', "%", "a' OR '1'='1"):
        assert archive.listed(devices=(hostile,), owners=(hostile,), states=(hostile,)) == {}
    assert set(archive.listed()) == {"a"}


def test_a_batch_that_was_tampered_with_is_found_out(archive: Archive) -> None:
    archive.put("a", "b")
    archive.synced()
    with sqlite3.connect(archive.journal.file) as connection:
        connection.execute("DROP TRIGGER changes_stay")
        connection.execute("DELETE FROM changes WHERE finding = 1")
    assert archive.journal.verify().faults == ("the findings of event 1 are not those it was written for",)


def test_a_snapshot_that_cannot_be_read_leaves_the_worklist_as_it_was(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.put("a")
    archive.synced()
    archive.put("b")

    def broken(*_: Any) -> Any:
        raise DashboardError(ExitCode.SNAPSHOT_DAMAGED, "x", cause="y", next_step="z")
        yield

    monkeypatch.setattr(archive, "batches", broken)
    with pytest.raises(DashboardError):
        archive.synced()
    assert archive.states() == {"a": "open"}
    assert archive.journal.head() == 1
    monkeypatch.undo()
    assert archive.synced()


def test_snapshots_are_told_apart_by_their_time(archive: Archive) -> None:
    assert is_behind(archive.journal, Snapshot("000001", archive.now))
