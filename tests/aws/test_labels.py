"""Labels from object tags: against moto over HTTP, and against clients that fail in their own ways."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dashboard.aws import labels
from dashboard.aws.label_segments import (
    Segment,
    adopt_changes,
    mend_segments,
    note_change,
    segments,
)
from dashboard.aws.labels import LabelTarget, TokenBucket, read_tags
from dashboard.domain.progress import Silent
from dashboard.errors import ExitCode
from dashboard.settings.labels import ObjectTagLabels
from tests.aws.http_stub import client_for, moto_s3

FAST = ObjectTagLabels(requests_per_second=100_000)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for file in segments(folder) for line in file.read_bytes().splitlines()]


def targets(count: int, bucket: str = "archive") -> list[LabelTarget]:
    return [LabelTarget(bucket, f"ipad/{number:05}.jpg", "", f"tag-{number}") for number in range(count)]


def client_error(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObjectTagging")


class Tagger:
    """A client that answers at once; `fails` maps a key to what is raised for it."""

    def __init__(self, fails: Mapping[str, Exception] | None = None, always: Exception | None = None) -> None:
        self.fails, self.always = fails or {}, always
        self.asked: list[dict[str, str]] = []
        self.lock = threading.Lock()

    def get_object_tagging(self, **parameters: str) -> dict[str, Any]:
        with self.lock:
            self.asked.append(parameters)
        error = self.always or self.fails.get(parameters["Key"])
        if error:
            raise error
        return {"TagSet": [{"Key": "label", "Value": parameters["Key"]}]}


def test_tags_of_objects_and_versions_are_read_over_http(tmp_path: Path) -> None:
    s3 = moto_s3()
    s3.create_bucket(Bucket="labelled-archive")
    s3.put_bucket_versioning(Bucket="labelled-archive", VersioningConfiguration={"Status": "Enabled"})
    keys = ["ipad/手術 1+2.jpg", "ipad/'; drop table labels; --.jpg", "ipad/plain.jpg"]
    first = [
        s3.put_object(Bucket="labelled-archive", Key=key, Body=b"", Tagging="label=old&Label=x")
        for key in keys
    ]
    s3.put_object(Bucket="labelled-archive", Key=keys[0], Body=b"")
    asked = [
        LabelTarget("labelled-archive", keys[0], "", "e0"),
        LabelTarget("labelled-archive", keys[0], first[0]["VersionId"], "e1"),
        LabelTarget("labelled-archive", keys[1], "", "e2"),
        LabelTarget("labelled-archive", keys[2], first[2]["VersionId"], "e3"),
        LabelTarget("labelled-archive", "ipad/gone.jpg", "", "e4"),
    ]
    outcome = read_tags(s3, FAST, asked, tmp_path, Silent())
    assert outcome.fault is None
    assert (outcome.request_count, outcome.read_count, outcome.gone_count, outcome.left_count) == (5, 4, 1, 0)
    found = {(line["key"], line["version_id"], line["e_tag"]): line["tags"] for line in lines(tmp_path)}
    assert found == {
        (keys[0], "", "e0"): {},
        (keys[0], first[0]["VersionId"], "e1"): {"label": "old", "Label": "x"},
        (keys[1], "", "e2"): {"label": "old", "Label": "x"},
        (keys[2], first[2]["VersionId"], "e3"): {"label": "old", "Label": "x"},
    }
    assert set(lines(tmp_path)[0]) == {"source_bucket", "key", "version_id", "e_tag", "tags", "read_at"}


def test_the_budget_leaves_the_rest_for_the_next_run(tmp_path: Path) -> None:
    tagger = Tagger()
    settings = ObjectTagLabels(requests_per_second=100_000, max_requests_per_run=30)
    outcome = read_tags(tagger, settings, iter(targets(100)), tmp_path, Silent())
    assert outcome.fault is None
    assert (outcome.request_count, outcome.read_count, outcome.left_count) == (30, 30, 70)
    assert len(tagger.asked) == len(lines(tmp_path)) == 30


def test_nothing_to_read_leaves_no_file(tmp_path: Path) -> None:
    assert read_tags(Tagger(), FAST, [], tmp_path, Silent()).request_count == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "status"), [("NoSuchKey", 404), ("NoSuchVersion", 404), ("MethodNotAllowed", 405)]
)
def test_an_object_that_is_gone_is_counted(tmp_path: Path, code: str, status: int) -> None:
    tagger = Tagger(fails={target.key: client_error(code, status) for target in targets(60)[::2]})
    outcome = read_tags(tagger, FAST, targets(60), tmp_path, Silent())
    assert (outcome.fault, outcome.gone_count, outcome.read_count) == (None, 30, 30)


def test_an_object_that_is_refused_does_not_hold_up_the_others(tmp_path: Path) -> None:
    tagger = Tagger(fails={"ipad/00003.jpg": client_error("AccessDenied", 403)})
    outcome = read_tags(tagger, FAST, targets(50), tmp_path, Silent())
    assert (outcome.read_count, outcome.failed_count, outcome.left_count) == (49, 1, 0)
    assert outcome.fault is not None
    assert outcome.fault.code is ExitCode.ACCESS_DENIED
    assert outcome.fault.locator == "s3://archive/ipad/00003.jpg"


def test_failures_far_apart_do_not_stop_the_reading(tmp_path: Path) -> None:
    refused = {target.key: client_error("AccessDenied", 403) for target in targets(240)[::4]}
    outcome = read_tags(Tagger(fails=refused), FAST, targets(240), tmp_path, Silent())
    assert (outcome.read_count, outcome.failed_count, outcome.left_count) == (180, 60, 0)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (client_error("AccessDenied", 403), ExitCode.ACCESS_DENIED),
        (client_error("ExpiredToken", 400), ExitCode.CREDENTIALS),
        (client_error("InternalError", 500), ExitCode.SOURCE_UNREACHABLE),
        (ConnectionResetError("reset"), ExitCode.SOURCE_UNREACHABLE),
    ],
)
def test_reading_stops_where_nothing_can_be_read(
    tmp_path: Path, error: Exception, expected: ExitCode
) -> None:
    tagger = Tagger(always=error)
    outcome = read_tags(tagger, FAST, targets(1000), tmp_path, Silent())
    assert outcome.fault is not None
    assert outcome.fault.code is expected
    assert len(tagger.asked) == outcome.request_count < 100
    assert outcome.failed_count + outcome.left_count == 1000


def test_no_connection_is_a_fault(tmp_path: Path) -> None:
    s3 = client_for("s3", "http://127.0.0.1:9")
    outcome = read_tags(s3, FAST, targets(30), tmp_path, Silent())
    assert outcome.fault is not None
    assert outcome.fault.code is ExitCode.SOURCE_UNREACHABLE


def test_an_interruption_keeps_what_was_read(tmp_path: Path) -> None:
    def interrupted() -> Iterator[LabelTarget]:
        yield from targets(70)
        raise KeyboardInterrupt

    tagger = Tagger()
    with pytest.raises(KeyboardInterrupt):
        read_tags(tagger, FAST, interrupted(), tmp_path, Silent())
    assert sorted(line["key"] for line in lines(tmp_path)) == sorted(call["Key"] for call in tagger.asked)
    assert len(lines(tmp_path)) > 30


def test_lines_reach_the_disk_while_reading_goes_on(tmp_path: Path) -> None:
    seen: list[int] = []

    def watched() -> Iterator[LabelTarget]:
        for number, target in enumerate(targets(2500)):
            if number == 2400:
                seen.append(len(lines(tmp_path)))
            yield target

    read_tags(Tagger(), FAST, watched(), tmp_path, Silent())
    assert seen == [2000]
    assert len(lines(tmp_path)) == 2500


def test_the_rate_is_held() -> None:
    rate = TokenBucket(per_second=200, burst=10)
    start = time.monotonic()
    for _ in range(40):
        rate.take()
    assert time.monotonic() - start >= 39 / 200 - 0.001
    # After a pause only a burst may pass at once, never all that was not used.
    time.sleep(0.2)
    start = time.monotonic()
    for _ in range(20):
        rate.take()
    assert time.monotonic() - start >= 9 / 200


def test_a_busy_service_is_asked_more_slowly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates: list[TokenBucket] = []

    class Watched(TokenBucket):
        def __init__(self, per_second: float) -> None:
            super().__init__(per_second)
            rates.append(self)

    monkeypatch.setattr(labels, "TokenBucket", Watched)
    tagger = Tagger(fails={target.key: client_error("SlowDown", 503) for target in targets(40)[::10]})
    read_tags(tagger, FAST, targets(40), tmp_path, Silent())
    assert rates[0].per_second == 100_000 / 2**4
    slow = TokenBucket(2)
    for _ in range(5):
        slow.slow_down()
    assert slow.per_second == 1


@pytest.mark.parametrize("torn", [b"", b'{"source_bu', b"x" * 70_000])
def test_a_torn_end_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    read_tags(Tagger(), FAST, targets(3), tmp_path, Silent())
    (file,) = segments(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole + torn)
    assert mend_segments(tmp_path) == bool(torn)
    assert file.read_bytes() == whole
    file.write_bytes(torn)
    mend_segments(tmp_path)
    assert file.read_bytes() == b""


def test_a_change_that_was_noted_in_part_spoils_none_of_the_others(tmp_path: Path) -> None:
    note_change(tmp_path, {"key": "before"})
    with (tmp_path / "changed.jsonl").open("ab") as stream:
        stream.write(b'{"key": "tor')
    note_change(tmp_path, {"key": "after"})
    adopt_changes(tmp_path)
    assert lines(tmp_path) == [{"key": "before"}, {"key": "after"}]


def test_a_change_that_was_noted_outlives_a_loss_of_power(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads these tags again: the line, the name of its file and of its segment are asked to be on disk."""
    safe: dict[int, int] = {}

    def fsync(descriptor: int) -> None:
        told = os.fstat(descriptor)
        safe[told.st_ino] = told.st_size
        named.update(path.name for path in tmp_path.iterdir() if told.st_ino == tmp_path.stat().st_ino)

    named: set[str] = set()
    monkeypatch.setattr("os.fsync", fsync)
    for key in ("a", "b"):
        note_change(tmp_path, {"key": key})
        told = (tmp_path / "changed.jsonl").stat()
        assert safe[told.st_ino] == told.st_size
    assert "changed.jsonl" in named
    adopt_changes(tmp_path)
    [segment] = segments(tmp_path)
    assert segment.name in named


def test_a_batch_that_finds_no_room_leaves_whole_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = Segment(tmp_path)
    segment.add({"n": 1})
    segment.flush()
    segment.add({"n": 2})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="space"):
            segment.flush()
    assert lines(tmp_path) == [{"n": 1}]
    segment.flush()
    assert lines(tmp_path) == [{"n": 1}, {"n": 2}]
