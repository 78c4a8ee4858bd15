"""Judge keys that lie in no report, from the settings alone: the same macros and queries as a build, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from dashboard.errors import DashboardError
from dashboard.settings import Settings, settings_file
from dashboard.settings.faults import Problem, not_valid
from dashboard.warehouse.engine import explain, open_memory
from dashboard.warehouse.macros import create_settings_macros
from dashboard.warehouse.query import Query, folder_queries
from dashboard.warehouse.raw import RAW_TABLES, load_settings_rows
from dashboard.warehouse.relations import NOTHING

OUT_OF_SCOPE = "out_of_scope"
_ALWAYS = date(9999, 12, 31)
_BUCKET = "archive"


@dataclass(frozen=True)
class Verdict:
    """What the archive's queries say about one key.

    Attributes:
        verdict: good, bad or out_of_scope.
        kind: what the key is taken for: image, junk, folder_marker, …
        reasons: codes, the main one first; the kind where the key is out of scope; none for a good name.
        proposed_key: the name it should have, None if none can be derived.
    """

    key: str
    verdict: str
    kind: str
    device_id: str
    unit_id: str
    reasons: tuple[str, ...]
    proposed_key: str | None


def open_judge(settings: Settings, *, latest_day: date) -> duckdb.DuckDBPyConnection:
    """A database in memory with the settings' macros and `facts.objects` over the table `keys`."""
    connection = open_memory(memory_limit=settings.warehouse.memory_limit, threads=1)
    for schema in ("raw", "staging", "facts"):
        connection.execute(f"CREATE SCHEMA {schema}")
    for name, columns in RAW_TABLES.items():
        connection.execute(f"CREATE TABLE raw.{name} ({columns})")
    create_settings_macros(
        connection,
        settings,
        latest_day,
        clock_until=datetime.now(UTC).date() + timedelta(days=1),
    )
    load_settings_rows(connection, settings)
    connection.execute(f"CREATE TABLE raw.objects AS {NOTHING}")
    create(connection, "facts.objects", as_views=True)
    return connection


def create(
    connection: duckdb.DuckDBPyConnection, name: str, *, as_views: bool = False, known: set[str] | None = None
) -> None:
    """Create a relation and whatever it reads and is not there yet.

    Args:
        as_views: they follow what is put into the tables below them; else only the views of staging do.
        known: relations that are there; left out, they are looked for.
    """
    done = known if known is not None else _present(connection)
    query = _relations()[name]
    for table in sorted(query.tables()):
        if table not in done and table in _relations():
            create(connection, table, as_views=as_views, known=done)
    is_view = as_views or name.startswith("staging.")
    params = dict.fromkeys(query.params)
    connection.execute(f"CREATE {'VIEW' if is_view else 'TABLE'} {name} AS {query.sql}", params)
    done.add(name)


def judge(settings: Settings, key: str, *, now: datetime | None = None) -> Verdict:
    """The verdict on one key, as if an object of that name had just been uploaded."""
    moment = now or datetime.now(UTC)
    with closing(open_judge(settings, latest_day=(moment + timedelta(days=1)).date())) as connection:
        put_keys(connection, [key], moment)
        row = connection.execute(
            "SELECT kind, device_id, unit_id, is_name_good FROM facts.objects"
        ).fetchone()
        assert row is not None
        kind, device_id, unit_id, is_good = row
        if kind != "image":
            return Verdict(key, OUT_OF_SCOPE, kind, device_id, unit_id, (kind,), None)
        if is_good:
            return Verdict(key, "good", kind, device_id, unit_id, (), None)
        create(connection, "facts.misnamed")
        columns = {item[0] for item in connection.execute("DESCRIBE facts.misnamed").fetchall()}
        reasons = "reasons" if "reasons" in columns else "[reason]"
        proposed = "proposed_key" if "proposed_key" in columns else "NULL"
        found = connection.execute(f"SELECT {reasons}, {proposed} FROM facts.misnamed").fetchone()
        assert found is not None
        return Verdict(key, "bad", kind, device_id, unit_id, tuple(found[0]), found[1])


