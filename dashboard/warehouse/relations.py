"""SQL for the rows of stored reports: which parts, in which columns, and less what another report lists too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from dashboard.warehouse.convert import COLUMN_TYPES, Part, describe, raw_select

NOTHING = (
    "SELECT 0::SMALLINT AS report_no, "
    + ", ".join(f"NULL::{type_} AS {name}" for name, type_ in COLUMN_TYPES.items())
    + ", NULL::VARCHAR AS quarantine_reason, NULL::VARCHAR AS raw_key WHERE false"
)
"""No row, in the columns of raw.objects."""


@dataclass(frozen=True)
class Listing:
    """Parts of one report as a build reads them.

    Attributes:
        folder: the report's folder relative to the warehouse, as views name it.
    """

    report_no: int
    folder: str
    source_bucket: str
    parts: tuple[Part, ...]

    def path(self, part: Part) -> str:
        return f"{self.folder}/{part.name}"


def believed_rows(
    connection: duckdb.DuckDBPyConnection, listing: Listing, earlier: Sequence[Listing] = ()
) -> str:
    """A SELECT of the rows that can be believed, without the objects that earlier listings of the bucket hold.

    Paths and the bucket name were checked when settings and manifests were read; they are quoted all the same.
    """
    selects = []
    for is_clean, has_reason in sorted({(part.is_clean, part.has_reason) for part in listing.parts}):
        chosen = [
            part for part in listing.parts if (part.is_clean, part.has_reason) == (is_clean, has_reason)
        ]
        paths = ", ".join("'" + listing.path(part).replace("'", "''") + "'" for part in chosen)
        kept = "" if is_clean else " WHERE quarantine_reason IS NULL"
        select = projection(connection, listing, chosen[0])
        selects.append(
            f"SELECT * FROM ({select} FROM read_parquet([{paths}], hive_partitioning = false)){kept}"
        )
    rows = " UNION ALL ".join(selects) or NOTHING
    for other in earlier:
        # An object is the same if its version is, or if both reports list it as the current one.
        rows = (
            f"SELECT * FROM ({rows}) AS listed WHERE NOT EXISTS (SELECT 1 FROM "
            f"({believed_rows(connection, other)}) AS other WHERE other.key = listed.key AND "
            "(coalesce(other.is_latest, true) AND coalesce(listed.is_latest, true) "
            "OR coalesce(other.version_id, '') = coalesce(listed.version_id, '')))"
        )
    return rows


def projection(connection: duckdb.DuckDBPyConnection, listing: Listing, part: Part) -> str:
    """The SELECT list that brings a part to the columns of raw.objects, without its FROM."""
    columns = describe(connection, listing.path(part))
    return raw_select(
        columns,
        has_reason=part.has_reason,
        is_clean=part.is_clean,
        report_no=listing.report_no,
        source_bucket=listing.source_bucket,
    )


def overlap(
    connection: duckdb.DuckDBPyConnection, listing: Listing, earlier: Sequence[Listing]
) -> tuple[int, int]:
    """Rows and bytes of a listing that earlier listings of its bucket hold too."""
    if not earlier:
        return 0, 0
    row = connection.execute(
        "SELECT whole.row_count - rest.row_count, whole.size_bytes - rest.size_bytes FROM "
        "(SELECT count(*) AS row_count, coalesce(sum(size), 0)::BIGINT AS size_bytes "
        f"FROM ({believed_rows(connection, listing)})) AS whole, "
        "(SELECT count(*) AS row_count, coalesce(sum(size), 0)::BIGINT AS size_bytes "
        f"FROM ({believed_rows(connection, listing, earlier)})) AS rest"
    ).fetchone()
    assert row is not None
    return row[0], row[1]
