"""The numbers of queries/facts/fingerprints.sql while a snapshot is built: one table in memory for each report.

They are made part by part, while the next part is on its way, so that no later question has to read every key again.
Like the cells they are scaffolding: `facts.fingerprints` is a view that is gone before publication. Where every good
name has a stem, the same pass notes each row's stem, and the cells are counted from that (queries/facts/stem_rows.sql).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager

import duckdb

from dashboard.warehouse.duplicates import Hashes, sought
from dashboard.warehouse.engine import SCRATCH
from dashboard.warehouse.query import folder_queries

NAME, BY_STEM = "facts.fingerprints", "facts.stem_rows"
_EMPTY = f"{SCRATCH}.stem_rows"


class Fingerprints:
    """The fingerprints of one build."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the empty views; staging must be there, without a row."""
        self._connection = connection
        queries = folder_queries("facts")
        self._plain, self._by_stem = queries[NAME].sql, queries[BY_STEM].sql
        self._columns = ", ".join(queries[NAME].columns)
        self._more = [name for name in queries[BY_STEM].columns if name not in queries[NAME].columns]
        self._report_nos: list[int] = []
        connection.execute(f"CREATE TABLE {_EMPTY} AS {self._by_stem}")
        connection.execute(f"CREATE VIEW {BY_STEM} AS SELECT * FROM {_EMPTY}")
        self._show()

    def add(self, report_no: int, *, by_stem: bool) -> None:
        """Note the rows that staging.objects holds now.

        Args:
            by_stem: with each row's stem, the same for all rows of a report.

        Raises:
            duckdb.Error: they cannot be read.
        """
        table = _table(report_no)
        query = self._by_stem if by_stem else self._plain
        if report_no in self._report_nos:
            self._connection.execute(f"INSERT INTO {table} {query}")
            return
        self._connection.execute(f"CREATE TABLE {table} AS {query}")
        self._report_nos.append(report_no)
        self._show()

    @contextmanager
    def by_stem(self, report_no: int) -> Iterator[None]:
        """Let `facts.stem_rows` hold the rows of a report, which know their stems no more afterwards."""
        table = _table(report_no) if report_no in self._report_nos else _EMPTY
        self._connection.execute(f"CREATE OR REPLACE VIEW {BY_STEM} AS SELECT * FROM {table}")
        try:
            yield
        finally:
            self._connection.execute(f"CREATE OR REPLACE VIEW {BY_STEM} AS SELECT * FROM {_EMPTY}")
        if table != _EMPTY:
            for column in self._more:
                self._connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")

    def listed_twice(self, report_no: int, row_count: int) -> AbstractContextManager[Future[Hashes]]:
        """The hashes of what a report seems to list twice, sought while something else is made.

        Args:
            row_count: about how many rows it has.
        """
        table = _table(report_no) if report_no in self._report_nos else _EMPTY
        select = f"SELECT hash(object_hash, version_hash) AS row_hash FROM {table}"
        return sought(self._connection, select, row_count)

    def forget(self, report_no: int) -> None:
        """Let nothing be known of a report any more."""
        if report_no in self._report_nos:
            self._report_nos.remove(report_no)
            self._show()
            self._connection.execute(f"DROP TABLE {_table(report_no)}")

    def drop(self) -> None:
        """Leave no trace of the scaffolding."""
        for report_no in tuple(self._report_nos):
            self.forget(report_no)
        for view in (NAME, BY_STEM):
            self._connection.execute(f"DROP VIEW {view}")
        self._connection.execute(f"DROP TABLE {_EMPTY}")

    def _show(self) -> None:
        # The empty table only where nothing else is: in a union it hides from DuckDB which side of a join is small.
        tables = [_table(number) for number in self._report_nos] or [_EMPTY]
        body = " UNION ALL ".join(f"SELECT {self._columns} FROM {table}" for table in tables)
        self._connection.execute(f"CREATE OR REPLACE VIEW {NAME} AS {body}")


def _table(report_no: int) -> str:
    return f"{SCRATCH}.fingerprints_{report_no}"
