"""Exports of the bill (CUR 2.0, FOCUS) as lines of the warehouse: one pass over a delivery, all deliveries kept.

A delivery becomes `exports/<month>/<version>.parquet`, one row per day and everything the pages cut by, and a JSON file
beside it that says what it holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Costs, Settings
from dashboard.warehouse.cost_export_lines import ExportInvalid, read_lines
from dashboard.warehouse.engine import open_memory

TITLE = "The export of the bill could not be read; the last good months stay in use"
FINAL_AFTER = timedelta(days=5)
"""Without invoice numbers a month is an estimate until so long after its end, as with Cost Explorer."""

LINE_COLUMNS = (
    "period VARCHAR, asked_at TIMESTAMP, start_on DATE, account_id VARCHAR, bucket VARCHAR, service VARCHAR, "
    "usage_type VARCHAR, operation VARCHAR, record_type VARCHAR, tag_values VARCHAR[], cost_usd DECIMAL(38, 10), "
    "usage_amount DECIMAL(38, 10), usage_unit VARCHAR, is_estimated BOOLEAN"
)
STATEMENT_COLUMNS = (
    "period VARCHAR, version VARCHAR, asked_at VARCHAR, written_at VARCHAR, kind VARCHAR, tags VARCHAR[], "
    "total_usd VARCHAR, is_estimated BOOLEAN, row_count BIGINT, line_count BIGINT"
)


@dataclass(frozen=True)
class Statement:
    """What one delivery holds, of which tags and services; amounts as text, times in UTC."""

    period: str
    version: str
    asked_at: str
    written_at: str
    kind: str
    tags: list[str]
    services: list[str]
    total_usd: str
    is_estimated: bool
    row_count: int
    line_count: int


def is_kept(settings: Settings, period: str, version: str) -> bool:
    """Whether a delivery was read before, for the same tags and services."""
    known = _read(_folder(settings, period) / f"{version}.json")
    asked = {"tags": list(settings.costs.tags), "services": list(settings.costs.services)}
    return known is not None and asked == {name: known[name] for name in asked}


def keep(
    settings: Settings,
    files: Sequence[Path],
    *,
    period: str,
    version: str,
    written_at: datetime,
    now: datetime,
    locator: str,
) -> Statement:
    """Read a delivery and keep it beside the ones before.

    Raises:
        DashboardError: COST_INVALID: damaged files, missing columns, another currency, numbers that are none, days of
            another month.
        OSError: the folder cannot be written.
    """
    folder = _folder(settings, period)
    folder.mkdir(parents=True, exist_ok=True)
    draft, target = folder / f".{version}.tmp", folder / f"{version}.parquet"
    memory = open_memory(memory_limit=settings.warehouse.memory_limit, threads=settings.warehouse.threads)
    try:
        with closing(memory) as connection:
            statement = _convert(connection, settings, files, draft, period, version, written_at, now)
        os.replace(draft, target)
        meta = folder / f".{version}.json.tmp"
        meta.write_text(json.dumps(asdict(statement), indent=1) + "\n", "utf-8")
        os.replace(meta, folder / f"{version}.json")
    except (duckdb.Error, ExportInvalid) as error:
        raise _invalid(locator, str(error).splitlines()[0][:300]) from error
    finally:
        draft.unlink(missing_ok=True)
    return statement


def statements(warehouse: Path) -> list[Path]:
    """What every delivery that was read holds, as files; a damaged one counts as never read."""
    return [path for path in sorted((warehouse / "exports").glob("*/[!.]*.json")) if _read(path)]


def load(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Fill raw.export_statements with every delivery, and raw.export_lines with the newest one of each month."""
    connection.execute("DELETE FROM raw.export_statements")
    connection.execute("DELETE FROM raw.export_lines")
    for path in statements(warehouse):
        row = _read(path) or {}
        names = [field.name for field in fields(Statement) if field.name != "services"]
        marks = ", ".join("?" for _name in names)
        connection.execute(
            f"INSERT INTO raw.export_statements ({', '.join(names)}) VALUES ({marks})",
            [row[name] for name in names],
        )
    newest = connection.execute(
        "SELECT period, arg_max(version, asked_at || written_at || version) FROM raw.export_statements GROUP BY period"
    ).fetchall()
    for period, version in newest:
        path = warehouse / "exports" / period / f"{version}.parquet"
        connection.execute(
            "INSERT INTO raw.export_lines BY NAME SELECT * FROM read_parquet($path, hive_partitioning = false)",
            {"path": str(path)},
        )


def _convert(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    files: Sequence[Path],
    draft: Path,
    period: str,
    version: str,
    written_at: datetime,
    now: datetime,
) -> Statement:
    month = date.fromisoformat(f"{period}-01")
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    is_old = now >= datetime(after.year, after.month, after.day, tzinfo=UTC) + FINAL_AFTER
    kind = read_lines(connection, files, settings.costs, month, after, is_old=is_old)
    asked_at = now.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    body = (
        f"SELECT '{period}' AS period, TIMESTAMP '{asked_at.isoformat()}' AS asked_at, "
        "* EXCLUDE (currency, row_count, bad_count) FROM lines"
    )
    connection.execute(f"COPY ({body}) TO '{_quoted(draft)}' (FORMAT parquet, COMPRESSION zstd)")
    found = connection.execute(
        f"SELECT coalesce(sum(cost_usd), 0), coalesce(bool_or(is_estimated), NOT {is_old}), "
        "coalesce(sum(row_count), 0)::BIGINT, count(*) FROM lines",
    ).fetchone()
    assert found
    total, is_estimated, row_count, line_count = found
    return Statement(
        period=period,
        version=version,
        asked_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        written_at=written_at.astimezone(UTC).isoformat(timespec="seconds"),
        kind=kind,
        tags=list(settings.costs.tags),
        services=list(settings.costs.services),
        total_usd=f"{Decimal(total):f}",
        is_estimated=bool(is_estimated),
        row_count=row_count,
        line_count=line_count,
    )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    names = {field.name for field in fields(Statement)}
    if isinstance(data, dict):
        # What was read before services were noted had those of S3 in it, whatever the settings said.
        data.setdefault("services", list(Costs().services))
    is_whole = isinstance(data, dict) and set(data) == names and path.with_suffix(".parquet").is_file()
    return data if is_whole else None


def _folder(settings: Settings, period: str) -> Path:
    return settings.warehouse.folder / "exports" / period


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _invalid(locator: str, problem: str) -> DashboardError:
    return DashboardError(
        ExitCode.COST_INVALID,
        TITLE,
        cause="A month of it cannot be believed: {problem}",
        next_step="The month before stays as it was read last; the next delivery is tried again by itself",
        locator=locator,
        problem=problem,
    )