def put_keys(connection: duckdb.DuckDBPyConnection, keys: Sequence[str], moment: datetime) -> None:
    """Let raw.objects hold these keys alone, each one a small current object."""
    connection.execute("DELETE FROM raw.objects")
    connection.execute("DELETE FROM raw.reports")
    connection.execute(
        "INSERT INTO raw.objects BY NAME SELECT 1 AS report_no, $bucket AS bucket, unnest($keys) AS key, "
        "true AS is_latest, false AS is_delete_marker, 1 AS size, $at::TIMESTAMP AS last_modified_date, "
        "'STANDARD' AS storage_class",
        {"bucket": _BUCKET, "keys": list(keys), "at": moment.replace(tzinfo=None)},
    )
    connection.execute(
        "INSERT INTO raw.reports BY NAME SELECT 1 AS report_no, $bucket AS source_bucket, "
        "$at::TIMESTAMP AS report_at, true AS is_current, false AS has_versions",
        {"bucket": _BUCKET, "at": moment.replace(tzinfo=None)},
    )


def check_examples(settings: Settings, file: Path | None = None) -> None:
    """Run every device's good and bad names through the very macros that judge the archive.

    Dates in the future are let be: an example may be of next year.

    Raises:
        DashboardError: SETTINGS, in the form of any other refused setting, with each example that does not hold.
    """
    if not settings.device:
        return
    where = file or settings_file()
    try:
        with closing(open_judge(settings, latest_day=_ALWAYS)) as connection:
            keys = sorted({key for device in settings.device for key in (*device.good, *device.bad)})
            put_keys(connection, keys, datetime.now(UTC))
            found = {
                key: (device_id, kind == "image" and is_good)
                for key, device_id, kind, is_good in connection.execute(
                    "SELECT key, device_id, kind, is_name_good FROM facts.objects"
                ).fetchall()
            }
    except duckdb.OutOfMemoryException as error:
        raise explain(error, str(where)) from error
    except duckdb.Error as error:
        told = [(("device",), f"DuckDB does not take the grammar: {error}")]
        raise not_valid(where, _refused_patterns(settings) or told) from error
    problems: list[Problem] = []
    for number, device in enumerate(settings.device):
        problems += _wrong_examples(number, device.id, device.good, device.bad, found)
    if problems:
        raise not_valid(where, problems)


def examples_fault(settings: Settings) -> DashboardError | None:
    """What `check_examples` would raise, for a list of checks."""
    try:
        check_examples(settings)
    except DashboardError as fault:
        return fault
    return None


def _refused_patterns(settings: Settings) -> list[Problem]:
    """Expressions that RE2 does not take, such as one that needs too much memory."""
    problems: list[Problem] = []
    with closing(open_memory(memory_limit=settings.warehouse.memory_limit, threads=1)) as connection:
        for number, device in enumerate(settings.device):
            try:
                connection.execute(
                    "SELECT regexp_full_match('', $pattern)", {"pattern": device.grammar.pattern}
                )
            except duckdb.OutOfMemoryException:
                raise
            except duckdb.Error as error:
                field = "pattern" if device.pattern else "key"
                problems.append((("device", number, field), f"DuckDB does not take it: {error}"))
    return problems


def _wrong_examples(
    number: int,
    device_id: str,
    good: Iterable[str],
    bad: Iterable[str],
    found: dict[str, tuple[str, bool]],
) -> list[Problem]:
    problems: list[Problem] = []
    for key in good:
        owner, is_good = found[key]
        if owner != device_id:
            problems.append(
                (("device", number, "good"), f"the good name {key!r} lies in the folder of {owner!r}")
            )
        elif not is_good:
            problems.append((("device", number, "good"), f"the good name {key!r} does not fit the names"))
    problems += [
        (("device", number, "bad"), f"the bad name {key!r} fits the names")
        for key in bad
        if found[key] == (device_id, True)
    ]
    return problems


def _relations() -> dict[str, Query]:
    return {**folder_queries("staging"), **folder_queries("facts")}


def _present(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database()"
    ).fetchall()
    return {row[0] for row in rows}
