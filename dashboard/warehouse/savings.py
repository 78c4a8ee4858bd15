"""What the queries of queries/savings find in a snapshot that is being built."""

from __future__ import annotations

import duckdb

from dashboard.warehouse.query import Query, folder_queries, made

TEXTS = ("title", "action", "deed", "risk", "basis")


def load_kinds(connection: duckdb.DuckDBPyConnection) -> None:
    """Write marts.savings_kinds from the headers of the queries."""
    texts = ", ".join(f"{name} VARCHAR" for name in TEXTS)
    connection.execute(f"CREATE TABLE marts.savings_kinds (proposal_id VARCHAR, place_no INTEGER, {texts})")
    connection.executemany(
        "INSERT INTO marts.savings_kinds VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            [kind.path.stem, int(kind.header["place"]), *(kind.header[name] for name in TEXTS)]
            for kind in folder_queries("savings").values()
        ],
    )


def queries() -> dict[str, Query]:
    """What puts all proposals into one table, by name.

    Their rows are few; a table for each kind would only be written to be read once.
    """
    found = " UNION ALL ".join(
        f"SELECT '{kind.path.stem}' AS proposal_id, * FROM ({kind.sql}\n)"
        for kind in folder_queries("savings").values()
    )
    return {"marts.savings": made("marts.savings", found)}
