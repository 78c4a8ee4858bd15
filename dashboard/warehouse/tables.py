"""The tables of a snapshot while it is built: those it keeps, and scaffolding that is gone before publication."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import duckdb

from dashboard.warehouse.engine import SCRATCH
from dashboard.warehouse.patient import create_patient_macros
from dashboard.warehouse.query import Query, order_of, steps_after

_MOST_SIDE_BY_SIDE = 4
_OF_REPORTS = frozenset({"staging.objects", "facts.stemmed", "facts.objects"})
"""The views of every listed row."""


class Tables:
    """Makes the tables of queries, each after those it reads."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, params: Mapping[str, Any], *, threads: int | None = None
    ) -> None:
        """Remember what the queries that have parameters are given.

        Args:
            threads: how many tables are made side by side at most; one per core if left out.
        """
        self._connection = connection
        self._params = dict(params)
        self._scaffolds: list[tuple[str, str]] = []
        self._side_by_side = min(threads or os.cpu_count() or 1, _MOST_SIDE_BY_SIDE)

    def create_all(
        self, queries: Iterable[Query], by_hand: Mapping[str, Callable[[], None]] | None = None
    ) -> None:
        """Make the table of each query. Most are small and keep one core busy, so those that can go side by side, and
        those that most others wait for go first.

        Args:
            by_hand: how to make tables for which the reports look different meanwhile; what reads a report waits.

        Raises:
            duckdb.Error: a query fails; those that run are waited for, the others not begun.
        """
        by_name = {query.name: query for query in queries}
        makers = by_hand or {}
        order = order_of(by_name)
        for name, query in by_name.items():
            if name not in makers and query.tables() & _OF_REPORTS:
                order.add(name, *makers)
        order.prepare()
        steps = steps_after(by_name)
        ready: list[str] = []
        running: dict[Future[None], str] = {}
        with self._workers() as (pool, cursors):

            def make(name: str) -> None:
                if name in makers:
                    makers[name]()
                else:
                    self._create(cursors.own, by_name[name])

            while order.is_active():
                ready = sorted((*ready, *order.get_ready()), key=lambda name: steps[name])
                while ready and len(running) < self._side_by_side:
                    name = ready.pop()
                    running[pool.submit(make, name)] = name
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    future.result()
                    order.done(running.pop(future))

    def create(self, query: Query) -> None:
        """Make the table of one query; views and macros stay such, and what is not kept is not written to the snapshot.

        Raises:
            duckdb.Error: the query fails.
        """
        self._create(self._connection, query)

    def _create(self, connection: duckdb.DuckDBPyConnection, query: Query) -> None:
        params = {name: value for name, value in self._params.items() if name in query.params}
        if query.header.get("kept") == "macro":
            connection.execute(macro(query))
            return
        if query.header.get("kept") == "view":
            connection.execute(f"CREATE VIEW {query.name} AS {query.sql}")
            return
        if query.is_kept:
            connection.execute(f"CREATE TABLE {query.name} AS {query.sql}", params)
            return
        table = f"{SCRATCH}.{query.path.stem}"
        connection.execute(f"CREATE TABLE {table} AS {query.sql}", params)
        self._scaffolds.append((query.name, table))
        connection.execute(f"CREATE VIEW {query.name} AS SELECT * FROM {table}")

    @contextmanager
    def _workers(self) -> Iterator[tuple[ThreadPoolExecutor, threading.local]]:
        """Threads that each have a cursor of their own; DuckDB mixes up the rows of those that share one."""
        cursors, opened = threading.local(), []

        def open_cursor() -> None:
            cursors.own = self._connection.cursor()
            opened.append(cursors.own)
            create_patient_macros(cursors.own)

        try:
            with ThreadPoolExecutor(self._side_by_side, initializer=open_cursor) as pool:
                try:
                    yield pool, cursors
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
        finally:
            for cursor in opened:
                cursor.close()

    def drop_scaffolds(self) -> None:
        """Leave no trace of what is not kept."""
        for view, table in self._scaffolds:
            self._connection.execute(f"DROP VIEW {view}")
            self._connection.execute(f"DROP TABLE {table}")
        self._scaffolds.clear()


def macro(query: Query) -> str:
    """The statement that makes a query a table macro, which takes its parameters in the order of the contract.

    Their names get an ending: an argument called like a column would be read as the column.
    """
    names = ", ".join(f"{name}_given" for name in query.params)
    body = re.sub(r"\$([a-z_]+)", r"\1_given", query.sql)
    return f"CREATE MACRO {query.name}({names}) AS TABLE {body}"
