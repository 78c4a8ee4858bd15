"""Counting reports: the cells of queries/facts/cells.sql while a snapshot is built.

Cells are scaffolding: facts and marts are made from them, no page reads them. So they lie in a temporary table, which
is neither compressed nor written to the snapshot; `facts.cells` is a view of it that is gone before publication.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import duckdb

from dashboard.warehouse.query import folder_queries
from dashboard.warehouse.relations import Listing, believed_rows

NAME = "facts.cells"
BATCH_ROWS = 2_000_000
"""Parts are counted together up to so many rows: each pass costs a fixed 0.1 s, and its groups stand once."""

_TABLE = "temp.main.cells"


class Cells:
    """The cells of one build."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, see: Callable[[Sequence[str]], None]) -> None:
        """Make the empty table; staging and `facts.objects` must be there.

        Args:
            see: lets staging.objects hold the rows of some SELECTs.
        """
        self._connection = connection
        self._see = see
        self._query = folder_queries("facts")[NAME].sql
        self._waiting: Listing | None = None
        self._earlier: tuple[Listing, ...] = ()
        connection.execute(f"CREATE TEMPORARY TABLE cells AS {self._query}")
        connection.execute(f"CREATE VIEW {NAME} AS SELECT * FROM {_TABLE}")

    def add(self, listing: Listing, earlier: Sequence[Listing]) -> None:
        """Count one part, or let it wait for more of its report.

        Args:
            earlier: reports that list objects of this one too, which are then left out.

        Raises:
            duckdb.Error: a part cannot be read.
        """
        waiting = self._waiting
        if waiting is not None and waiting.report_no == listing.report_no:
            listing = replace(listing, parts=waiting.parts + listing.parts)
        else:
            self.flush()
        self._waiting, self._earlier = listing, tuple(earlier)
        if sum(part.row_count for part in listing.parts) >= BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Count the parts that wait.

        Raises:
            duckdb.Error: one of them cannot be read.
        """
        if self._waiting is None:
            return
        rows = believed_rows(self._connection, self._waiting, self._earlier)
        self._waiting = None
        self._see([rows])
        self._connection.execute(f"INSERT INTO {_TABLE} {self._query}")

    def discard(self, report_no: int) -> None:
        """Forget what was counted of a report."""
        self._waiting = None
        self._connection.execute(f"DELETE FROM {_TABLE} WHERE report_no = ?", [report_no])

    def keep_current(self) -> None:
        """Forget the reports that are for the history only."""
        self._connection.execute(
            f"DELETE FROM {_TABLE} WHERE report_no NOT IN (SELECT report_no FROM raw.reports WHERE is_current)"
        )

    def drop(self) -> None:
        """Leave no trace of the cells."""
        self._connection.execute(f"DROP VIEW {NAME}")
        self._connection.execute(f"DROP TABLE {_TABLE}")
