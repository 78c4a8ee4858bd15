"""Objects of the same content: found among all rows by their hashes, looked up again only where two are equal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from dashboard.warehouse.duplicates import repeated_hashes
from dashboard.warehouse.query import folder_queries
from dashboard.warehouse.tables import Tables

NAME = "facts.repeated_content"

_TABLE = "temp.main.repeated_rows"
_HASHED = (
    "SELECT hash(e_tag_hash, size_bytes) AS row_hash FROM facts.fingerprints "
    "WHERE size_bytes > 0 AND e_tag_hash <> hash('') AND NOT is_delete_marker"
)


def create(
    tables: Tables,
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[str],
    see: Callable[[Sequence[str]], None],
) -> None:
    """Make the table of queries/facts/repeated_content.sql.

    If no two fingerprints have the same ETag and size, nothing is to be done. Else the rows that share theirs are read,
    and only their keys are taken apart.

    Args:
        relations: SELECTs of every current report's rows, which raw.objects holds now and will hold again.
        see: lets raw.objects hold the rows of some SELECTs.

    Raises:
        duckdb.Error: the reports cannot be read.
    """
    with connection.cursor() as cursor:
        counted = cursor.execute(
            "SELECT coalesce(sum(row_count), 0)::BIGINT FROM raw.reports WHERE is_current"
        ).fetchall()
        hashes = repeated_hashes(cursor, _HASHED, counted[0][0])
    if len(hashes):
        import pyarrow as pa

        connection.register("repeated_hashes", pa.table({"row_hash": hashes}))
        rows = " UNION ALL ".join(f"({relation})" for relation in relations)
        # Read once into a table: the query looks at its rows several times, and a view would scan for each.
        connection.execute(
            f"CREATE OR REPLACE TEMPORARY TABLE repeated_rows AS SELECT * FROM ({rows}) AS listed "
            "WHERE hash(hash(e_tag), size) IN (SELECT row_hash FROM repeated_hashes)"
        )
        connection.unregister("repeated_hashes")
        see([f"SELECT * FROM {_TABLE}"])
    else:
        see([])
    try:
        tables.create(folder_queries("facts")[NAME])
    finally:
        see(relations)
        connection.execute(f"DROP TABLE IF EXISTS {_TABLE}")
