"""The numbers of queries/facts/fingerprints.sql while a snapshot is built: one table in memory for each report.

They are made part by part, while the next part is on its way, so that no later question has to read every key again.
Like the cells they are scaffolding: `facts.fingerprints` is a view that is gone before publication.
"""

from __future__ import annotations

import duckdb

from dashboard.warehouse.duplicates import repeated_hashes
from dashboard.warehouse.engine import SCRATCH
from dashboard.warehouse.query import folder_queries

NAME = "facts.fingerprints"
_EMPTY = f"{SCRATCH}.fingerprints"


class Fingerprints:
    """The fingerprints of one build."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the empty view; staging must be there, without a row."""
        self._connection = connection
        self._query = folder_queries("facts")[NAME].sql
        self._report_nos: list[int] = []
        connection.execute(f"CREATE TABLE {_EMPTY} AS {self._query}")
        self._show()

    def add(self, report_no: int) -> None:
        """Note the rows that staging.objects holds now.

        Raises:
            duckdb.Error: they cannot be read.
        """
        table = _table(report_no)
        if report_no in self._report_nos:
            self._connection.execute(f"INSERT INTO {table} {self._query}")
            return
        self._connection.execute(f"CREATE TABLE {table} AS {self._query}")
        self._report_nos.append(report_no)
        self._show()

    def is_any_listed_twice(self, report_no: int, row_count: int) -> bool:
        """Whether a report seems to list an object twice.

        Args:
            row_count: about how many rows it has.
        """
        if report_no not in self._report_nos:
            return False
        select = f"SELECT hash(object_hash, version_hash) AS row_hash FROM {_table(report_no)}"
        return len(repeated_hashes(self._connection, select, row_count)) > 0

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
        self._connection.execute(f"DROP VIEW {NAME}")
        self._connection.execute(f"DROP TABLE {_EMPTY}")

    def _show(self) -> None:
        # The empty table only where nothing else is: in a union it hides from DuckDB which side of a join is small.
        tables = [_table(number) for number in self._report_nos] or [_EMPTY]
        body = " UNION ALL ".join(f"SELECT * FROM {table}" for table in tables)
        self._connection.execute(f"CREATE OR REPLACE VIEW {NAME} AS {body}")


def _table(report_no: int) -> str:
    return f"{SCRATCH}.fingerprints_{report_no}"
