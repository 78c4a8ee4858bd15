"""Digests, received by a web server and a mail server of the test; nothing here leaves this machine."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from dashboard.operate import notify as notify_module
from dashboard.operate.after_sync import after_sync
from dashboard.operate.notify import Delivery, notify, summary
from dashboard.operate.selection import Selection
from dashboard.operate.worklist import Action, act
from dashboard.settings import Notify, Settings
from tests.aws.http_stub import Stub, running_stub
from tests.operate.archive import HOSTILE, Archive, finding_id


class Postbox(socketserver.StreamRequestHandler):
    """As much of SMTP as a message needs."""

    def handle(self) -> None:
        server: Any = self.server
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b"".join(iter(lambda: self.rfile.readline(), b".\r\n"))
                server.letters.append(email.message_from_bytes(text, policy=email.policy.default))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                return


@contextlib.contextmanager
def postbox() -> Iterator[tuple[str, list[EmailMessage]]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postbox) as server:
        server.letters = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        port = server.server_address[1]
        url = f"mailto://localhost:{port}?smtp=127.0.0.1&from=dash@example.org&to=lead@example.org&mode=insecure"
        yield url, server.letters  # type: ignore[attr-defined]
        server.shutdown()


@pytest.fixture
def receiver() -> Iterator[Stub]:
    with running_stub() as stub:
        stub.answer = lambda *_: (200, b"")
        yield stub


def settings(*targets: dict[str, Any], folder: Path = Path("unused")) -> Settings:
    return Settings.model_validate(
        {
            "archive": {"name": "Test clinic"},
            "warehouse": {"folder": str(folder)},
            "notify": [{"min_severity": "low", "digest": "each_sync", **target} for target in targets],
        }
    )


def at(receiver: Stub, monkeypatch: pytest.MonkeyPatch, name: str = "NOTIFY_URL") -> None:
    monkeypatch.setenv(name, receiver.url.replace("http:", "json:"))


def begun(archive: Archive) -> None:
    archive.put("old", "older")
    archive.synced()


def test_new_findings_are_told_once_and_counted_by_rule(
    archive: Archive, receiver: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(receiver, monkeypatch)
    chosen = settings({"page_url": "https://archive.example.org/worklist"})
    begun(archive)
    assert notify(chosen, archive.journal) == [Delivery("data leads", "nothing_new")], (
        "what was there is not new"
    )
    archive.put(HOSTILE, "new 2", "new 3")
    archive.put("unit", rule="silent_device")
    archive.synced()
    (sent,) = notify(chosen, archive.journal)
    assert (sent.status, sent.finding_count) == ("sent", 4)
    (question,) = receiver.questions
    assert question["title"] == "Test clinic: 4 new findings"
    assert question["message"].splitlines() == [
        "High · Silent device: 1",
        "Medium · Misnamed image: 3",
        "",
        "Still open in all: 6",
        "Worklist: https://archive.example.org/worklist",
    ]
    assert "evil.example" not in str(receiver.requests), "no object key leaves the house"
    assert notify(chosen, archive.journal)[0].status == "nothing_new"
    archive.mend("new 2")
    archive.put("new 4")
    archive.synced()
    archive.put("new 2")
    archive.synced()
    assert notify(chosen, archive.journal)[0].finding_count == 2, "what came back is new again"
    (first, second) = archive.journal.events(kind="notify.sent")
    assert first.payload["rules"] == {"Silent device": 1, "Misnamed image": 3}
    assert (first.actor, first.subject, second.payload["finding_count"]) == ("notify", "data leads", 2)
    assert archive.journal.verify().faults == ()


def test_what_was_put_off_is_not_told_as_open(
    archive: Archive, receiver: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(receiver, monkeypatch)
    begun(archive)
    archive.put("new", "put off")
    archive.synced()
    for subject in ("older", "put off"):
        snooze = Action("snooze", until=archive.clock.today + timedelta(days=9), text="repair")
        one = Selection(finding_ids=(finding_id("misnamed_object", subject),))
        act(archive.journal, one, snooze, actor="Abe", today=archive.clock.today)
    (sent,) = notify(settings({}), archive.journal)
    assert (sent.status, sent.finding_count) == ("sent", 1)
    assert "Still open in all: 2" in receiver.questions[0]["message"], "as the worklist counts"


def test_a_severity_a_language_and_two_addresses(
    archive: Archive, receiver: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(receiver, monkeypatch)
    at(receiver, monkeypatch, "NOTIFY_BOTH")
    chosen = settings(
        {"name": "grave", "min_severity": "high", "language": "ja"},
        {"name": "all", "url_env": "NOTIFY_BOTH"},
    )
    begun(archive)
    archive.put("a", "b")
    archive.synced()
    assert [item.status for item in notify(chosen, archive.journal)] == ["nothing_new", "sent"]
    archive.put("unit", rule="silent_device")
    archive.synced()
    assert [item.finding_count for item in notify(chosen, archive.journal)] == [1, 1]
    titles = {question["title"] for question in receiver.questions}
    assert titles >= {"Test clinic: 2 new findings", "Test clinic: 1 new finding"}
    japanese = next(question for question in receiver.questions if "新しい" in question["title"])
    assert "高 · 無音の機器" in japanese["message"] or "高 · " in japanese["message"]


@pytest.mark.parametrize("fault", ["500", "unreachable", "no variable", "no address"])
def test_what_does_not_arrive_is_told_next_time(
    archive: Archive, receiver: Stub, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    at(receiver, monkeypatch)
    if fault == "500":
        receiver.answer = lambda *_: (500, b"secret answer")
    elif fault == "unreachable":
        monkeypatch.setenv("NOTIFY_URL", "json://user:hunter2@127.0.0.1:9/hook")
    elif fault == "no variable":
        monkeypatch.delenv("NOTIFY_URL")
    else:
        monkeypatch.setenv("NOTIFY_URL", "nonsense://hunter2")
    chosen = settings({})
    begun(archive)
    archive.put("a")
    archive.synced()
    (failed,) = notify(chosen, archive.journal)
    assert failed.status == ("no_address" if fault == "no variable" else "failed")
    assert failed.detail
    (event,) = archive.journal.events(kind="notify.failed")
    assert event.payload["reason"] == failed.detail
    assert "hunter2" not in str(event) + str(failed) + "".join(map(str, summary([failed])))
    archive.put("b")
    archive.synced()
    at(receiver, monkeypatch)
    receiver.answer = lambda *_: (200, b"")
    (sent,) = notify(chosen, archive.journal)
    assert (sent.status, sent.finding_count) == ("sent", 2), "nothing is lost"


def test_quiet_hours_are_those_of_the_archive(
    archive: Archive, receiver: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(receiver, monkeypatch)
    chosen = settings({"quiet_hours": "20:00-07:00"})
    begun(archive)
    archive.put("a")
    archive.synced()
    archive.now = datetime(2026, 11, 5, 12, 30, tzinfo=UTC)  # 21:30 in Tokyo
    assert notify(chosen, archive.journal)[0].status == "quiet"
    archive.now = datetime(2026, 11, 5, 22, 0, tzinfo=UTC)  # 07:00
    assert notify(chosen, archive.journal)[0].status == "sent"
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("hours", "quiet", "loud"),
    [
        ("20:00-07:00", [time(20), time(23, 59), time(0), time(6, 59)], [time(7), time(19, 59)]),
        ("12:00-13:00", [time(12), time(12, 59)], [time(13), time(11, 59)]),
        ("", [], [time(0), time(12)]),
    ],
)
def test_quiet_hours_may_pass_midnight(hours: str, quiet: list[time], loud: list[time]) -> None:
    target = Notify(quiet_hours=hours)
    assert [target.is_quiet(moment) for moment in quiet + loud] == [True] * len(quiet) + [False] * len(loud)


def test_one_digest_a_day(archive: Archive, receiver: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    at(receiver, monkeypatch)
    chosen = settings({"digest": "daily"})
    begun(archive)
    archive.put("a")
    archive.synced()
    assert notify(chosen, archive.journal)[0].status == "sent"
    archive.put("b")
    archive.synced(days=0.1)
    assert notify(chosen, archive.journal)[0].status == "told_today"
    archive.now += timedelta(days=1)
    (sent,) = notify(chosen, archive.journal)
    assert (sent.status, sent.finding_count) == ("sent", 1)


def test_two_processes_do_not_tell_twice(
    archive: Archive, receiver: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(receiver, monkeypatch)
    begun(archive)
    archive.put("a")
    archive.synced()
    with notify_module.sending_alone(archive.journal.file.parent) as is_alone:
        assert is_alone
        assert [item.status for item in notify(settings({}), archive.journal)] == ["busy"]
    assert notify(settings({}), archive.journal)[0].status == "sent"


def test_a_letter_arrives(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(archive)
    archive.put("a")
    archive.synced()
    with postbox() as (url, letters):
        monkeypatch.setenv("NOTIFY_URL", url)
        assert notify(settings({"language": "ja"}), archive.journal)[0].status == "sent"
    (letter,) = letters
    assert letter["To"] == "lead@example.org"
    assert "Test clinic" in letter["Subject"]
    body = letter.get_body(("plain",)) or letter
    assert ": 1" in body.get_content()


def test_a_test_message_goes_out_at_any_hour(receiver: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    at(receiver, monkeypatch)
    chosen = settings({"quiet_hours": "00:00-23:59"}, {"name": "b", "url_env": "MISSING_URL"})
    assert [item.status for item in notify_module.test(chosen)] == ["sent", "no_address"]
    assert receiver.questions[0]["title"] == "Test clinic: test message"


def test_nothing_of_this_breaks_a_sync(
    archive: Archive, receiver: Stub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at(receiver, monkeypatch)
    receiver.answer = lambda *_: (500, b"")
    archive.put("a")
    archive.number, archive.now = 1, archive.now + timedelta(days=1)
    chosen = settings({}, folder=tmp_path)
    found = after_sync(chosen, archive, archive.journal)
    assert found.fault is None
    assert str(found.notes[0]) == "The worklist begins with 1 finding"
    assert str(found.notes[1]).startswith("Journal: event 1:")
    archive.put("b")
    archive.number, archive.now = 2, archive.now + timedelta(days=1)
    found = after_sync(chosen, archive, archive.journal)
    assert found.fault is None
    assert any("not told of 1 new finding" in str(note) for note in found.notes)
    archive.journal.file.write_bytes(b"\x00garbage" * 1000)
    for name in ("journal.sqlite-wal", "journal.sqlite-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    archive.number, archive.now = 3, archive.now + timedelta(days=1)
    found = after_sync(chosen, archive, archive.journal)
    assert found.fault
    assert found.fault.code.name == "JOURNAL_DAMAGED"

    def surprising(*_: Any) -> Any:
        raise KeyError(HOSTILE)

    monkeypatch.setattr(archive, "current", surprising)
    found = after_sync(chosen, archive, archive.journal)
    assert found.fault
    assert "KeyError" in found.fault.cause
    assert "evil" not in str(found.fault)
