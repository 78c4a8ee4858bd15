"""The tables of a snapshot while it is built: those it keeps, and scaffolding that is gone before publication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from dashboard.warehouse.query import Query, in_order


class Tables:
    """Makes the tables of queries, each after those it reads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, params: Mapping[str, Any]) -> None:
        """Remember what the queries that have parameters are given."""
        self._connection = connection
        self._params = dict(params)
        self._scaffolds: list[tuple[str, str]] = []

    def create_all(self, queries: Iterable[Query]) -> None:
        """Make the table of each query.

        Raises:
            duckdb.Error: a query fails.
        """
        for query in in_order(queries):
            self.create(query)

    def create(self, query: Query) -> None:
        """Make the table of one query; a view stays one, and what is not kept is not written to the snapshot.

        Raises:
            duckdb.Error: the query fails.
        """
        params = {name: value for name, value in self._params.items() if name in query.params}
        if query.header.get("kept") == "view":
            self._connection.execute(f"CREATE VIEW {query.name} AS {query.sql}")
            return
        if query.is_kept:
            self._connection.execute(f"CREATE TABLE {query.name} AS {query.sql}", params)
            return
        name = f"scaffold_{query.path.stem}"
        self._connection.execute(f"CREATE TEMPORARY TABLE {name} AS {query.sql}", params)
        self._connection.execute(f"CREATE VIEW {query.name} AS SELECT * FROM temp.main.{name}")
        self._scaffolds.append((query.name, f"temp.main.{name}"))

    def drop_scaffolds(self) -> None:
        """Leave no trace of what is not kept."""
        for view, table in self._scaffolds:
            self._connection.execute(f"DROP VIEW {view}")
            self._connection.execute(f"DROP TABLE {table}")
        self._scaffolds.clear()
