"""Unfinished uploads: against moto over HTTP, and against a stub for pages and ages that moto does not have."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest

from dashboard.aws.uploads import read_uploads, uploads_file
from dashboard.domain.progress import Silent
from dashboard.errors import ExitCode
from tests.aws.http_stub import Stub, client_for, moto_s3, running_stub

NOW = datetime(2026, 10, 20, 6, 30, tzinfo=UTC)
MIB = 2**20


@pytest.fixture(scope="module")
def server() -> Generator[tuple[Stub, Any]]:
    with running_stub() as stub:
        yield stub, client_for("s3", stub.url)


def read(folder: Path, bucket: str = "archive") -> dict[str, Any]:
    data: dict[str, Any] = json.loads(uploads_file(folder, bucket).read_bytes())
    return data


def test_uploads_and_their_parts_are_read_over_http(tmp_path: Path) -> None:
    s3 = moto_s3()
    s3.create_bucket(Bucket="unfinished-archive")
    for number, key in enumerate(("ipad/１.jpg", "xray/a b+c.dcm")):
        upload = s3.create_multipart_upload(Bucket="unfinished-archive", Key=key)["UploadId"]
        for part in range(1, number + 2):
            s3.upload_part(
                Bucket="unfinished-archive", Key=key, UploadId=upload, PartNumber=part, Body=b"x" * 1000
            )
    s3.create_multipart_upload(Bucket="unfinished-archive", Key="ipad/without-parts.jpg")
    outcome = read_uploads(s3, "unfinished-archive", tmp_path, 100, Silent(), NOW)
    assert outcome.fault is None
    assert (outcome.upload_count, outcome.is_complete, outcome.request_count) == (3, True, 4)
    data = read(tmp_path, "unfinished-archive")
    assert data["is_complete"] is True
    assert {(item["key"], item["part_count"], item["size_bytes"]) for item in data["uploads"]} == {
        ("ipad/１.jpg", 1, 1000),
        ("ipad/without-parts.jpg", 0, 0),
        ("xray/a b+c.dcm", 2, 2000),
    }


def test_a_bucket_without_uploads_is_an_answer(tmp_path: Path) -> None:
    s3 = moto_s3()
    s3.create_bucket(Bucket="finished-archive")
    outcome = read_uploads(s3, "finished-archive", tmp_path, 100, Silent(), NOW)
    assert (outcome.fault, outcome.request_count, outcome.upload_count) == (None, 1, 0)
    assert read(tmp_path, "finished-archive")["uploads"] == []


class Bucket:
    """A synthetic bucket with `count` uploads, two to a page, each with `parts` parts, two to a page."""

    def __init__(self, count: int, parts: int = 3) -> None:
        self.keys = [f"ipad/ +{number:03}\x01&.jpg" for number in range(count)]
        self.parts = parts
        self.finished: set[str] = set()

    def __call__(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        return self.page(query) if "uploads" in query else self.part_page(query)

    def page(self, query: dict[str, str]) -> tuple[int, bytes]:
        assert query["encoding-type"] == "url"
        first = self.keys.index(query["key-marker"]) + 1 if query.get("key-marker") else 0
        shown = self.keys[first : first + 2]
        uploads = "".join(
            f"<Upload><Key>{quote_plus(key)}</Key><UploadId>id-{self.keys.index(key)}</UploadId>"
            "<StorageClass>GLACIER</StorageClass><Initiated>2026-09-01T00:00:00.000Z</Initiated></Upload>"
            for key in shown
        )
        is_cut = first + 2 < len(self.keys)
        marker = f"<NextKeyMarker>{quote_plus(shown[-1])}</NextKeyMarker>" if shown else ""
        return 200, (
            f"<ListMultipartUploadsResult><EncodingType>url</EncodingType>{marker}"
            f"<NextUploadIdMarker>id</NextUploadIdMarker><IsTruncated>{str(is_cut).lower()}</IsTruncated>"
            f"{uploads}</ListMultipartUploadsResult>"
        ).encode()

    def part_page(self, query: dict[str, str]) -> tuple[int, bytes]:
        if query["uploadId"] in self.finished:
            return 404, b"<Error><Code>NoSuchUpload</Code></Error>"
        first = int(query.get("part-number-marker", 0))
        last = min(first + 2, self.parts)
        parts = "".join(
            f"<Part><PartNumber>{number + 1}</PartNumber><Size>{5 * MIB}</Size></Part>"
            for number in range(first, last)
        )
        return 200, (
            f"<ListPartsResult><NextPartNumberMarker>{last}</NextPartNumberMarker>"
            f"<IsTruncated>{str(last < self.parts).lower()}</IsTruncated>{parts}</ListPartsResult>"
        ).encode()


def test_all_pages_of_uploads_and_parts_are_read(server: tuple[Stub, Any], tmp_path: Path) -> None:
    stub, s3 = server
    stub.answer = bucket = Bucket(5)
    outcome = read_uploads(s3, "archive", tmp_path, 100, Silent(), NOW)
    assert outcome.fault is None
    assert outcome.request_count == 3 + 5 * 2
    data = read(tmp_path)
    assert [item["key"] for item in data["uploads"]] == bucket.keys
    assert data["uploads"][0] == {
        "key": "ipad/ +000\x01&.jpg",
        "upload_id": "id-0",
        "initiated_at": "2026-09-01T00:00:00+00:00",
        "storage_class": "GLACIER",
        "part_count": 3,
        "size_bytes": 15 * MIB,
    }


@pytest.mark.parametrize("budget", [1, 2, 3, 4, 8, 12])
def test_the_budget_is_held_and_the_cut_is_named(
    server: tuple[Stub, Any], tmp_path: Path, budget: int
) -> None:
    stub, s3 = server
    stub.answer = Bucket(5)
    stub.requests.clear()
    outcome = read_uploads(s3, "archive", tmp_path, budget, Silent(), NOW)
    assert outcome.fault is None
    assert outcome.request_count == len(stub.requests) == budget
    data = read(tmp_path)
    assert outcome.is_complete is data["is_complete"] is False
    assert len(data["uploads"]) == min(5, 2 * budget)
    sizes = {item["size_bytes"] for item in data["uploads"]}
    assert sizes <= {None, 15 * MIB}
    assert None in sizes


def test_a_budget_that_just_suffices_is_complete(server: tuple[Stub, Any], tmp_path: Path) -> None:
    stub, s3 = server
    stub.answer = Bucket(5)
    assert read_uploads(s3, "archive", tmp_path, 13, Silent(), NOW).is_complete


def test_a_flood_of_uploads_is_cut_and_the_cut_is_named(
    server: tuple[Stub, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub, s3 = server
    stub.answer = Bucket(9)
    monkeypatch.setattr("dashboard.aws.uploads.MOST_UPLOADS", 4)
    outcome = read_uploads(s3, "archive", tmp_path, 100, Silent(), NOW)
    assert (outcome.fault, outcome.upload_count, outcome.is_complete) == (None, 4, False)
    assert {item["size_bytes"] for item in read(tmp_path)["uploads"]} == {15 * MIB}


def test_an_upload_that_is_over_by_now_is_left_out(server: tuple[Stub, Any], tmp_path: Path) -> None:
    stub, s3 = server
    stub.answer = bucket = Bucket(3)
    bucket.finished = {"id-1"}
    outcome = read_uploads(s3, "archive", tmp_path, 100, Silent(), NOW)
    assert (outcome.fault, outcome.is_complete) == (None, True)
    assert [item["upload_id"] for item in read(tmp_path)["uploads"]] == ["id-0", "id-2"]


def test_pages_that_never_end_are_a_fault(server: tuple[Stub, Any], tmp_path: Path) -> None:
    stub, s3 = server
    page = (
        b"<ListMultipartUploadsResult><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>"
        b"<IsTruncated>true</IsTruncated></ListMultipartUploadsResult>"
    )
    stub.answer = lambda method, path, body: (200, page)
    outcome = read_uploads(s3, "archive", tmp_path, 1000, Silent(), NOW)
    assert outcome.fault is not None
    assert outcome.request_count == 2


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_fault_leaves_the_former_file(server: tuple[Stub, Any], tmp_path: Path, is_listed: bool) -> None:
    stub, s3 = server
    bucket = Bucket(200)
    stub.requests.clear()

    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if is_listed and "uploads" in path:
            return bucket(method, path, body)
        return 403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"

    stub.answer = answer
    uploads_file(tmp_path, "archive").write_text("former", "utf-8")
    outcome = read_uploads(s3, "archive", tmp_path, 1000, Silent(), NOW)
    assert outcome.fault is not None
    assert outcome.fault.code is ExitCode.ACCESS_DENIED
    assert len(stub.requests) < 200, "the parts of every upload were asked for, though the first was refused"
    assert ("ListMultipartUploadParts" in outcome.fault.next_step) == is_listed
    assert uploads_file(tmp_path, "archive").read_text("utf-8") == "former"
