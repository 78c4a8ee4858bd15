"""Counting reports: the cells of queries/facts/cells.sql while a snapshot is built.

Where every good name has a stem, rows are counted by the number of their stem, and the few objects without one are
looked at afterwards; else every row is looked at in full. Both ways give the same cells.

Cells are scaffolding: facts and marts are made from them, no page reads them. So they lie in memory, neither compressed
nor written to the snapshot; `facts.cells` is a view that is gone before publication.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import duckdb

from dashboard.warehouse import fingerprints
from dashboard.warehouse.engine import SCRATCH
from dashboard.warehouse.fingerprints import Fingerprints
from dashboard.warehouse.query import folder_queries
from dashboard.warehouse.relations import Listing, believed_rows

CELLS, STEM_CELLS, LOOSE = "facts.cells", "facts.stem_cells", "facts.loose_versions"
SCAFFOLDING = frozenset({CELLS, STEM_CELLS, LOOSE, fingerprints.NAME, fingerprints.BY_STEM})
"""Queries of the folder facts that no published table comes from."""
_TABLES = (CELLS, LOOSE)

BATCH_ROWS = 4_000_000
"""Parts are counted together up to so many rows: each pass costs a fixed 0.1 s, and its groups stand once."""

_ALONE = (
    "SELECT {}::SMALLINT AS report_no, '{}' AS bucket, alone[1].key AS key, alone[1].version_id AS version_id, "
    "is_latest, is_delete_marker, size_bytes AS size, uploaded_at AS last_modified_date, '' AS e_tag, "
    "alone[1].storage_class AS storage_class, false AS is_multipart_uploaded, "
    "alone[1].access_tier AS intelligent_tiering_access_tier, '' AS encryption_status, "
    "NULL::VARCHAR AS quarantine_reason, alone[1].key AS raw_key FROM facts.stem_rows WHERE alone IS NOT NULL"
)
"""The objects that stand alone, as rows of raw.objects."""


class Cells:
    """The cells of one build."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        see: Callable[[Sequence[str]], None],
        *,
        load_stems: Callable[[], bool],
    ) -> None:
        """Make the empty tables; staging and the views of facts must be there.

        Args:
            see: lets staging.objects hold the rows of some SELECTs.
            load_stems: fills raw.stems; returns whether it knows every good name.
        """
        self._connection = connection
        self._see = see
        self._load_stems = load_stems
        self._queries = {name: folder_queries("facts")[name].sql for name in (CELLS, STEM_CELLS, LOOSE)}
        self._waiting: Listing | None = None
        self._earlier: tuple[Listing, ...] = ()
        self._fingerprints = Fingerprints(connection)
        for name in _TABLES:
            no_params = dict.fromkeys(folder_queries("facts")[name].params)
            connection.execute(f"CREATE TABLE {_table(name)} AS {self._queries[name]}", no_params)
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {_table(name)}")

    @functools.cached_property
    def _has_all_stems(self) -> bool:
        """Whether raw.stems knows every good name; filled for the first rows, while others are on their way."""
        return self._load_stems()

    def add(self, listing: Listing, earlier: Sequence[Listing]) -> None:
        """Count one part, or let it wait for more of its report.

        Args:
            earlier: reports that list objects of this one too, which are then left out.

        Raises:
            duckdb.Error: a part cannot be read.
        """
        waiting = self._waiting
        if waiting is not None:
            listing = replace(listing, parts=waiting.parts + listing.parts)
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
        report_no = self._waiting.report_no
        self._waiting = None
        self._see([rows])
        if not self._has_all_stems:
            self._insert(CELLS)
        self._fingerprints.add(report_no, by_stem=self._has_all_stems)

    def finish(self, listing: Listing, earlier: Sequence[Listing]) -> bool:
        """Make the cells of a whole report whose parts were added one by one.

        Returns:
            Whether it seems to list an object twice; staging.objects then holds its rows for a closer look.
        """
        self.flush()
        row_count = sum(part.row_count for part in listing.parts)
        with self._fingerprints.listed_twice(listing.report_no, row_count) as hashes:
            if self._has_all_stems:
                self._count_by_stem(listing)
        self._see([believed_rows(self._connection, listing, earlier)])
        return len(hashes.result()) > 0

    def _count_by_stem(self, listing: Listing) -> None:
        params = {"report_no": listing.report_no, "source_bucket": listing.source_bucket}
        with self._fingerprints.by_stem(listing.report_no):
            self._insert(STEM_CELLS, into=CELLS, params=params)
            self._see([_ALONE.format(listing.report_no, listing.source_bucket.replace("'", "''"))])
            self._insert(CELLS)
            self._insert(LOOSE, params=params)

    def discard(self, report_no: int) -> None:
        """Forget what was counted of a report."""
        self._waiting = None
        self._fingerprints.forget(report_no)
        for name in _TABLES:
            self._connection.execute(f"DELETE FROM {_table(name)} WHERE report_no = ?", [report_no])

    def keep_current(self) -> None:
        """Forget the reports that are for the history only."""
        for name in _TABLES:
            self._connection.execute(
                f"DELETE FROM {_table(name)} "
                "WHERE report_no NOT IN (SELECT report_no FROM raw.reports WHERE is_current)"
            )

    def forget_fingerprints(self, report_no: int) -> None:
        """Free the memory of a report that was counted for the history only."""
        self._fingerprints.forget(report_no)

    def drop(self) -> None:
        """Leave no trace of the scaffolding."""
        self._fingerprints.drop()
        for name in _TABLES:
            self._connection.execute(f"DROP VIEW {name}")
            self._connection.execute(f"DROP TABLE {_table(name)}")

    def _insert(self, query: str, *, into: str = "", params: Mapping[str, object] | None = None) -> None:
        self._connection.execute(f"INSERT INTO {_table(into or query)} {self._queries[query]}", params)


def _table(name: str) -> str:
    return f"{SCRATCH}.{name.partition('.')[2]}"
