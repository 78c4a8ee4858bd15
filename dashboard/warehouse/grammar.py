"""The naming grammar as a whole: its version, and one key taken apart by it."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta

import duckdb

from dashboard.domain.naming import DeviceGrammar
from dashboard.domain.naming_explain import PartReport, explain_expression, explain_folder, explain_key
from dashboard.settings import Settings
from dashboard.warehouse.engine import open_memory
from dashboard.warehouse.query import folder_queries

RULES_VERSION = 1
"""To be raised when macros made in Python come to judge otherwise: the queries speak for themselves."""


def grammar_version(settings: Settings) -> str:
    """Twelve hex digits that change when, and only when, a key could get another verdict.

    They stand for the devices in any order, for the names that are no images, and for the text of the queries that
    judge, comments and line breaks aside.
    """
    devices = sorted(
        [
            grammar.device_id,
            grammar.folder,
            grammar.pattern,
            grammar.groups,
            [(item.group, item.format) for item in grammar.capture_times],
            grammar.part_groups,
            sorted(grammar.units),
            sorted(grammar.extensions),
            str(grammar.in_use_from),
            str(grammar.in_use_to),
        ]
        for grammar in (device.grammar for device in settings.device)
    )
    content = {
        "rules": RULES_VERSION,
        "devices": devices,
        "naming": settings.naming.model_dump(mode="json"),
        "queries": {name: _bare(sql) for name, sql in _judging().items()},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def explain(settings: Settings, device_id: str, key: str, *, now: datetime | None = None) -> list[PartReport]:
    """One key against the names of its device, part by part; of no device, why it is of none."""
    grammars = [device.grammar for device in settings.device]
    grammar = next((item for item in grammars if item.device_id == device_id), None)
    if grammar is None:
        return [explain_folder(grammars, key)]
    if grammar.expression:
        return explain_expression(grammar, key, _groups(grammar, key))
    latest = ((now or datetime.now(UTC)) + timedelta(days=1)).date()
    return explain_key(grammar, key, latest)


def _groups(grammar: DeviceGrammar, key: str) -> dict[str, str] | None:
    """What the groups of an expression hold; Python's own `re` might not come to an end with it."""
    with closing(open_memory(memory_limit="256MB", threads=1)) as connection:
        names = list(grammar.groups)
        row = connection.execute(
            "SELECT regexp_full_match($key, $pattern)", {"key": key, "pattern": grammar.pattern}
        ).fetchone()
        if row != (True,):
            return None
        return {
            name: _one(connection, grammar.pattern, key, number) for number, name in enumerate(names, start=1)
        }


def _one(connection: duckdb.DuckDBPyConnection, pattern: str, key: str, number: int) -> str:
    # The number of a group must be a constant.
    row = connection.execute(f"SELECT regexp_extract(?, ?, {number})", [key, pattern]).fetchone()
    assert row is not None
    return str(row[0])


def _judging() -> dict[str, str]:
    """The text of every query that facts.misnamed rests on, facts.objects included."""
    queries = {**folder_queries("staging"), **folder_queries("facts")}
    found: dict[str, str] = {}
    waiting = ["facts.misnamed", "facts.objects"]
    while waiting:
        name = waiting.pop()
        if name in queries and name not in found:
            found[name] = queries[name].sql
            waiting += queries[name].tables()
    return found


def _bare(sql: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"^\s*--.*$", "", sql, flags=re.MULTILINE)).strip()
