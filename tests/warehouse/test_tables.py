"""Tables made side by side: each after those it reads, and nothing left of what is not kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dashboard.warehouse.engine import open_builder
from dashboard.warehouse.patient import create_patient_functions
from dashboard.warehouse.query import Query, read_query, steps_after
from dashboard.warehouse.tables import Tables


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    builder = open_builder(tmp_path / "new.duckdb", tmp_path, memory_limit="200MB", threads=None)
    builder.execute("CREATE SCHEMA facts")
    create_patient_functions(builder)
    yield builder
    builder.close()


def query(folder: Path, name: str, sql: str, header: str = "") -> Query:
    path = folder / f"{name}.sql"
    path.write_text(f"-- purpose: For a test.\n{header}-- columns: n\n{sql}\n")
    return read_query(path, f"facts.{name}")


def chain(folder: Path) -> list[Query]:
    """Ten steps in the wrong order, each adding one, and thirty tables of their own beside them."""
    steps = [query(folder, "step_0", "SELECT 0 AS n")]
    steps += [query(folder, f"step_{i}", f"SELECT n + 1 AS n FROM facts.step_{i - 1}") for i in range(1, 10)]
    return [*reversed(steps), *(query(folder, f"other_{i}", f"SELECT {i} AS n") for i in range(30))]


@pytest.mark.parametrize("threads", [1, 4])
def test_each_table_comes_after_those_it_reads(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, threads: int
) -> None:
    Tables(connection, {}, threads=threads).create_all(chain(tmp_path))
    assert connection.execute("SELECT n FROM facts.step_9").fetchall() == [(9,)]
    assert connection.execute(
        "SELECT sum(n) FROM query_table(['facts.other_29', 'facts.other_7'])"
    ).fetchone() == (36,)
    assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (40,)


def test_a_query_that_fails_is_told_and_what_reads_it_is_not_begun(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    queries = [
        *chain(tmp_path),
        query(tmp_path, "step_5", "SELECT error('no such thing')::INTEGER AS n FROM facts.step_4"),
    ]
    with pytest.raises(duckdb.InvalidInputException, match="no such thing"):
        Tables(connection, {}, threads=4).create_all(queries)
    made = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert "step_4" in made
    assert not made & {"step_5", "step_6", "step_9"}
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_worker_knows_the_functions_and_settings_of_its_builder(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    sql = (
        "SELECT looks_like_patient('x/山田太郎.jpg')::INTEGER AS n WHERE current_setting('TimeZone') = 'UTC'"
    )
    Tables(connection, {}, threads=2).create_all([query(tmp_path, "found", sql)])
    assert connection.execute("SELECT n FROM facts.found").fetchall() == [(1,)]


def test_what_is_not_kept_is_gone_before_publication(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    tables = Tables(connection, {"given": 4}, threads=2)
    tables.create_all(
        [
            query(tmp_path, "on_the_way", "SELECT $given::INTEGER AS n", "-- kept: no\n-- params: given\n"),
            query(tmp_path, "kept", "SELECT n FROM facts.on_the_way"),
        ]
    )
    tables.drop_scaffolds()
    assert connection.execute("SELECT n FROM facts.kept").fetchall() == [(4,)]
    left = "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal"
    assert connection.execute(left).fetchall() == [("kept",)]


def test_what_reads_a_report_waits_while_the_reports_look_different(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    def see(number: int) -> None:
        connection.execute(f"CREATE OR REPLACE VIEW staging.objects AS SELECT {number} AS n")

    def copied() -> None:
        see(2)
        time.sleep(0.2)
        tables.create(by_hand)
        see(1)

    connection.execute("CREATE SCHEMA staging")
    see(1)
    tables = Tables(connection, {}, threads=4)
    by_hand = query(tmp_path, "by_hand", "SELECT n FROM staging.objects")
    readers = [query(tmp_path, f"reader_{i}", "SELECT n FROM staging.objects") for i in range(9)]
    others = [
        query(tmp_path, "beside", "SELECT 5 AS n"),
        query(tmp_path, "after", "SELECT n FROM facts.by_hand"),
    ]
    tables.create_all([*readers, by_hand, *others], by_hand={by_hand.name: copied})
    assert connection.execute("FROM facts.after").fetchall() == [(2,)]
    found = " UNION ".join(f"FROM {reader.name}" for reader in readers)
    assert connection.execute(found).fetchall() == [(1,)]
    assert connection.execute("FROM facts.beside").fetchall() == [(5,)]


def test_what_most_others_wait_for_goes_first(tmp_path: Path) -> None:
    queries = {item.name: item for item in chain(tmp_path)}
    steps = steps_after(queries)
    assert steps["facts.step_9"] == 0
    assert steps["facts.step_7"] == 2


def test_a_macro_takes_its_arguments_in_the_order_of_its_contract(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.execute("CREATE TABLE facts.numbers AS SELECT unnest([1, 2, 3]) AS n")
    sql = "SELECT n * $factor AS n FROM facts.numbers WHERE $n IS NULL OR n = $n"
    made = query(tmp_path, "times", sql, "-- kept:    macro\n-- params:  n=NULL, factor=1\n")
    asked = query(
        tmp_path, "asked", "SELECT n FROM facts.times(NULL, 2) UNION ALL SELECT n FROM facts.times(3, 1)"
    )
    Tables(connection, {}).create_all([asked, made])
    assert sorted(connection.execute("FROM facts.asked").fetchall()) == [(2,), (3,), (4,), (6,)], (
        "an argument called like a column is the argument, and whoever asks a macro comes after it"
    )
