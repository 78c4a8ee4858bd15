"""Reading published snapshots: damage, swaps under load, and what a reader can never reach.

Numbers in the names are rows of the fault matrix.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.warehouse import publish, read
from dashboard.warehouse.engine import open_reader
from dashboard.warehouse.publish import SnapshotInfo
from dashboard.warehouse.query import Query, page_queries
from dashboard.warehouse.read import Warehouse
from tests.sync.world import REPORT_AT, World, goods


@pytest.fixture(scope="module")
def built(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two published snapshots: 5 objects, then 6. Tests copy the folder."""
    world = World(endpoint, tmp_path_factory.mktemp("built"))
    world.put(goods(5))
    world.synced()
    world.put(goods(6), at=REPORT_AT + timedelta(hours=1))
    world.synced()
    return world


@pytest.fixture
def folder(built: World, tmp_path: Path) -> Path:
    copy = tmp_path / "warehouse"
    shutil.copytree(built.warehouse, copy)
    for path in copy.rglob("*"):
        path.chmod(0o750 if path.is_dir() else 0o640)
    return copy


def reader_of(folder: Path, **values: object) -> Warehouse:
    return Warehouse(Settings.model_validate({"warehouse": {"folder": str(folder), "threads": 2, **values}}))


def count(warehouse: Warehouse, snapshot_id: str | None = None) -> int:
    names, rows = warehouse.rows("storage.by_device_class", {}, snapshot_id)
    return sum(int(row[names.index("object_count")]) for row in rows)


DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "row_33_a_bit": lambda body: body[:9000] + bytes([body[9000] ^ 4]) + body[9001:],
    "row_33_a_bit_of_the_header": lambda body: bytes([body[0] ^ 1]) + body[1:],
    "row_34_cut_off": lambda body: body[: len(body) // 2],
    "row_34_a_page_of_zeros": lambda body: body[:8192] + bytes(4096) + body[12288:],
    "row_34_html": lambda body: b"<html>502 Bad Gateway</html>",
    "row_34_empty": lambda body: b"",
    "row_34_missing": lambda body: None,
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_snapshot_is_named_and_the_one_before_it_shown(folder: Path, kind: str) -> None:
    newest = publish.snapshots(folder)[0]
    path = folder / newest.file
    body = DAMAGE[kind](path.read_bytes())
    path.unlink() if body is None else path.write_bytes(body)
    warehouse = reader_of(folder)
    assert warehouse.current().snapshot_id == "000001"
    assert count(warehouse) == 5
    if body is not None:
        fault = warehouse.damage()
        assert fault is not None
        assert fault.code is ExitCode.SNAPSHOT_DAMAGED
        assert fault.locator == newest.file


def test_row_33_any_bit_anywhere_is_noticed(folder: Path) -> None:
    newest = publish.snapshots(folder)[0]
    path = folder / newest.file
    body = path.read_bytes()
    chance = random.Random(33)
    for _ in range(25):
        at = chance.randrange(len(body))
        path.write_bytes(body[:at] + bytes([body[at] ^ (1 << chance.randrange(8))]) + body[at + 1 :])
        assert reader_of(folder).current().snapshot_id == "000001"
    path.write_bytes(body)
    assert reader_of(folder).current().snapshot_id == "000002"


def test_row_34_every_snapshot_damaged_is_a_fault_and_no_traceback(folder: Path) -> None:
    for path in folder.glob("wh.*.duckdb"):
        path.write_bytes(b"x")
    with pytest.raises(DashboardError) as caught:
        reader_of(folder).current()
    assert caught.value.code is ExitCode.SNAPSHOT_DAMAGED


CURRENTS = {
    "missing": None,
    "empty": b"",
    "garbage": b"\xff\x00garbage",
    "a list": b"[]",
    "outside": b'{"file": "../../etc/passwd"}',
    "number": b"7",
}


@pytest.mark.parametrize("content", CURRENTS.values(), ids=CURRENTS.keys())
def test_row_35_a_bad_current_shows_the_newest_snapshot(folder: Path, content: bytes | None) -> None:
    path = folder / "CURRENT"
    path.unlink() if content is None else path.write_bytes(content)
    assert reader_of(folder).current().snapshot_id == "000002"


@pytest.mark.parametrize(
    "file", ["../wh.000002.duckdb", "/etc/passwd", "wh.000002.duckdb/../x", "wh.1.duckdb", ""]
)
def test_row_35_a_current_that_points_elsewhere_is_not_followed(folder: Path, file: str) -> None:
    data = json.loads((folder / "CURRENT").read_text())
    (folder / "CURRENT").write_text(json.dumps({**data, "file": file}))
    assert reader_of(folder).current().file == "wh.000002.duckdb"


def test_row_35_a_current_that_names_a_removed_file(folder: Path) -> None:
    data = json.loads((folder / "CURRENT").read_text())
    (folder / "CURRENT").write_text(json.dumps({**data, "file": "wh.000077.duckdb", "snapshot_id": "000077"}))
    assert reader_of(folder).current().snapshot_id == "000002"


def test_row_36_a_build_with_a_wal_beside_it_is_not_published(folder: Path) -> None:
    draft = folder / ".build.000003.duckdb"
    shutil.copy(folder / "wh.000002.duckdb", draft)
    (folder / ".build.000003.duckdb.wal").write_bytes(b"x")
    with pytest.raises(DashboardError):
        publish.publish(draft, folder, replace(publish.snapshots(folder)[0], snapshot_id="000003"))
    assert reader_of(folder).current().snapshot_id == "000002"
    assert not list(folder.glob("wh.*.wal"))


def test_row_37_somebody_copies_over_the_live_file(folder: Path) -> None:
    warehouse = reader_of(folder)
    assert count(warehouse) == 6
    with (folder / "wh.000002.duckdb").open("r+b") as stream:
        stream.write(os.urandom((folder / "wh.000002.duckdb").stat().st_size))
    deadline = time.monotonic() + 5
    codes: set[ExitCode] = set()
    while time.monotonic() < deadline:
        try:
            # What DuckDB still holds in memory may answer: that is the old, whole content.
            if warehouse.rows("quality.misnamed") is not None and count(warehouse) in {5, 6}:
                break
        except DashboardError as fault:
            codes.add(fault.code)
    assert codes <= {ExitCode.SNAPSHOT_DAMAGED}
    assert count(warehouse) in {5, 6}
    assert reader_of(folder).current().snapshot_id in {"000001", "000002"}
    warehouse.close()
    fresh = reader_of(folder)
    assert (fresh.current().snapshot_id, count(fresh)) == ("000001", 5)


def _generation(folder: Path, draft: Path, number: int) -> SnapshotInfo:
    """A snapshot in which every figure is the number of the snapshot."""
    shutil.copy(folder / "wh.000001.duckdb", draft)
    draft.chmod(0o640)
    with duckdb.connect(str(draft)) as connection:
        connection.execute("UPDATE marts.storage SET object_count = ?, size_bytes = ?", [number, number])
        connection.execute("UPDATE meta.snapshot SET snapshot_id = ?", [f"{number:06d}"])
        connection.execute("CHECKPOINT")
    return replace(
        publish.snapshots(folder)[-1],
        snapshot_id=f"{number:06d}",
        file=f"wh.{number:06d}.duckdb",
        sha256=publish.digest(draft),
        size_bytes=draft.stat().st_size,
    )


def test_row_38_many_threads_and_20_swaps_never_mix_and_leak_nothing(folder: Path) -> None:
    with duckdb.connect(str(folder / "wh.000001.duckdb")) as connection:
        connection.execute("DELETE FROM marts.storage WHERE kind <> 'image'")
        connection.execute("UPDATE marts.storage SET object_count = 1, size_bytes = 1")
        connection.execute("CHECKPOINT")
    first = publish.snapshots(folder)[-1]
    path = folder / first.file
    first = replace(first, sha256=publish.digest(path), size_bytes=path.stat().st_size)
    publish.write_atomically(folder / "wh.000001.json", first.as_json())
    for gone in folder.glob("wh.000002.*"):
        gone.unlink()
    publish.point_at(folder, first)
    warehouse = reader_of(folder)
    stop = threading.Event()
    mixed: list[tuple[str, object]] = []
    reads: list[int] = []

    def look(number: int) -> None:
        while not stop.is_set():
            info = warehouse.current()
            names, rows = warehouse.rows("storage.by_device_class", {}, info.snapshot_id)
            found = {(r[names.index("object_count")], r[names.index("size_bytes")]) for r in rows}
            expected = int(info.snapshot_id)
            if found != {(expected * len(rows), expected * len(rows))} and len(rows) == 1:
                mixed.append((info.snapshot_id, found))
            reads.append(expected)
            if number % 4 == 0:
                frame = warehouse.frame("storage.by_device_class", {}, info.snapshot_id)
                if set(frame["object_count"]) != {expected * 1}:
                    mixed.append((info.snapshot_id, "frame"))

    threads = [threading.Thread(target=look, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for number in range(2, 22):
        draft = folder / f".build.{number:06d}.duckdb"
        info = _generation(folder, draft, number)
        publish.publish(draft, folder, info)
        time.sleep(0.02)
    deadline = time.monotonic() + 60
    while 21 not in reads[-64:] and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    assert not mixed, mixed[:3]
    assert 21 in reads
    assert len(set(reads)) > 2
    held = open_files()
    opened = [name for name in held if str(folder) in name and name.endswith(".duckdb")]
    assert len(opened) <= 3 * 2, opened
    warehouse.close()
    held = open_files()
    assert not [name for name in held if str(folder) in name]


def open_files() -> list[str]:
    """What this process holds open, by name (Linux)."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(str(link.readlink()))
    return found


def slow_query(folder: Path) -> Query:
    plain = page_queries()["storage.by_device_class"]
    return replace(
        plain,
        name="test.slow",
        sql="SELECT count(*) AS n FROM range(100000000) AS a, range(100000) AS b WHERE (a.range * b.range) % 7 = 3",
        params={},
        columns=("n",),
    )


def test_row_39_a_long_query_is_stopped_and_the_old_file_closed_at_its_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = {**page_queries(), "test.slow": slow_query(folder)}
    monkeypatch.setattr(read, "page_queries", lambda: queries)
    warehouse = reader_of(folder, query_timeout_seconds=1)
    faults: list[DashboardError] = []

    def look() -> None:
        try:
            warehouse.rows("test.slow")
        except DashboardError as fault:
            faults.append(fault)

    thread = threading.Thread(target=look)
    began = time.monotonic()
    thread.start()
    time.sleep(0.2)
    assert count(warehouse) == 6, "the others go on"
    warehouse.close()
    thread.join(15)
    assert time.monotonic() - began < 10
    assert [fault.code for fault in faults] == [ExitCode.FAILED]
    assert "1 s" in faults[0].cause
    held = open_files()
    assert not [name for name in held if str(folder) in name]
    assert count(warehouse) == 6, "and the snapshot is opened again"


def test_the_time_limit_is_not_one_of_what_is_done_with_the_rows(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing 10 million lines takes longer than a query may."""
    long = replace(slow_query(folder), name="test.long", sql="SELECT range AS n FROM range(9000)")
    monkeypatch.setattr(read, "page_queries", lambda: {**page_queries(), "test.long": long})
    rows: list[tuple[int]] = []
    for batch in reader_of(folder, query_timeout_seconds=1).batches("test.long", size=3000):
        time.sleep(0.5)
        rows += batch
    assert sorted(rows) == [(n,) for n in range(9000)]


def test_no_clock_of_a_query_outlives_it(folder: Path) -> None:
    """It would hold the cursor, and commands would now and then end with 40 lines about leaks."""
    warehouse = reader_of(folder)
    for _ in range(50):
        warehouse.rows("storage.by_device_class")
        assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_a_long_query_is_stopped_while_its_batches_are_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = {**page_queries(), "test.slow": slow_query(folder)}
    monkeypatch.setattr(read, "page_queries", lambda: queries)
    with pytest.raises(DashboardError, match="missing") as caught:
        list(reader_of(folder, query_timeout_seconds=1).batches("test.slow"))
    assert caught.value.code is ExitCode.FAILED


def test_row_40_a_query_beyond_the_memory_limit_harms_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = replace(
        slow_query(folder),
        name="test.big",
        sql="SELECT list(range) AS n FROM range(50000000)",
        columns=("n",),
    )
    queries = {**page_queries(), "test.big": big}
    monkeypatch.setattr(read, "page_queries", lambda: queries)
    warehouse = reader_of(folder, memory_limit="64MB")
    with pytest.raises(DashboardError) as caught:
        warehouse.rows("test.big")
    assert caught.value.code is ExitCode.OUT_OF_MEMORY
    assert count(warehouse) == 6
    assert warehouse.damage() is None


def test_row_41_threads_get_their_own_rows(folder: Path) -> None:
    warehouse = reader_of(folder)
    wrong: list[object] = []

    def look(snapshot_id: str, expected: int) -> None:
        found = [count(warehouse, snapshot_id) for _ in range(25)]
        wrong.extend(number for number in found if number != expected)

    threads = [
        threading.Thread(target=look, args=(f"{1 + number % 2:06d}", 5 + number % 2)) for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_row_42_a_snapshot_of_another_schema_is_refused(folder: Path) -> None:
    for path in (folder / "CURRENT", folder / "wh.000002.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "schema_version": 999}))
    warehouse = reader_of(folder)
    assert warehouse.current().snapshot_id == "000001"
    fault = warehouse.damage()
    assert fault is not None
    assert "999" in fault.cause
    assert "dashboard sync" in fault.next_step, "it is not damaged, and there may be no earlier one"


def test_row_42_a_file_of_a_newer_duckdb_is_refused(folder: Path) -> None:
    """The storage version stands in the header; a number from the future must be a fault, not a crash."""
    path = folder / "wh.000002.duckdb"
    body = bytearray(path.read_bytes())
    assert body[8:12] == b"DUCK"
    body[12:20] = (9_999).to_bytes(8, "little")
    path.write_bytes(body)
    sums = {"sha256": hashlib.sha256(body).hexdigest(), "size_bytes": len(body)}
    for record in (folder / "CURRENT", folder / "wh.000002.json"):
        record.write_text(json.dumps({**json.loads(record.read_text()), **sums}))
    warehouse = reader_of(folder)
    assert warehouse.current().snapshot_id == "000001"
    assert warehouse.damage() is not None


def test_two_readers_of_one_process_share_a_snapshot(folder: Path) -> None:
    one, two = reader_of(folder), reader_of(folder)
    assert count(one) == count(two) == 6
    one.close()
    assert count(two) == 6
    assert len(two.rows("uploads.objects")[1]) == 6


def test_lists_are_read_from_the_reports_whatever_the_working_folder_and_the_zone_of_the_host(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cursor does not inherit the session of its connection: this fails if settings are not the instance's."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    monkeypatch.chdir(tmp_path)
    warehouse = reader_of(folder)
    _names, rows = warehouse.rows("uploads.objects")
    assert len(rows) == 6
    assert len(warehouse.frame("uploads.objects")) == 6
    with warehouse._lease(warehouse.current()) as connection:
        row = connection.cursor().execute("SELECT current_setting('TimeZone')").fetchone()
    assert row == ("UTC",)
    monkeypatch.undo()
    time.tzset()


ATTACKS = (
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_parquet('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/etc/*')",
    "COPY (SELECT 1) TO '{out}/x.csv'",
    "COPY marts.storage TO '{out}/x.parquet'",
    "EXPORT DATABASE '{out}/dump'",
    "ATTACH '{out}/new.duckdb'",
    "ATTACH '/etc/passwd' AS p",
    "CREATE TABLE marts.mine AS SELECT 1",
    "DELETE FROM marts.storage",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET TimeZone = 'Asia/Tokyo'",
    "SET memory_limit = '100GB'",
    "RESET enable_external_access",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT * FROM read_csv('https://example.org/x.csv')",
)


@pytest.mark.parametrize("sql", ATTACKS)
def test_a_reader_reaches_nothing_but_its_snapshot(folder: Path, tmp_path: Path, sql: str) -> None:
    connection = open_reader(folder / "wh.000002.duckdb", folder, memory_limit="256MB", threads=1)
    with pytest.raises(duckdb.Error):
        connection.cursor().execute(sql.format(out=tmp_path)).fetchall()
    assert connection.cursor().execute("SELECT sum(object_count) FROM marts.storage").fetchone() == (6,)
    connection.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["warehouse"]


def test_a_python_variable_is_no_table(folder: Path) -> None:
    import pandas as pd

    secret = pd.DataFrame({"x": [1]})
    connection = open_reader(folder / "wh.000002.duckdb", folder, memory_limit="256MB", threads=1)
    with pytest.raises(duckdb.Error):
        connection.execute("SELECT * FROM secret").fetchall()
    connection.close()
    assert len(secret) == 1


def test_an_earlier_snapshot_can_be_asked_for_and_one_that_never_was_is_named(folder: Path) -> None:
    warehouse = reader_of(folder)
    assert (count(warehouse), count(warehouse, "000001")) == (6, 5)
    with pytest.raises(DashboardError) as caught:
        count(warehouse, "000009")
    assert caught.value.code is ExitCode.NO_SNAPSHOT


def test_going_back_is_seen_by_a_running_reader(folder: Path) -> None:
    warehouse = reader_of(folder)
    assert count(warehouse) == 6
    publish.point_at(folder, publish.snapshots(folder)[-1])
    deadline = time.monotonic() + 4
    while count(warehouse) != 5:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("no.such_query", {}),
        ("storage.by_device_class", {"nonsense": 1}),
        ("storage.by_device_class; DROP", {}),
    ],
)
def test_unknown_queries_and_parameters_are_usage_faults(
    folder: Path, name: str, params: dict[str, object]
) -> None:
    with pytest.raises(DashboardError) as caught:
        reader_of(folder).rows(name, params)
    assert caught.value.code is ExitCode.USAGE
