"""A synthetic warehouse for tests of the pages: invented marts in a DuckDB of its own, the real page queries on top.

Everything in it is made up. It has the methods of `dashboard.warehouse.read.Warehouse` that the pages use.
"""

from __future__ import annotations

import ast
import datetime as dt
import functools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.warehouse.billing_macros import create_macros
from dashboard.warehouse.query import folder_queries, page_queries
from dashboard.warehouse.tables import macro
from dashboard.warehouse.verdict_macros import verdict_macros

REPORT_AT = dt.datetime(2026, 11, 22, 14, 59)

HOSTILE_KEY = 'xray/XR-01/2026/\u202egnp.exe![p](http://evil.example/x)=HYPERLINK("http://evil.example")'

PATIENT_KEY = "xray/2026/11/20/山田花子_S55.03.12.dcm"
"""An invented patient, first in the list of misnamed images."""

SETTINGS: dict[str, Any] = {
    "archive": {"name": "Synthetic clinic", "timezone": "Asia/Tokyo", "is_demo": True},
    "device": [
        {
            "id": device,
            "name": {"en": english, "ja": japanese},
            "folder": f"{device}/",
            "units": [f"{short}-01", f"{short}-02"],
            "extensions": ["jpg"],
            "key": "{device}/{unit}/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%d}_{seq:4}.{ext}",
            "in_use_from": dt.date(2020, 1, 1),
            "good": [f"{device}/{short}-01/2026/01/02/{short}-01_20260102_0001.jpg"],
            "bad": [f"{device}/oops.jpg"],
        }
        for device, short, english, japanese in (
            ("ipad", "IP", "iPad", "iPad"),
            ("dslr", "DS", "DSLR camera", "一眼レフカメラ"),
            ("microscope", "MS", "Surgical microscope", "手術用顕微鏡"),
            ("bacteria", "BM", "Bacterial microscope", "細菌検査用顕微鏡"),
            ("endoscope", "EN", "Endoscope", "内視鏡"),
            ("xray", "XR", "X-ray", "X線撮影装置"),
        )
    ],
}

MARTS = Path(__file__).with_name("synthetic_marts.sql")


@dataclass(frozen=True)
class SyntheticSnapshot:
    snapshot_id: str
    built_at: dt.datetime
    report_at: dt.datetime | None


class SyntheticWarehouse:
    """Two snapshots of the same invented figures.

    Args:
        last: what `last_sync` answers.
        fault: raised by `current` when given.
        extra: page queries that exist only in a test, by name.
        key: of one misnamed image.
    """

    def __init__(
        self,
        *,
        last: dict[str, Any] | None = None,
        fault: DashboardError | None = None,
        extra: dict[str, str] | None = None,
        report_at: dt.datetime = REPORT_AT,
        key: str = HOSTILE_KEY,
    ) -> None:
        self.connection = _copy_of(_marts(key))
        self.connection.execute("SET VARIABLE hostile_key = $key", {"key": key})
        self.last = last
        self.fault = fault
        self.extra = extra or {}
        self.report_at = report_at
        self.asked: list[str] = []

    def current(self) -> SyntheticSnapshot:
        if self.fault:
            raise self.fault
        return self.snapshots()[0]

    def snapshots(self) -> list[SyntheticSnapshot]:
        if self.fault:
            return []
        return [
            SyntheticSnapshot(
                f"{2 - age:06d}",
                self.report_at - dt.timedelta(days=age),
                self.report_at - dt.timedelta(days=age),
            )
            for age in (0, 1)
        ]

    def damage(self) -> DashboardError | None:
        return None

    def last_sync(self) -> dict[str, Any] | None:
        return self.last

    def frame(
        self, name: str, params: dict[str, Any] | None = None, snapshot_id: str | None = None
    ) -> pd.DataFrame:
        self.asked.append(name)
        if name == "shell.broken":
            raise broken()
        given = dict(params or {})
        if name in self.extra:
            sql, defaults = self.extra[name], {}
            for line in sql.splitlines():
                if line.startswith("-- params:"):
                    parts = (item.partition("=") for item in line.removeprefix("-- params:").split(","))
                    defaults = {key.strip(): value.strip() for key, _equals, value in parts}
        else:
            query = page_queries()[name]
            sql, defaults = query.sql, {key: value or "NULL" for key, value in query.params.items()}
        for key, value in defaults.items():
            given.setdefault(key, None if value in {"", "NULL"} else ast.literal_eval(value))
        table: Any = self.connection.cursor().sql(sql, params=given or None)
        frame: pd.DataFrame = table.to_arrow_table().to_pandas()
        return frame

    def rows(
        self, name: str, params: Any = None, snapshot_id: str | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        query = page_queries()[name]
        cursor = self.connection.cursor()
        cursor.execute(query.sql, dict.fromkeys(query.params) | dict(params or {}))
        return [column[0] for column in cursor.description or ()], cursor.fetchall()

    def batches(
        self, name: str, params: Any = None, snapshot_id: str | None = None
    ) -> Iterator[list[tuple[Any, ...]]]:
        yield self.rows(name, params, snapshot_id)[1]


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Where databases and their logs are while this process lives."""
    return tempfile.TemporaryDirectory(prefix="marts-")


@functools.cache
def _marts(key: str) -> bytes:
    """A database file of the invented marts: to make them again for each test takes five times as long as to copy it.

    Args:
        key: of one misnamed image.
    """
    file = Path(_folder().name, "template.duckdb")
    with duckdb.connect(str(file), config={"threads": 1, "default_block_size": 16384}) as connection:
        connection.execute("SET VARIABLE hostile_key = $key", {"key": key})
        connection.execute(MARTS.read_text("utf-8"))
        connection.execute("CREATE MACRO to_local(moment) AS moment + INTERVAL 9 HOURS")
        create_macros(connection, dt.datetime(2026, 11, 23))
        for head in ("has_hidden(text)", "tidy(text)", "tidied(text)"):
            connection.execute(f"CREATE MACRO {head} AS {verdict_macros([], (), ())[head]}")
        for name in ("facts.gate", "facts.chosen"):
            connection.execute(macro(folder_queries("facts")[name]))
        connection.execute(
            f"CREATE VIEW facts.spare_copies AS {folder_queries('facts')['facts.spare_copies'].sql}"
        )
    made = file.read_bytes()
    file.unlink()
    return made


def _copy_of(marts: bytes) -> duckdb.DuckDBPyConnection:
    """A database of one's own, gone when it is closed."""
    with tempfile.NamedTemporaryFile(prefix="copy-", suffix=".duckdb", dir=_folder().name) as file:
        file.write(marts)
        file.flush()
        return duckdb.connect(file.name, config={"threads": 1})


def settings(**archive: Any) -> Settings:
    """Settings for the synthetic warehouse."""
    return Settings.model_validate(SETTINGS | {"archive": SETTINGS["archive"] | archive})


def broken() -> DashboardError:
    """A fault with hostile text in it."""
    return DashboardError(
        ExitCode.SNAPSHOT_DAMAGED,
        "The figures of this snapshot cannot be read",
        cause="The file {file} has changed since it was published",
        next_step="Build a new one with python -m dashboard sync",
        locator=HOSTILE_KEY,
        file="wh.000001.duckdb",
    )


def ask(warehouse: SyntheticWarehouse, name: str, /, **params: Any) -> list[dict[str, Any]]:
    """The rows of a page query as it stands in its file; parameters left out are NULL, not their default."""
    query = page_queries()[name]
    cursor = warehouse.connection.execute(query.sql, dict.fromkeys(query.params) | params)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
