"""Every query file keeps its contract on a real snapshot, and its text can be taken to Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator

import duckdb
import pytest
import sqlglot

from dashboard.warehouse import findings, savings
from dashboard.warehouse.query import Query, folder_queries, page_queries, verify
from tests.sync.world import World, goods, writable_copy

FOLDERS = ("staging", "facts", "marts", "alerts", "savings", "checks")
BUILT = {query.name: query for folder in FOLDERS for query in folder_queries(folder).values()}
# What sqlglot cannot put into Spark's words, with the reason; everything else must parse and be written.
NOT_FOR_SPARK: dict[str, str] = {
    "staging.lifecycle_rules": "sqlglot reads the empty map `MAP {}` as a struct; Spark's map() has another name only",
}


@pytest.fixture(scope="module")
def published(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    world = World(endpoint, tmp_path_factory.mktemp("contracts"))
    world.put(goods(5))
    world.synced()
    with writable_copy(world) as connection:
        yield connection


@pytest.mark.parametrize("query", [*BUILT.values(), *page_queries().values()], ids=lambda query: query.name)
def test_a_query_keeps_its_contract(published: duckdb.DuckDBPyConnection, query: Query) -> None:
    verify(published, query)


def test_the_tables_of_a_query_are_those_of_its_syntax_tree() -> None:
    queries = {**BUILT, **page_queries(), **findings.queries(), **savings.queries()}
    with duckdb.connect(":memory:") as parser:
        read = {name: frozenset(_tables_read(parser, query)) for name, query in queries.items()}
    assert {name: query.tables() for name, query in queries.items()} == read


def _tables_read(parser: duckdb.DuckDBPyConnection, query: Query) -> Iterator[str]:
    row = parser.execute("SELECT json_serialize_sql(?)", [query.sql]).fetchone()
    assert row
    waiting = [json.loads(row[0])]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if node.get("type") == "BASE_TABLE" and node.get("schema_name"):
                yield f"{node['schema_name']}.{node['table_name']}"
            if node.get("type") == "TABLE_FUNCTION" and node["function"].get("schema"):
                yield f"{node['function']['schema']}.{node['function']['function_name']}"
            waiting += node.values()


@pytest.mark.parametrize("name", BUILT)
def test_a_query_can_be_translated_to_spark(name: str) -> None:
    if name in NOT_FOR_SPARK:
        with pytest.raises(sqlglot.errors.SqlglotError):
            _translate(BUILT[name])
        return
    _translate(BUILT[name])


def _translate(query: Query) -> None:
    (text,) = sqlglot.transpile(
        query.sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    sqlglot.parse_one(text, read="spark")


@pytest.mark.parametrize("query", page_queries().values(), ids=lambda query: query.name)
def test_a_page_query_reads_no_more_than_it_may(query: Query) -> None:
    allowed = {"facts.misnamed", "facts.quarantine", "facts.labels", "facts.objects", "meta.snapshot"}
    allowed |= {"facts.same_content", "facts.spare_copies", "facts.buckets"}
    allowed |= {"facts.gate", "facts.chosen", "facts.overwritten"}
    # Which version of a key is the newest only the rows themselves say.
    allowed |= {"staging.objects", "staging.unfinished_uploads"}
    assert not [t for t in query.tables() if not t.startswith(("marts.", "alerts.")) and t not in allowed]
