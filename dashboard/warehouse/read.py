"""Read published snapshots: one read-only DuckDB instance per snapshot, one cursor per call.

A cursor per call is what keeps one person's rows from another's: a connection shared by threads returns rows of
whichever query ran last.
"""

from __future__ import annotations

import ast
import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.warehouse import publish, read_faults
from dashboard.warehouse.build import SCHEMA_VERSION
from dashboard.warehouse.engine import open_reader
from dashboard.warehouse.publish import SnapshotInfo
from dashboard.warehouse.query import Query, page_queries

if TYPE_CHECKING:
    import pandas as pd

_LOOK_SECONDS = 1.0
_OPEN_SNAPSHOTS = 3
LAST_SYNC = "last_sync.json"


@dataclass
class _Instance:
    connection: duckdb.DuckDBPyConnection
    lease_count: int = 0
    is_retired: bool = False


class Warehouse:
    """The published snapshots of one warehouse folder. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.warehouse
        self._folder = settings.warehouse.folder.absolute()
        self._lock = threading.RLock()
        self._instances: dict[str, _Instance] = {}
        self._damaged: dict[str, DashboardError] = {}
        self._seen: tuple[float, tuple[int, int] | None, SnapshotInfo | None] = (0.0, None, None)

    def current(self) -> SnapshotInfo:
        """The snapshot pages show: the one CURRENT names, or the newest one that can be opened.

        Raises:
            DashboardError: NO_SNAPSHOT before the first sync, SNAPSHOT_DAMAGED if none can be opened.
        """
        with self._lock:
            looked_at, stamp, info = self._seen
            if info is not None and time.monotonic() - looked_at < _LOOK_SECONDS:
                return info
            fresh = self._stamp()
            if info is None or fresh != stamp or info.snapshot_id in self._damaged:
                info = self._newest_good()
            self._seen = (time.monotonic(), fresh, info)
            return info

    def info(self, snapshot_id: str | None) -> SnapshotInfo:
        """A published snapshot by its id; the current one for None.

        Raises:
            DashboardError: as `current`; NO_SNAPSHOT if there is none of that id.
        """
        if snapshot_id is None:
            return self.current()
        for info in publish.snapshots(self._folder):
            if info.snapshot_id == snapshot_id:
                return info
        raise DashboardError(
            ExitCode.NO_SNAPSHOT,
            "This snapshot is not there any more",
            cause="Snapshot {snapshot} was removed, or never was",
            next_step="Open the current one, or choose one of the list that `snapshots` prints",
            locator="CURRENT",
            snapshot=snapshot_id,
        )

    def snapshots(self) -> list[SnapshotInfo]:
        """Every published snapshot, newest first."""
        return publish.snapshots(self._folder)

    def last_sync(self) -> dict[str, Any] | None:
        """The outcome of the last sync, or None if there was none."""
        try:
            data: dict[str, Any] = json.loads((self._folder / LAST_SYNC).read_text("utf-8"))
            return data
        except (OSError, ValueError):
            return None

    def damage(self) -> DashboardError | None:
        """What is wrong with the snapshot CURRENT names, if the pages show an older one because of it."""
        named = publish.current(self._folder)
        return self._damaged.get(named.snapshot_id) if named else None

    def frame(
        self, name: str, params: Mapping[str, Any] | None = None, snapshot_id: str | None = None
    ) -> pd.DataFrame:
        """The rows of a page query.

        Args:
            name: page and query, such as "storage.by_device_class".
            params: values of its parameters; those left out take their default, else NULL.
            snapshot_id: an earlier snapshot; the current one if left out.

        Returns:
            One column per declared column: integers as int64 (Int64 where values are missing), DECIMAL as Decimal,
            times as naive UTC datetime64.

        Raises:
            DashboardError: NO_SNAPSHOT, SNAPSHOT_DAMAGED, USAGE, OUT_OF_MEMORY or FAILED (timeout).
        """
        from dashboard.warehouse.frames import frame_of

        with self._run(name, params, snapshot_id) as (cursor, sql, values):
            table = cursor.execute(sql, values).to_arrow_table()
        return frame_of(table)

    def rows(
        self, name: str, params: Mapping[str, Any] | None = None, snapshot_id: str | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The rows of a page query as plain Python values, for front ends without pandas."""
        with self._run(name, params, snapshot_id) as (cursor, sql, values):
            cursor.execute(sql, values)
            return [column[0] for column in cursor.description or ()], cursor.fetchall()

    def batches(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        snapshot_id: str | None = None,
        size: int = 10_000,
    ) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a page query as `rows` gives them, `size` at a time: for what may be too long to hold.

        The time limit is one of each batch: what the reader does with it, such as writing a file, is no query.
        """
        with self._run(name, params, snapshot_id, is_limited=False) as (cursor, sql, values):
            with self._limit(cursor):
                batch = cursor.execute(sql, values).fetchmany(size)
            while batch:
                yield batch
                with self._limit(cursor):
                    batch = cursor.fetchmany(size)

    def close(self) -> None:
        """Close every snapshot that nobody reads."""
        with self._lock:
            for snapshot_id in list(self._instances):
                self._retire(snapshot_id)

    @contextlib.contextmanager
    def _run(
        self, name: str, params: Mapping[str, Any] | None, snapshot_id: str | None, *, is_limited: bool = True
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, str, dict[str, Any]]]:
        query = _known_query(name)
        values = _bind(query, params or {})
        info = self.info(snapshot_id)
        with self._lease(info) as connection:
            cursor = connection.cursor()
            try:
                with self._limit(cursor) if is_limited else contextlib.nullcontext():
                    yield cursor, query.sql, values
            except duckdb.Error as error:
                raise self._explain(error, query, info) from error
            finally:
                cursor.close()

    @contextlib.contextmanager
    def _limit(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Interrupt what a cursor does for longer than a query may take."""
        timer = threading.Timer(self._settings.query_timeout_seconds, cursor.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            # Until its thread has ended it holds the cursor, of which DuckDB complains at the end of the process.
            timer.join()

    @contextlib.contextmanager
    def _lease(self, info: SnapshotInfo) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock:
            instance = self._instances.get(info.snapshot_id) or self._open(info)
            instance.lease_count += 1
        try:
            yield instance.connection
        finally:
            with self._lock:
                instance.lease_count -= 1
                if instance.is_retired and not instance.lease_count:
                    instance.connection.close()

    def _open(self, info: SnapshotInfo) -> _Instance:
        path = self._folder / info.file
        if info.schema_version != SCHEMA_VERSION:
            self._damaged[info.snapshot_id] = read_faults.of_another_version(info, SCHEMA_VERSION)
            raise self._damaged[info.snapshot_id]
        try:
            if not publish.is_whole(self._folder, info):
                raise duckdb.IOException("its contents are not what was published")
            connection = open_reader(
                path,
                self._folder,
                memory_limit=self._settings.memory_limit,
                threads=self._settings.threads,
            )
        except (duckdb.Error, OSError) as error:
            self._damaged[info.snapshot_id] = read_faults.damaged(info, error)
            raise self._damaged[info.snapshot_id] from error
        instance = self._instances[info.snapshot_id] = _Instance(connection)
        for old in sorted(self._instances)[:-_OPEN_SNAPSHOTS]:
            self._retire(old)
        return instance

    def _retire(self, snapshot_id: str) -> None:
        instance = self._instances.pop(snapshot_id)
        instance.is_retired = True
        if not instance.lease_count:
            instance.connection.close()

    def _newest_good(self) -> SnapshotInfo:
        named = publish.current(self._folder)
        if named is None:
            raise DashboardError(
                ExitCode.NO_SNAPSHOT,
                "There is nothing to show yet",
                cause="No sync has published a snapshot in {folder}",
                next_step="Run `python -m dashboard sync`",
                locator=str(self._folder),
                folder=self._folder.name,
            )
        earlier = [info for info in publish.snapshots(self._folder) if info.snapshot_id < named.snapshot_id]
        for info in (named, *earlier):
            if info.snapshot_id in self._instances:
                return info
            # A damaged file is looked at again only after CURRENT changed.
            with contextlib.suppress(DashboardError):
                self._open(info)
                return info
        raise self._damaged[named.snapshot_id]

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / publish.CURRENT).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def _explain(self, error: duckdb.Error, query: Query, info: SnapshotInfo) -> DashboardError:
        fault = read_faults.of_query(error, query, self._settings.query_timeout_seconds)
        if fault is None:
            fault = read_faults.damaged(info, error)
            with self._lock:
                self._damaged[info.snapshot_id] = fault
                self._seen = (0.0, None, None)
                if info.snapshot_id in self._instances:
                    self._retire(info.snapshot_id)
        return fault


def _known_query(name: str) -> Query:
    queries = page_queries()
    if name in queries:
        return queries[name]
    raise read_faults.no_query(name, queries)


def _bind(query: Query, params: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(params) - set(query.params))
    if unknown:
        raise read_faults.no_parameter(query, unknown)
    return {name: params.get(name, _default(text)) for name, text in query.params.items()}


def _default(text: str | None) -> Any:
    return None if text is None or text.upper() == "NULL" else ast.literal_eval(text)
