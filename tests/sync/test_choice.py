"""Which report is used: the newest complete one; what is wrong with the others is said, and nothing is counted twice.

Numbers in the names are rows of the fault matrix.
"""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from dashboard.errors import DashboardError, ExitCode
from dashboard.terminal import Bars
from dashboard.warehouse import publish
from tests.inventory_writer import ALL_COLUMNS, Row, encode
from tests.sync.world import KEY, NOW, REPORT_AT, SOURCE, World, day, good, goods


@contextmanager
def proxy(target: str, log: list[str], hold: Callable[[str], None] = lambda _path: None) -> Iterator[str]:
    """Passes requests on to the server and notes what was asked for; `hold` returns when a path may be answered."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            log.append(self.path)
            request = Request(f"{target}{self.path}", headers=dict(self.headers.items()))  # noqa: S310
            try:
                answer = urlopen(request)  # noqa: S310
            except HTTPError as error:
                answer = error
            hold(self.path)
            with answer:
                body = answer.read()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def count(world: World) -> int:
    return int(world.rows("SELECT count(*) FROM facts.objects")[0][0])


def trend(world: World) -> list[tuple[Any, ...]]:
    return world.rows(
        "SELECT strftime(reported_on, '%d'), sum(object_count)::BIGINT, sum(size_bytes)::BIGINT "
        "FROM marts.trend GROUP BY ALL ORDER BY 1"
    )


def test_row_21_what_is_loaded_is_not_loaded_again(world: World) -> None:
    world.put([goods(30), goods(30, 30)], format_="CSV")
    log: list[str] = []
    with proxy(world.endpoint, log) as address:
        world.endpoint = address
        first = world.synced()
        fetched = [path for path in log if "/data/" in path]
        log.clear()
        second = world.synced()
        third = world.synced(now=NOW + timedelta(hours=1), force=True)
    assert len(fetched) == 2
    assert [path for path in log if "/data/" in path] == []
    assert (first.is_published, second.is_published, third.is_published) == (True, False, True)
    assert second.snapshot_id == first.snapshot_id
    assert second.sources[0]["status"] == third.sources[0]["status"] == "unchanged"
    assert count(world) == 60


def test_other_settings_are_a_new_snapshot_of_the_same_reports(world: World) -> None:
    world.put(goods(5))
    world.synced()
    assert not world.synced().is_published
    world.changes["findings"] = {"late_after_days": 1}
    assert world.synced().is_published


def test_a_rule_has_the_severity_of_the_settings_or_is_off(world: World) -> None:
    world.put(
        [*goods(3), Row(KEY.format(4, 4).replace("_", " ")), Row(KEY.format(5, 5).replace(".heic", ".HEIC"))]
    )
    world.changes["findings"] = {"severity": {"contains_space": "off", "upper_case_extension": "critical"}}
    world.synced()
    found = "SELECT rule_id, severity FROM alerts.findings WHERE reason = rule_id"
    assert world.rows(found) == [("upper_case_extension", "critical")]
    named = "SELECT reason, sum(object_count) FROM marts.quality WHERE reason <> '' GROUP BY reason ORDER BY reason"
    assert [reason for reason, _ in world.rows(named)] == ["contains_space", "upper_case_extension"]
    world.changes["findings"] = {}
    assert world.synced().is_published, "other severities are another snapshot"
    assert ("contains_space", "low") in world.rows(found)


def test_a_marker_under_another_version_hides_nothing(world: World) -> None:
    deleted: dict[str, Any] = {
        "version_id": "m",
        "size": None,
        "storage_class": None,
        "e_tag": None,
        "is_delete_marker": True,
    }
    former: dict[str, Any] = {"version_id": "f", "is_latest": False}
    world.put([
        *goods(2), good(2, **deleted), good(2, **former), good(3, version_id="n"), good(3, **deleted | former),
        Row("ipad/IMG_0001.HEIC", **deleted), Row("elsewhere/a.jpg", **deleted),
    ])  # fmt: skip
    world.synced()
    assert world.rows("FROM marts.hidden_objects ORDER BY device_id") == [
        (SOURCE, "ipad", 2),
        (SOURCE, "unattributed", 1),
    ]
    assert world.rows("SELECT sum(object_count) FROM marts.storage WHERE kind = 'delete_marker'") == [(4,)]


def test_row_21_an_older_report_never_replaces_a_newer_one(world: World) -> None:
    world.put(goods(5))
    world.synced()
    world.remove(REPORT_AT)
    world.put(goods(9), at=day(1))
    outcome = world.sync()
    assert (outcome.exit_code, outcome.is_published) == (ExitCode.OK, False)
    assert outcome.sources[0]["status"] == "kept"
    assert count(world) == 5


def test_row_21_a_report_from_the_future_is_passed_over(world: World) -> None:
    world.put(goods(5))
    world.put(goods(9), at=NOW + timedelta(days=3))
    world.synced()
    assert count(world) == 5


def break_checksum(world: World, at: Any) -> None:
    key = f"{world.root()}{at:%Y-%m-%dT%H-%MZ}/manifest.checksum"
    world.s3.put_object(Bucket=world.bucket, Key=key, Body=b"0" * 32)


def break_data(world: World, at: Any, change: Callable[[bytes], bytes | None]) -> None:
    folder = f"{world.root()}{at:%Y-%m-%dT%H-%MZ}/"
    manifest = json.loads(
        world.s3.get_object(Bucket=world.bucket, Key=f"{folder}manifest.json")["Body"].read()
    )
    key = manifest["files"][-1]["key"]
    body = change(world.s3.get_object(Bucket=world.bucket, Key=key)["Body"].read())
    if body is None:
        world.s3.delete_object(Bucket=world.bucket, Key=key)
    else:
        world.s3.put_object(Bucket=world.bucket, Key=key, Body=body)


def _none(_body: bytes) -> None:
    return None


def _flip(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1])


NEWEST_IS_BAD: dict[str, tuple[ExitCode, Callable[[World], object]]] = {
    "row_02_checksum": (ExitCode.CHECKSUM_MISMATCH, lambda world: break_checksum(world, REPORT_AT)),
    "row_03_md5": (ExitCode.CHECKSUM_MISMATCH, lambda world: break_data(world, REPORT_AT, _flip)),
    "row_04_file_missing": (ExitCode.FILE_MISSING, lambda world: break_data(world, REPORT_AT, _none)),
    "row_01_no_checksum_yet": (
        ExitCode.MANIFEST_INVALID,
        lambda world: world.put(goods(9), at=REPORT_AT + timedelta(hours=1), checksum=False),
    ),
    "row_09_bytes_without_rows": (
        ExitCode.NO_ROWS,
        lambda world: world.put(
            [], at=REPORT_AT + timedelta(hours=1), format_="CSV", columns=("bucket", "key"),
            payloads=[gzip.compress(b"\n" * 5_000)],
        ),
    ),
    "row_09_nothing_but_nul": (
        ExitCode.SCHEMA_MISMATCH,
        lambda world: world.put(
            [], at=REPORT_AT + timedelta(hours=1), format_="CSV", columns=("bucket", "key"),
            payloads=[gzip.compress(bytes(100_000))],
        ),
    ),
    "row_11_csv_column_added": (
        ExitCode.SCHEMA_MISMATCH,
        lambda world: world.put(
            goods(9), at=REPORT_AT + timedelta(hours=1), format_="CSV", columns=("bucket", "key", "size"),
            schema="Bucket, Key",
        ),
    ),
    "row_11_csv_column_missing": (
        ExitCode.SCHEMA_MISMATCH,
        lambda world: world.put(
            goods(9), at=REPORT_AT + timedelta(hours=1), format_="CSV", columns=("bucket", "key"),
            schema="Bucket, Key, Size",
        ),
    ),
    "row_11_csv_columns_swapped": (
        ExitCode.SCHEMA_MISMATCH,
        lambda world: world.put(
            goods(9), at=REPORT_AT + timedelta(hours=1), format_="CSV", columns=("bucket", "key"),
            schema="Key, Bucket",
        ),
    ),
    **{
        f"row_11_{format_.lower()}_{name}": (
            ExitCode.SCHEMA_MISMATCH,
            lambda world, format_=format_, columns=columns: world.put(  # type: ignore[misc]
                goods(9), at=REPORT_AT + timedelta(hours=1), format_=format_,
                payloads=[encode(format_, goods(9), columns)],
            ),
        )
        for format_ in ("ORC", "Parquet")
        for name, columns in (("no_key", ("bucket", "size")), ("fewer", ("bucket", "key", "size")))
    },
    "row_12_size_is_a_string": (
        ExitCode.SCHEMA_MISMATCH,
        lambda world: world.put(
            [], at=REPORT_AT + timedelta(hours=1), columns=("bucket", "key", "size"),
            payloads=[encode("Parquet", goods(9), ("bucket", "key", "size")), _string_sizes("Parquet")],
        ),
    ),
    "row_12_orc_size_is_a_string": (
        ExitCode.SCHEMA_MISMATCH,
        lambda world: world.put(
            [], at=REPORT_AT + timedelta(hours=1), columns=("bucket", "key", "size"), format_="ORC",
            payloads=[_string_sizes("ORC")],
        ),
    ),
    "row_14_listed_twice": (ExitCode.DUPLICATE_ROWS, lambda world: _list_twice(world)),
    "row_17_footer_lies": (
        ExitCode.FILE_DAMAGED,
        lambda world: world.put(
            [], at=REPORT_AT + timedelta(hours=1), payloads=[_lie_in_footer(encode("Parquet", goods(9), ALL_COLUMNS))]
        ),
    ),
    "row_17_no_parquet_at_all": (
        ExitCode.FILE_DAMAGED,
        lambda world: world.put([], at=REPORT_AT + timedelta(hours=1), payloads=[b"PAR1<html>no</html>PAR1"]),
    ),
    "row_17_no_orc_at_all": (
        ExitCode.FILE_DAMAGED,
        lambda world: world.put([], at=REPORT_AT + timedelta(hours=1), format_="ORC", payloads=[b"ORC<html>no</html>"]),
    ),
    "row_10_shrunk": (
        ExitCode.REPORT_SHRANK,
        lambda world: world.put(goods(50), at=REPORT_AT + timedelta(hours=1)),
    ),
}  # fmt: skip


def _string_sizes(format_: str) -> bytes:
    import io

    import pyarrow as pa
    import pyarrow.orc
    import pyarrow.parquet

    table = pa.table({"bucket": [SOURCE], "key": ["a.jpg"], "size": ["12"]})
    out = io.BytesIO()
    (pyarrow.orc.write_table if format_ == "ORC" else pyarrow.parquet.write_table)(table, out)
    return out.getvalue()


def _lie_in_footer(body: bytes) -> bytes:
    return body[:-8] + (1 << 20).to_bytes(4, "little") + body[-4:]


def _list_twice(world: World) -> None:
    at = REPORT_AT + timedelta(hours=1)
    manifest = world.put(goods(9), at=at)
    manifest["files"] *= 2
    import hashlib

    body = json.dumps(manifest).encode()
    folder = f"{world.root()}{at:%Y-%m-%dT%H-%MZ}/"
    for name, content in (("json", body), ("checksum", hashlib.md5(body).hexdigest().encode())):
        world.s3.put_object(Bucket=world.bucket, Key=f"{folder}manifest.{name}", Body=content)


@pytest.mark.parametrize("case", NEWEST_IS_BAD)
def test_a_bad_newest_report_is_named_and_the_one_before_it_used(world: World, case: str) -> None:
    code, spoil = NEWEST_IS_BAD[case]
    world.put(goods(150), at=day(1), format_="CSV")
    if "row_10" in case:
        world.synced()
    world.put(goods(151))
    spoil(world)
    outcome = world.sync()
    assert outcome.exit_code is code, [str(fault) for fault in outcome.faults]
    assert f"{world.bucket}/{world.root()}" in outcome.faults[0].locator
    # Where the report of REPORT_AT itself is spoilt, that of the day before is used.
    assert count(world) == (150 if case.startswith(("row_02", "row_03", "row_04")) else 151)
    world.assert_sound()
    last = world.reader().last_sync()
    assert last is not None
    assert last["exit_code"] == int(code)
    if not case.startswith(("row_04", "row_10", "row_12")):
        return
    again = world.sync()
    assert (again.exit_code, again.is_published) == (code, False), (
        "the same fault is named again, nothing is built"
    )


def test_no_report_at_all_is_said_and_publishes_nothing(world: World) -> None:
    outcome = world.sync()
    assert outcome.exit_code is ExitCode.FILE_MISSING
    with pytest.raises(DashboardError) as caught:
        world.reader().current()
    assert caught.value.code is ExitCode.NO_SNAPSHOT


def test_a_location_that_fails_leaves_the_others_alone(world: World) -> None:
    world.configs = [(SOURCE, "daily"), ("second-bucket", "daily")]
    world.put(goods(5))
    world.put([good(1, bucket="second-bucket")], source="second-bucket")
    world.synced()
    world.put(goods(6), at=REPORT_AT + timedelta(hours=2))
    key = f"{world.root('second-bucket')}{REPORT_AT + timedelta(hours=2):%Y-%m-%dT%H-%MZ}/manifest.checksum"
    world.s3.put_object(Bucket=world.bucket, Key=key, Body=b"x")
    outcome = world.sync()
    assert outcome.exit_code is ExitCode.MANIFEST_INVALID
    assert outcome.is_published
    assert count(world) == 7


@pytest.mark.parametrize("format_", ["CSV", "Parquet"])
def test_row_13_duplicate_rows_refuse_the_snapshot_and_the_last_good_one_stays(
    world: World, format_: str
) -> None:
    world.put(goods(150), at=day(1))
    world.synced()
    world.put([goods(100), goods(100, 99)], format_=format_)
    outcome = world.sync()
    assert outcome.exit_code is ExitCode.DUPLICATE_ROWS
    assert "1 rows too many" in outcome.faults[0].cause
    assert count(world) == 150
    world.assert_sound()
    world.put(goods(160), at=REPORT_AT + timedelta(hours=1))
    world.synced()
    assert count(world) == 160


def test_row_13_the_report_before_the_one_with_duplicate_rows_is_used(world: World) -> None:
    world.put(goods(150), at=day(1))
    world.put([goods(100), goods(100, 99)])
    outcome = world.sync()
    assert (outcome.exit_code, outcome.is_published) == (ExitCode.DUPLICATE_ROWS, True)
    assert world.root() in outcome.faults[0].locator
    assert count(world) == 150
    world.put(goods(160), at=REPORT_AT + timedelta(hours=1))
    assert world.sync().exit_code is ExitCode.OK
    assert count(world) == 160
    doubled = "SELECT count(*) FROM raw.history WHERE report_at = $1"
    assert world.rows(doubled.replace("$1", f"TIMESTAMP '{REPORT_AT:%Y-%m-%d %H:%M}'")) == [(0,)]


def test_row_13_versions_of_one_key_are_no_duplicates(world: World) -> None:
    world.put([good(1, version_id="a"), good(1, version_id="b", is_latest=False)])
    world.synced()
    assert count(world) == 2


def test_row_10_a_report_that_shrank_is_held_until_it_is_accepted(world: World) -> None:
    world.put(goods(200), at=day(1))
    world.synced()
    world.put(goods(79))
    held = world.sync()
    assert (held.exit_code, held.is_published, count(world)) == (ExitCode.REPORT_SHRANK, False, 200)
    assert "79" in held.faults[0].cause
    assert "--accept-shrink" in held.faults[0].next_step
    assert world.sync().exit_code is ExitCode.REPORT_SHRANK
    world.synced(accept_shrink=True)
    assert count(world) == 79
    assert world.synced().is_published is False


def test_row_10_rows_that_cannot_be_believed_do_not_count_against_shrinking(world: World) -> None:
    world.put(goods(200), at=day(1))
    world.synced()
    world.put([*goods(10), *(Row(b"\xff%d" % number) for number in range(190))])
    assert world.sync().exit_code is ExitCode.REPORT_SHRANK
    assert count(world) == 200


@pytest.mark.parametrize("before", [3, 200])
def test_row_10_to_nothing(world: World, before: int) -> None:
    world.put(goods(before), at=day(1))
    world.synced()
    world.put(
        [], payloads=[encode("Parquet", [], ("bucket", "key", "size"))], columns=("bucket", "key", "size")
    )
    assert world.sync().exit_code is ExitCode.REPORT_SHRANK
    assert count(world) == before


def test_row_17_a_dictionary_bomb_stays_within_the_memory_limit(world: World) -> None:
    """A few kilobytes that unpack to gigabytes of text: refused by the limit, the process lives."""
    import io

    import pyarrow as pa
    import pyarrow.parquet

    big = "x" * (1 << 20)
    keys = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), pa.array([big]))
    table = pa.table({"bucket": pa.array([SOURCE] * 20_000), "key": keys.cast(keys.type)})
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out, compression="zstd", store_schema=False)
    assert len(out.getvalue()) < 100_000
    world.changes["warehouse"] = {"memory_limit": "256MB"}
    world.put(goods(5), at=day(1))
    world.put([], payloads=[out.getvalue()], columns=("bucket", "key"))
    outcome = world.sync()
    assert outcome.exit_code in {
        ExitCode.OUT_OF_MEMORY,
        ExitCode.TOO_LARGE,
        ExitCode.FILE_DAMAGED,
        ExitCode.DUPLICATE_ROWS,
    }
    world.assert_sound() if outcome.is_published else None


def test_overlapping_locations_are_not_counted_twice(world: World) -> None:
    """One bucket by three configurations: all versions, current ones only, and another format."""
    world.configs = [(SOURCE, "current"), (SOURCE, "all"), (SOURCE, "again")]
    current = goods(20, size=10, version_id="v")
    rows = [
        *current,
        good(1, size=5, version_id="w", is_latest=False),
        Row("gone.jpg", None, None, version_id="m", is_delete_marker=True),
    ]
    plain = ("bucket", "key", "size", "last_modified_date", "storage_class")
    for back in (2, 1, 0):
        at = day(back)
        world.put(current[back:], config="current", columns=plain, format_="CSV", at=at)
        world.put(rows[back:], config="all", at=at)
        world.put(rows[back:], config="again", format_="ORC", at=at)
    world.synced()
    assert count(world) == 22
    assert world.rows("SELECT sum(object_count), sum(size_bytes) FROM marts.storage") == [(22, 205)]
    overlaps = dict(world.rows("SELECT config_id, overlap_count FROM marts.reports WHERE is_current"))
    assert overlaps["current"] == 20
    assert overlaps["all"] + overlaps["again"] == 22
    assert trend(world) == [("19", 20, 185), ("20", 21, 195), ("21", 22, 205)]


def test_two_configurations_of_one_bucket_by_prefix_are_added_up_in_the_trend_too(world: World) -> None:
    world.configs = [(SOURCE, "first-unit"), (SOURCE, "second-unit")]
    for back in (1, 0):
        world.put(goods(5 - back), config="first-unit", at=day(back))
        # Of the same device and class, so that both stand in one row of the trend.
        world.put(
            [Row(f"ipad/ipad-02/{n}.heic") for n in range(3 - back)], config="second-unit", at=day(back)
        )
    world.synced()
    assert world.rows("SELECT count(*) FROM marts.trend") == [(2,)]
    assert trend(world) == [("20", 6, 600), ("21", 8, 800)]
    assert count(world) == 8


def test_a_configuration_that_took_another_ones_place_is_not_added_to_it(world: World) -> None:
    world.configs = [(SOURCE, "old")]
    world.put(goods(10), config="old", at=day(2))
    world.synced()
    world.configs = [(SOURCE, "new")]
    world.put(goods(11), config="new", at=day(1))
    world.synced()
    assert trend(world) == [("19", 10, 1000), ("20", 11, 1100)]


def test_history_outlives_the_reports(world: World) -> None:
    for back in (3, 2, 1):
        world.put(goods(10 - back), at=day(back))
    world.synced()
    expected = [("18", 7, 700), ("19", 8, 800), ("20", 9, 900)]
    assert trend(world) == expected
    for back in (3, 2, 1):
        world.remove(day(back))
    world.put(goods(10))
    world.synced()
    assert trend(world) == [*expected, ("21", 10, 1000)]
    world.put(goods(11), at=REPORT_AT + timedelta(hours=20))
    world.synced(now=NOW + timedelta(days=1))
    # The newest report of the day stands for the day.
    assert trend(world) == [*expected, ("21", 11, 1100)]
    stored = list(world.warehouse.glob("reports/*/*/*"))
    assert len(stored) <= 3, "reports for the trend alone are not kept"


def test_a_log_has_one_line_for_the_history(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for back in (3, 2, 1):
        world.put(goods(10 - back), at=day(back))
    with Bars() as progress:
        world.synced(progress=progress)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"download {SOURCE}", f"history {SOURCE}"]
    assert lines[1] == f"history {SOURCE}: 2 reports"


def test_history_survives_going_back_and_a_damaged_snapshot(world: World) -> None:
    world.put(goods(7), at=day(2))
    world.synced()
    world.put(goods(8), at=day(1))
    world.synced()
    world.remove(day(2))
    world.remove(day(1))
    first = publish.snapshots(world.warehouse)[-1]
    publish.point_at(world.warehouse, first)
    assert count(world) == 7
    world.put(goods(9))
    world.synced()
    assert trend(world) == [("19", 7, 700), ("20", 8, 800), ("21", 9, 900)]
    newest = publish.snapshots(world.warehouse)[0]
    _damage(world.warehouse / newest.file)
    outcome = world.synced()
    assert outcome.is_published, "a damaged snapshot is built anew although nothing is new"
    assert count(world) == 9
    assert trend(world) == [("19", 7, 700), ("20", 8, 800), ("21", 9, 900)]


def test_a_stored_report_damaged_on_this_disk_is_fetched_again(world: World) -> None:
    world.put(goods(9))
    world.synced()
    for part in world.warehouse.glob("reports/*/*/*/*.parquet"):
        part.chmod(0o640)
        part.write_bytes(part.read_bytes()[:-20])
    outcome = world.synced(force=True)
    assert outcome.is_published
    assert any("damaged on this disk" in str(note) for note in outcome.notes)
    assert count(world) == 9


def _damage(path: Path) -> None:
    path.chmod(0o640)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_unfinished_downloads_do_not_pile_up(world: World) -> None:
    world.put(goods(5), at=day(1))
    break_data(world, day(1), _none)
    assert world.sync().exit_code is ExitCode.FILE_MISSING
    assert list(world.warehouse.glob("staging/*Z"))
    world.put(goods(6))
    world.sync()
    assert count(world) == 6
    assert not [path for path in world.warehouse.glob("staging/*Z") if any(path.iterdir())]


@pytest.mark.parametrize("format_", ["CSV", "ORC", "Parquet"])
def test_row_23_verified_files_are_not_fetched_again_after_a_fault(world: World, format_: str) -> None:
    world.put([goods(10, 10 * n) for n in range(4)], format_=format_)
    folder = f"{world.root()}{REPORT_AT:%Y-%m-%dT%H-%MZ}/"
    manifest = json.loads(
        world.s3.get_object(Bucket=world.bucket, Key=f"{folder}manifest.json")["Body"].read()
    )
    last = manifest["files"][3]["key"]
    body = world.s3.get_object(Bucket=world.bucket, Key=last)["Body"].read()
    world.s3.delete_object(Bucket=world.bucket, Key=last)

    def verified() -> int:
        done = ".verified.json" if format_ == "CSV" else f".{format_.lower()}"
        return len(list(world.warehouse.glob(f"staging/*/part-*{done}")))

    def hold(path: str) -> None:
        """Let the fault come last: a fault ends what is under way, so what came before it would be luck."""
        deadline = time.monotonic() + 30
        while last in path and verified() < 3 and time.monotonic() < deadline:
            time.sleep(0.01)

    log: list[str] = []
    direct = world.endpoint
    with proxy(direct, log, hold) as world.endpoint:
        assert world.sync().exit_code is ExitCode.FILE_MISSING
    assert verified() == 3
    world.s3.put_object(Bucket=world.bucket, Key=last, Body=body)
    log.clear()
    with proxy(direct, log) as world.endpoint:
        world.synced()
    assert [path for path in log if "/data/" in path] == [f"/{world.bucket}/{last}"]
    assert count(world) == 40
    assert not list(world.warehouse.glob("staging/*Z"))
