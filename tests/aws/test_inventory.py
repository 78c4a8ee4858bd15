"""Inventory reports over HTTP: what is found, verified and kept, and what each fault is called.

Numbers in the names are rows of the fault matrix.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import signal
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard.aws import verify
from dashboard.aws.inventory import Patience, VerifiedFile, fetch_files, fetch_manifest, list_reports
from dashboard.domain.manifest import ReportId
from dashboard.domain.progress import Silent
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import InventoryLocation
from tests.aws.s3_stub import BUCKET, LOCATION, REPORT_AT, SOURCE, Fault, StubS3, serve

REPORT = ReportId(SOURCE, "daily", REPORT_AT)
FOLDER = f"{LOCATION.root}2026-10-01T01-00Z/"
QUICK = Patience(backoff_seconds=0.01, stall_seconds=0.5)
PARQUET = "message s3.inventory { required binary bucket (STRING); required binary key (STRING); }"


@pytest.fixture(scope="module")
def served() -> Iterator[StubS3]:
    with serve() as stub:
        yield stub


@pytest.fixture
def s3(served: StubS3, monkeypatch: pytest.MonkeyPatch) -> StubS3:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
    served.reset()
    return served


class Watch(Silent):
    """Counts what was reported."""

    def __init__(self) -> None:
        self.amount, self.started, self.finished = 0, 0, 0
        self._lock = threading.Lock()

    def start(self, task: str, total: int | None, unit: str) -> None:
        self.started += 1

    def advance(self, task: str, amount: int) -> None:
        with self._lock:
            self.amount += amount

    def finish(self, task: str) -> None:
        self.finished += 1


def csv(count: int, first: int = 0) -> bytes:
    """Rows as S3 writes them; the names are hard to pack, so that sizes stay realistic."""
    rows = (
        f'"{SOURCE}","ipad/{hashlib.md5(str(i).encode()).hexdigest()}.jpg","{i}","2026-05-06T22:37:48.000Z",'
        f'"{hashlib.md5(str(-i).encode()).hexdigest()}","STANDARD"\n'
        for i in range(first, first + count)
    )
    return "".join(rows).encode()


def fetch(
    s3: StubS3, folder: Path, *, workers: int = 4, location: InventoryLocation = LOCATION, watch: Any = None
) -> list[VerifiedFile]:
    client = s3.client()
    manifest = fetch_manifest(client, location, REPORT, QUICK)
    files = fetch_files(client, location, manifest, folder, watch or Silent(), workers, QUICK)
    return sorted(files, key=lambda file: file.index)


def fault_of(s3: StubS3, folder: Path, **options: Any) -> DashboardError:
    with pytest.raises(DashboardError) as caught:
        fetch(s3, folder, **options)
    assert str(caught.value)  # the templates and their arguments fit
    assert not list(folder.glob("*.part"))
    return caught.value


def test_reports_are_listed_newest_first_over_pages_and_other_folders_ignored(s3: StubS3) -> None:
    s3.page_size = 3
    days = [datetime(2026, 9, day, 1, 0, tzinfo=UTC) for day in range(1, 12)]
    for day in days:
        s3.objects[f"{LOCATION.root}{day:%Y-%m-%dT%H-%MZ}/manifest.json"] = b"{}"
    for other in (
        "data/x.csv.gz",
        "hive/dt=2026-09-01-01-00/symlink.txt",
        "2026-13-01T01-00Z/manifest.json",
        "2026-09-01T01-00/manifest.json",
        "2026-09-01T01-00Z x/manifest.json",
    ):
        s3.objects[f"{LOCATION.root}{other}"] = b""
    s3.objects[f"reports/{SOURCE}/daily-2/2027-01-01T01-00Z/manifest.json"] = b"{}"
    found = list_reports(s3.client(), LOCATION)
    assert found == [ReportId(SOURCE, "daily", day) for day in reversed(days)]


def test_listing_a_bucket_that_is_not_there(s3: StubS3) -> None:
    elsewhere = InventoryLocation(location=f"s3://other-bucket/{SOURCE}/daily/")
    with pytest.raises(DashboardError) as caught:
        list_reports(s3.client(), elsewhere)
    assert caught.value.code is ExitCode.FILE_MISSING
    assert "bucket does not exist" in str(caught.value)


def test_csv_is_unpacked_and_other_formats_are_kept_as_they_are(s3: StubS3, tmp_path: Path) -> None:
    rows = [csv(500), csv(20_000, 500)]
    s3.put_report({f"{i}.csv.gz": gzip.compress(part) for i, part in enumerate(rows)})
    watch = Watch()
    files = fetch(s3, tmp_path, watch=watch)
    assert [file.path.read_bytes() for file in files] == rows
    assert [file.size_bytes for file in files] == [len(part) for part in rows]
    assert not any(file.has_plus or file.has_percent_20 for file in files)
    assert watch.amount == sum(len(content) for key, content in s3.objects.items() if "data/" in key)
    assert (watch.started, watch.finished) == (1, 1)

    content = bytes(range(256)) * 20_000
    s3.put_report({"a.parquet": content}, "Parquet", PARQUET)
    (file,) = fetch(s3, tmp_path / "parquet")
    assert (file.path.read_bytes(), file.format) == (content, "Parquet")


def test_many_gzip_members_raw_utf8_and_flags(s3: StubS3, tmp_path: Path) -> None:
    first, second = '"b","端末/a+b é.jpg"\n'.encode(), b'"b","x%20y"\n'
    s3.put_report({"a.csv.gz": gzip.compress(first) + gzip.compress(b"") + gzip.compress(second)})
    (file,) = fetch(s3, tmp_path)
    assert file.path.read_bytes() == b'"b","%E7%AB%AF%E6%9C%AB/a+b %C3%A9.jpg"\n"b","x%20y"\n'
    assert file.has_plus
    assert file.has_percent_20


def test_verified_files_are_not_fetched_again(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({f"{i}.csv.gz": gzip.compress(csv(100, i)) for i in range(3)})
    before = fetch(s3, tmp_path)
    s3.log.clear()
    watch = Watch()
    assert fetch(s3, tmp_path, watch=watch) == before
    assert s3.fetched() == []
    assert watch.amount == sum(len(content) for key, content in s3.objects.items() if "data/" in key)
    before[1].path.write_bytes(b"changed")  # no longer what the marker says
    before[2].path.with_name(f"{before[2].path.name}.verified.json").unlink()
    fetch(s3, tmp_path)
    assert sorted(s3.fetched()) == [f"{LOCATION.root}data/1.csv.gz", f"{LOCATION.root}data/2.csv.gz"]


def test_a_kept_parquet_file_is_hashed_before_it_is_believed(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.parquet": b"A" * 1000}, "Parquet", PARQUET)
    (file,) = fetch(s3, tmp_path)
    file.path.write_bytes(b"B" * 1000)
    fetch(s3, tmp_path)
    assert file.path.read_bytes() == b"A" * 1000
    assert len(s3.fetched()) == 2


def test_an_empty_bucket_has_a_report_without_files(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({})
    assert fetch(s3, tmp_path) == []


def test_the_bucket_owner_is_sent_with_every_request(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    owned = LOCATION.model_copy(update={"bucket_owner": "123456789012"})
    fetch(s3, tmp_path, location=owned)
    list_reports(s3.client(), owned)
    assert len(s3.headers) == 4
    assert {header.get("x-amz-expected-bucket-owner") for header in s3.headers} == {"123456789012"}


def test_keys_below_a_double_slash_are_found(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    key = f"{LOCATION.root}data/a.csv.gz"
    s3.objects[key.replace("reports/", "reports//", 1)] = s3.objects.pop(key)
    (file,) = fetch(s3, tmp_path)
    assert file.path.read_bytes() == csv(1)


def test_a_report_without_its_checksum_is_not_complete(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    del s3.objects[f"{FOLDER}manifest.checksum"]
    fault = fault_of(s3, tmp_path)
    assert fault.code is ExitCode.MANIFEST_INVALID
    assert "not complete yet" in fault.cause
    assert s3.fetched() == []


@pytest.mark.parametrize("kind", ["truncated", "no_json", "bom", "50_mb"])
def test_row_01_manifest_that_is_none(s3: StubS3, tmp_path: Path, kind: str) -> None:
    raw = json.dumps(s3.put_report({"a.csv.gz": gzip.compress(csv(1))})).encode()
    bad = {
        "truncated": raw[: len(raw) // 2],
        "no_json": b"<html>sign in</html>",
        "bom": b"\xef\xbb\xbf" + raw,
        "50_mb": raw + b" " * 50_000_000,
    }[kind]
    s3.put_manifest(bad)
    assert fault_of(s3, tmp_path).code is ExitCode.MANIFEST_INVALID
    assert s3.fetched() == []


def test_row_01_manifest_cut_off_under_its_old_checksum(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    s3.objects[f"{FOLDER}manifest.json"] = s3.objects[f"{FOLDER}manifest.json"][:100]
    assert fault_of(s3, tmp_path).code is ExitCode.MANIFEST_INVALID


def test_row_02_manifest_checksum_mismatch(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    name = f"{FOLDER}manifest.json"
    s3.objects[name] = s3.objects[name].replace(b"2016-11-30", b"2016-11-31")
    fault = fault_of(s3, tmp_path)
    assert fault.code is ExitCode.CHECKSUM_MISMATCH
    assert fault.locator.endswith("manifest.json")
    assert s3.fetched() == []


@pytest.mark.parametrize("file_format", ["CSV", "Parquet"])
def test_row_03_one_file_md5_mismatch_is_named(s3: StubS3, tmp_path: Path, file_format: str) -> None:
    schema = {"CSV": "Bucket, Key", "Parquet": PARQUET}[file_format]
    s3.put_report({f"{i}.x": gzip.compress(csv(2000, i)) for i in range(3)}, file_format, schema)
    key = f"{LOCATION.root}data/1.x"
    content = bytearray(s3.objects[key])
    content[len(content) // 2] ^= 1
    s3.objects[key] = bytes(content)
    fault = fault_of(s3, tmp_path)
    assert fault.code is ExitCode.CHECKSUM_MISMATCH
    assert fault.locator == f"s3://{BUCKET}/{key}"


def test_row_03_file_of_another_size(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.parquet": b"A" * 1000}, "Parquet", PARQUET)
    for other in (b"A" * 999, b"A" * 1001, b""):
        s3.objects[f"{LOCATION.root}data/a.parquet"] = other
        fault = fault_of(s3, tmp_path)
        assert fault.code is ExitCode.CHECKSUM_MISMATCH
        assert f"{len(other)} bytes instead of 1000" in fault.cause


def test_row_04_file_missing(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1)), "b.csv.gz": gzip.compress(csv(2))})
    key = f"{LOCATION.root}data/b.csv.gz"
    del s3.objects[key]
    fault = fault_of(s3, tmp_path)
    assert (fault.code, fault.locator) == (ExitCode.FILE_MISSING, f"s3://{BUCKET}/{key}")


def test_row_05_files_that_no_manifest_names_are_left_alone(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    s3.objects[f"{LOCATION.root}data/extra.csv.gz"] = gzip.compress(csv(9))
    (file,) = fetch(s3, tmp_path)
    assert file.path.read_bytes() == csv(1)
    assert s3.fetched() == [f"{LOCATION.root}data/a.csv.gz"]


@pytest.mark.parametrize("damage", ["half", "no_trailer", "one_byte", "empty", "garbage", "text"])
def test_row_06_gzip_cut_off_or_followed_by_garbage(s3: StubS3, tmp_path: Path, damage: str) -> None:
    whole = gzip.compress(csv(3000))
    bad = {
        "half": whole[: len(whole) // 2],
        "no_trailer": whole[:-8],
        "one_byte": whole + whole[:1],
        "empty": b"",
        "garbage": whole + b"garbage",
        "text": csv(3),
    }[damage]
    s3.put_report({"a.csv.gz": bad})
    fault = fault_of(s3, tmp_path)
    assert fault.code is ExitCode.GZIP_DAMAGED
    assert not list(tmp_path.glob("*.csv"))


@pytest.mark.parametrize("at", [-8, -4], ids=["crc", "length"])
def test_row_07_wrong_crc_or_length_under_a_matching_md5(s3: StubS3, tmp_path: Path, at: int) -> None:
    content = bytearray(gzip.compress(csv(3000)))
    content[at] ^= 1
    s3.put_report({"a.csv.gz": bytes(content)})
    assert fault_of(s3, tmp_path).code is ExitCode.GZIP_DAMAGED


def test_row_08_gzip_bomb_is_stopped_while_it_unpacks(
    s3: StubS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"\0" * 2**24) + packer.flush(zlib.Z_FULL_FLUSH)
    bomb = head + block * 64  # 1 GiB of zeros; it is stopped long before its end is missed
    assert len(bomb) < 1_100_000
    written: list[int] = []
    real = verify._writer

    def counting(output: Any) -> Any:
        write = real(output)

        def counted(data: bytes) -> None:
            written.append(len(data))
            write(data)

        return counted

    monkeypatch.setattr(verify, "_writer", counting)
    s3.put_report({"a.csv.gz": bomb})
    assert fault_of(s3, tmp_path).code is ExitCode.TOO_LARGE
    assert sum(written) <= 200 * len(bomb)


def test_row_08_tiny_members_without_end(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(b"") * 20_000})
    assert fault_of(s3, tmp_path).code is ExitCode.TOO_LARGE


def test_row_09_nul_bytes_of_modest_ratio_are_left_to_the_row_count(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(b"\0" * 1_000_000)})
    (file,) = fetch(s3, tmp_path)
    assert file.size_bytes == 1_000_000


def test_row_14_same_file_listed_twice(s3: StubS3, tmp_path: Path) -> None:
    manifest = s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))}, files=manifest["files"] * 2)
    assert fault_of(s3, tmp_path).code is ExitCode.DUPLICATE_ROWS
    assert s3.fetched() == []


@pytest.mark.parametrize(
    "key",
    [
        f"{LOCATION.root}data/size=999/a.csv.gz",  # row 15: a hive partition would override the column
        f"{LOCATION.root}../secret/a.csv.gz",
        f"{LOCATION.root}data/../../../a.csv.gz",
        f"{LOCATION.root}data/*.csv.gz",
        f"{LOCATION.root}data/a?.csv.gz",
        f"{LOCATION.root}data/[ab].csv.gz",
        f"{LOCATION.root}data//a.csv.gz",
        f"{LOCATION.root}data/%2e%2e/a.csv.gz",
        f"/{LOCATION.root}data/a.csv.gz",
        f"s3://{BUCKET}/{LOCATION.root}data/a.csv.gz",
        "reports/clinic-images/daily-2/data/a.csv.gz",
        "example.parquet",
        "",
    ],
)
def test_row_15_16_path_outside_of_the_location_is_never_asked_for(
    s3: StubS3, tmp_path: Path, key: str
) -> None:
    manifest = s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    s3.put_report({}, files=[{**manifest["files"][0], "key": key}])
    assert fault_of(s3, tmp_path).code is ExitCode.PATH_REFUSED
    assert [path for _, path in s3.log] == [
        f"/{BUCKET}/{FOLDER}manifest.checksum",
        f"/{BUCKET}/{FOLDER}manifest.json",
    ]


@pytest.mark.parametrize("change", [{"destinationBucket": "arn:aws:s3:::evil"}, {"sourceBucket": "evil"}])
def test_row_16_manifest_of_another_bucket(s3: StubS3, tmp_path: Path, change: dict[str, Any]) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))}, **change)
    assert fault_of(s3, tmp_path).code is ExitCode.PATH_REFUSED
    assert s3.fetched() == []


def test_an_old_manifest_in_a_new_folder_is_refused(s3: StubS3, tmp_path: Path) -> None:
    old = str(int(datetime(2026, 9, 30, 1, 0, tzinfo=UTC).timestamp() * 1000))
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))}, creationTimestamp=old)
    assert fault_of(s3, tmp_path).code is ExitCode.MANIFEST_INVALID


@pytest.mark.parametrize("kind", ["reset", "short", "status", "drip", "freeze", "length", "whole"])
def test_row_22_broken_connection_is_resumed(s3: StubS3, tmp_path: Path, kind: str) -> None:
    content = gzip.compress(csv(30_000), 1)
    key = f"{LOCATION.root}data/a.csv.gz"
    s3.put_report({"a.csv.gz": content})
    bad = Fault(kind, sent=1_200_000 if kind != "length" else 7)
    s3.fail(key, *([Fault("reset", sent=100_000), bad] if kind == "whole" else [bad]))
    (file,) = fetch(s3, tmp_path)
    assert file.path.read_bytes() == csv(30_000)
    ranges = [header["range"] for header in s3.headers if "range" in header]
    if kind in {"short", "freeze"}:
        assert ranges == ["bytes=1200000-"]
    assert len(s3.fetched()) == 2


@pytest.mark.parametrize("kind", ["reset", "short", "status", "drip"])
def test_row_22_hopeless_connection_is_given_up(s3: StubS3, tmp_path: Path, kind: str) -> None:
    key = f"{LOCATION.root}data/a.csv.gz"
    s3.put_report({"a.csv.gz": gzip.compress(csv(1000))})
    s3.fail(key, *[Fault(kind, sent=10)] * 50)
    fault = fault_of(s3, tmp_path)
    assert (fault.code, fault.locator) == (ExitCode.SOURCE_UNREACHABLE, f"s3://{BUCKET}/{key}")
    assert len(s3.fetched()) <= 5


def test_row_22_object_replaced_between_two_halves(s3: StubS3, tmp_path: Path) -> None:
    key = f"{LOCATION.root}data/a.parquet"
    s3.put_report({"a.parquet": b"A" * 1000}, "Parquet", PARQUET)
    s3.fail(key, Fault("short", sent=500))
    client = s3.client()
    manifest = fetch_manifest(client, LOCATION, REPORT)
    patience = Patience(backoff_seconds=0.5)
    threading.Timer(0.3, lambda: s3.objects.update({key: b"B" * 1000})).start()
    with pytest.raises(DashboardError) as caught:
        list(fetch_files(client, LOCATION, manifest, tmp_path, Silent(), 1, patience))
    assert caught.value.code is ExitCode.CHECKSUM_MISMATCH
    assert "replaced" in caught.value.cause


@pytest.mark.usefixtures("s3")
def test_row_22_nobody_listens() -> None:
    with pytest.raises(DashboardError) as caught:
        list_reports(StubS3(port=1).client(), LOCATION)
    assert caught.value.code is ExitCode.SOURCE_UNREACHABLE


def test_row_23_credentials_expire_between_files(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({f"{i}.csv.gz": gzip.compress(csv(100, i)) for i in range(6)})
    expired = Fault("status", status=400, code="ExpiredToken")
    s3.fail(f"{LOCATION.root}data/3.csv.gz", expired)
    fault = fault_of(s3, tmp_path, workers=1)
    assert fault.code is ExitCode.CREDENTIALS
    assert len(s3.fetched()) == 4  # ExpiredToken is not asked again
    s3.log.clear()
    assert len(fetch(s3, tmp_path)) == 6
    assert sorted(s3.fetched()) == [f"{LOCATION.root}data/{i}.csv.gz" for i in (3, 4, 5)]


def test_access_denied_names_the_permission(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    s3.fail(f"{LOCATION.root}data/a.csv.gz", Fault("status", status=403, code="AccessDenied"))
    fault = fault_of(s3, tmp_path)
    assert fault.code is ExitCode.ACCESS_DENIED
    assert "s3:GetObject" in fault.next_step


@pytest.mark.parametrize("kind", ["freeze", "drip"])
def test_row_25_a_caller_that_leaves_stops_everything(s3: StubS3, tmp_path: Path, kind: str) -> None:
    s3.put_report({f"{i}.csv.gz": gzip.compress(csv(2000, i)) for i in range(5)})
    for i in range(1, 5):
        s3.fail(f"{LOCATION.root}data/{i}.csv.gz", *[Fault(kind, sent=1000)] * 9)
    client = s3.client()
    manifest = fetch_manifest(client, LOCATION, REPORT)
    patient = Patience(stall_seconds=60)
    files = fetch_files(client, LOCATION, manifest, tmp_path, Silent(), 4, patient)
    assert next(files).index == 0
    began = time.monotonic()
    files.close()
    assert time.monotonic() - began < 5
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "part-0000.csv",
        "part-0000.csv.verified.json",
    ]


def test_row_25_ctrl_c_while_waiting(s3: StubS3, tmp_path: Path) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    s3.put_report({"a.csv.gz": gzip.compress(csv(2000))})
    s3.fail(f"{LOCATION.root}data/a.csv.gz", Fault("freeze", sent=1000))
    manifest = fetch_manifest(s3.client(), LOCATION, REPORT)
    files = fetch_files(s3.client(), LOCATION, manifest, tmp_path, Silent())
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        next(files)
    assert time.monotonic() - began < 5
    assert list(tmp_path.iterdir()) == []


def test_row_25_partial_files_of_a_killed_run_are_removed(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    (tmp_path / "part-0000.csv.deadbeef.part").write_bytes(b"half")
    fetch(s3, tmp_path)
    assert not list(tmp_path.glob("*.part"))


def test_row_28_disk_full_while_downloading(
    s3: StubS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1000))})

    def full(output: Any) -> Any:
        def write(data: bytes) -> None:
            output.write(data[:10])
            raise OSError(errno.ENOSPC, "No space left on device")

        return write

    monkeypatch.setattr(verify, "_writer", full)
    assert fault_of(s3, tmp_path).code is ExitCode.DISK_FULL
    assert list(tmp_path.iterdir()) == []


def test_row_30_folder_that_cannot_be_made(s3: StubS3, tmp_path: Path) -> None:
    s3.put_report({"a.csv.gz": gzip.compress(csv(1))})
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DashboardError) as caught:
        fetch(s3, tmp_path / "file" / "folder")
    assert caught.value.code is ExitCode.READ_ONLY
