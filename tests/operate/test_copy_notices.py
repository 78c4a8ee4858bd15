"""People are told that copies are ready and that they go, once each, by a web server of the test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.operate import copies, plans, restore, runs
from dashboard.operate.copy_notices import tell
from dashboard.settings import Settings
from tests.aws.http_stub import Stub, running_stub
from tests.operate.glacier_stub import GlacierStub, serve
from tests.operate.restoring import WHY, Clinic


@pytest.fixture
def s3() -> Iterator[GlacierStub]:
    with serve() as stub:
        yield stub


@pytest.fixture
def clinic(tmp_path: Path, s3: GlacierStub, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return Clinic(tmp_path, s3)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    with running_stub() as stub:
        stub.answer = lambda *_: (200, b"")
        monkeypatch.setenv("NOTIFY_URL", stub.url.replace("http:", "json:"))
        yield stub


def wanting(clinic: Clinic, **target: Any) -> Settings:
    return Settings.model_validate(
        clinic.data() | {"notify": [{"name": "operators", "restores": True, **target}]}
    )


def later(clinic: Clinic, **time: float) -> None:
    moment = datetime.now(UTC) + timedelta(**time)
    clinic.journal.now = lambda: moment


def told(receiver: Stub) -> list[str]:
    return [question["title"] for question in receiver.questions]


def restored(clinic: Clinic, *, days: int = 7) -> str:
    clinic.put(3)
    digest = clinic.confirmed(days=days)
    clinic.work()
    return digest


def test_ready_and_the_end_are_told_once_each_without_a_key(clinic: Clinic, receiver: Stub) -> None:
    settings = wanting(clinic)
    restored(clinic)
    assert tell(settings, clinic.journal) == [], "still in progress"
    clinic.s3.finish()
    later(clinic, minutes=11)
    copies.look(clinic.settings, clinic.journal)
    assert [item.status for item in tell(settings, clinic.journal)] == ["sent"]
    assert tell(settings, clinic.journal) == []
    later(clinic, days=5)
    assert tell(settings, clinic.journal) == []
    # Copies of seven days stay to the end of the eighth at most.
    later(clinic, days=7, hours=1)
    assert [item.object_count for item in tell(settings, clinic.journal)] == [3]
    assert tell(settings, clinic.journal) == []
    assert told(receiver) == [
        "Image archive: 3 restored objects can be read",
        "Image archive: the copies of 3 restored objects go soon",
    ]
    assert "Readable until" in receiver.questions[0]["message"]
    assert WHY in receiver.questions[1]["message"]
    assert ".heic" not in str(receiver.questions)
    assert clinic.journal.verify().faults == ()


def test_copies_that_another_run_keeps_longer_do_not_end(clinic: Clinic, receiver: Stub) -> None:
    settings = wanting(clinic, language="ja")
    digest = restored(clinic)
    clinic.s3.finish()
    later(clinic, minutes=11)
    copies.look(clinic.settings, clinic.journal)
    tell(settings, clinic.journal)
    items = runs.items_of(clinic.journal, digest)
    made = restore.plan_extension(clinic.settings, items, days=30, made_by="sato", extends=digest)
    kept = plans.keep(clinic.journal, made)
    plans.confirm(clinic.journal, clinic.settings, kept.digest, actor="sato", why=WHY)
    clinic.journal.now = lambda: datetime.now(UTC)
    clinic.work()
    later(clinic, days=7, hours=1)
    assert [item.object_count for item in tell(settings, clinic.journal)] == [3], (
        "the longer copies are ready"
    )
    assert tell(settings, clinic.journal) == []
    assert all("復元" in title for title in told(receiver))


def test_what_does_not_arrive_is_tried_again_after_an_hour_and_quiet_hours_are_kept(
    clinic: Clinic, receiver: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    restored(clinic)
    clinic.s3.finish()
    later(clinic, minutes=11)
    copies.look(clinic.settings, clinic.journal)
    hour = clinic.journal.now().astimezone(UTC)
    quiet = f"{hour:%H}:00-{(hour + timedelta(hours=1)):%H}:00"
    silent = wanting(clinic, quiet_hours=quiet).model_copy(
        update={"archive": wanting(clinic).archive.model_copy(update={"timezone": "UTC"})}
    )
    assert [item.status for item in tell(silent, clinic.journal)] == ["quiet"]
    receiver.answer = lambda *_: (500, b"")
    settings = wanting(clinic)
    assert [item.status for item in tell(settings, clinic.journal)] == ["failed"]
    receiver.answer = lambda *_: (200, b"")
    assert tell(settings, clinic.journal) == []
    later(clinic, minutes=75)
    assert [item.status for item in tell(settings, clinic.journal)] == ["sent"]
    assert [event.kind for event in clinic.journal.events(kind="copies.")] == ["copies.untold", "copies.told"]


def test_nobody_is_told_who_did_not_ask(clinic: Clinic, receiver: Stub) -> None:
    restored(clinic)
    clinic.s3.finish()
    later(clinic, minutes=11)
    copies.look(clinic.settings, clinic.journal)
    assert tell(wanting(clinic, restores=False), clinic.journal) == []
    assert not told(receiver)
