"""Query files and their contracts.

A query is one SELECT in one file under `queries/`; its folder and name are its table's schema and name. The comment
at its head is a contract (purpose with grain, params, columns) that DuckDB checks; nothing else describes it.
"""

from __future__ import annotations

import functools
import graphlib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

QUERIES = Path(__file__).resolve().parents[2] / "queries"

_HEADER = re.compile(r"^-- (?P<name>[a-z_]+):\s*(?P<value>.*)$")
_TABLE = re.compile(r"--[^\n]*|\b((?:raw|staging|facts|marts|alerts|savings|meta)\.[a-z0-9_]+)")
_CONTINUED = re.compile(r"^--  +(?P<value>\S.*)$")


@dataclass(frozen=True)
class Query:
    """One query file.

    Attributes:
        name: dotted name; `marts.storage`, or `storage.by_device_class` for a page query.
        params: names of its parameters with their defaults as SQL literals, None where there is no default.
        columns: names of the columns it returns, in order.
        header: every line of the contract by name, for rules: title, severity, remedy.
    """

    name: str
    path: Path
    sql: str
    purpose: str
    params: dict[str, str | None]
    columns: tuple[str, ...]
    header: dict[str, str] = field(default_factory=dict)

    @property
    def is_kept(self) -> bool:
        """Whether a published snapshot holds it: scaffolding says `kept: no`, a view over files `kept: view`, what
        pages ask with arguments of their own `kept: macro`. What a rule finds is kept in alerts.findings alone."""
        return self.header.get("kept") != "no" and "severity" not in self.header

    def tables(self) -> frozenset[str]:
        """Qualified names of the tables the query reads.

        Found by their schemas, which nothing else in a query is called: its syntax tree, which tests hold this against,
        takes a millisecond of every sync for each query.
        """
        return frozenset(_TABLE.findall(self.sql)) - {""}


def made(name: str, sql: str) -> Query:
    """A query that is put together from those of a whole folder and stands in no file of its own."""
    return Query(name, QUERIES / name.partition(".")[0], sql, purpose="", params={}, columns=())


def read_query(path: Path, name: str) -> Query:
    """Read one query file; its contract must be whole.

    Raises:
        ValueError: the header lacks purpose or columns.
    """
    text = path.read_text("utf-8")
    header: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if match := _HEADER.match(line):
            last = match["name"]
            header[last] = match["value"].strip()
        elif last and (match := _CONTINUED.match(line)):
            header[last] = f"{header[last]} {match['value'].strip()}".strip()
        else:
            break
    missing = {"purpose", "columns"} - {name for name, value in header.items() if value}
    if missing:
        raise ValueError(f"{path}: the header lacks {', '.join(sorted(missing))}")
    params: dict[str, str | None] = {}
    for item in filter(None, (part.strip() for part in header.get("params", "").split(","))):
        param, _, default = item.partition("=")
        params[param.strip()] = default.strip() or None
    return Query(
        name=name,
        path=path,
        sql=text,
        purpose=header["purpose"],
        params=params,
        columns=tuple(part.strip() for part in header["columns"].split(",")),
        header=header,
    )


def order_of(queries: Mapping[str, Query]) -> graphlib.TopologicalSorter[str]:
    """The names of queries with each after those of them that it reads."""
    return graphlib.TopologicalSorter(
        {name: query.tables() & queries.keys() for name, query in queries.items()}
    )


def steps_after(queries: Mapping[str, Query]) -> dict[str, int]:
    """By the name of each query, how many others at most have to be made one after the other once it is there."""
    steps = dict.fromkeys(queries, 0)
    for name in reversed([*order_of(queries).static_order()]):
        for needed in queries[name].tables() & queries.keys():
            steps[needed] = max(steps[needed], steps[name] + 1)
    return steps


@functools.cache
def folder_queries(folder: str) -> dict[str, Query]:
    """The queries of one folder (`staging`, `marts`, …) by qualified table name."""
    return {
        f"{folder}.{path.stem}": read_query(path, f"{folder}.{path.stem}")
        for path in sorted((QUERIES / folder).glob("*.sql"))
    }


@functools.cache
def page_queries() -> dict[str, Query]:
    """Every page query by its name, `page.name`."""
    return {
        f"{path.parent.name}.{path.stem}": read_query(path, f"{path.parent.name}.{path.stem}")
        for path in sorted((QUERIES / "pages").glob("*/*.sql"))
    }


def query_fingerprint() -> str:
    """A digest of every query that shapes a snapshot; page queries only read one."""
    content = "".join(
        query.name + query.sql
        for folder in ("staging", "facts", "marts", "alerts", "savings", "checks")
        for query in folder_queries(folder).values()
    )
    return hashlib.sha256(content.encode()).hexdigest()


def verify(connection: duckdb.DuckDBPyConnection, query: Query) -> None:
    """Hold a query against its contract on a database that has its tables.

    Raises:
        ValueError: it is not exactly one SELECT, or its parameters or columns are not the declared ones.
    """
    statements = connection.extract_statements(query.sql)
    if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
        raise ValueError(f"{query.path}: not one SELECT")
    if set(statements[0].named_parameters) != set(query.params):
        raise ValueError(
            f"{query.path}: parameters {sorted(statements[0].named_parameters)} are not the declared "
            f"{sorted(query.params)}"
        )
    connection.execute(query.sql, dict.fromkeys(query.params))
    returned = tuple(column[0] for column in connection.description or ())
    if returned != query.columns:
        raise ValueError(f"{query.path}: returns {returned}, declares {query.columns}")
