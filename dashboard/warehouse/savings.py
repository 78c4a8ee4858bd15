"""What the queries of queries/savings find in a snapshot that is being built."""

from __future__ import annotations

import duckdb

from dashboard.warehouse.query import folder_queries

TEXTS = ("title", "action", "deed", "risk", "basis")


def collect(connection: duckdb.DuckDBPyConnection) -> None:
    """Write marts.savings_kinds from the headers, and marts.savings from the rows of all of them.

    Raises:
        duckdb.Error: a query fails.
    """
    kinds = folder_queries("savings").values()
    texts = ", ".join(f"{name} VARCHAR" for name in TEXTS)
    connection.execute(f"CREATE TABLE marts.savings_kinds (proposal_id VARCHAR, place_no INTEGER, {texts})")
    connection.executemany(
        "INSERT INTO marts.savings_kinds VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            [kind.path.stem, int(kind.header["place"]), *(kind.header[name] for name in TEXTS)]
            for kind in kinds
        ],
    )
    # Their rows are few and asked for together; a table of each would only be written to be read once.
    found = " UNION ALL ".join(
        f"SELECT '{kind.path.stem}' AS proposal_id, * FROM ({kind.sql}\n)" for kind in kinds
    )
    connection.execute(f"CREATE TABLE marts.savings AS {found}")
