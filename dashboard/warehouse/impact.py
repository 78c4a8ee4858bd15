"""What a change of the naming grammar would do: the draft's verdicts beside those of the published snapshot.

Both verdicts come from one pass over the reports beside the snapshot. The snapshot judges by its own macros, through
its own `facts.objects`; the draft's `facts.objects` stands on top of that one, so no row has to be joined to itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Settings
from dashboard.warehouse import read_faults
from dashboard.warehouse.engine import open_memory
from dashboard.warehouse.grammar import grammar_version
from dashboard.warehouse.judge import create
from dashboard.warehouse.literals import quoted
from dashboard.warehouse.macros import create_settings_macros
from dashboard.warehouse.publish import SnapshotInfo
from dashboard.warehouse.raw import RAW_TABLES, load_settings_rows
from dashboard.warehouse.read import Warehouse
from dashboard.warehouse.stems import load_stems

_SAMPLES = 5
_VERDICT = (
    "CASE WHEN kind <> 'image' THEN 'out_of_scope' WHEN is_name_good THEN 'good' ELSE 'bad' END AS verdict"
)
_CARRIER = "e_tag"
"""The column of facts.objects that is passed through unread, and takes the verdict before along."""


@dataclass(frozen=True)
class Change:
    """Objects whose verdict or device would change in the same way.

    Attributes:
        before: verdict in the snapshot: good, bad or out_of_scope; `after`: the draft's.
        samples: the first few keys in their order.
    """

    device_before: str
    device_id: str
    before: str
    after: str
    object_count: int
    size_bytes: int
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Impact:
    """What a draft would change.

    Attributes:
        object_count: current objects that were judged.
        changed_count: those of them that would get another verdict; a change of device alone is none.
        changes: the largest first, changes of device alone included.
    """

    snapshot_id: str
    version_before: str
    version_after: str
    object_count: int
    changed_count: int
    changes: tuple[Change, ...]


@contextlib.contextmanager
def attached(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, SnapshotInfo, datetime]]:
    """A database in memory in which the current snapshot is attached, read-only, as `published`.

    Yields:
        the connection, the snapshot, and the time of its newest report.

    Raises:
        DashboardError: NO_SNAPSHOT or SNAPSHOT_DAMAGED, also for what fails in the block.
    """
    folder = settings.warehouse.folder.absolute()
    warehouse = Warehouse(settings)
    info = warehouse.current()
    warehouse.close()
    connection = open_memory(memory_limit=settings.warehouse.memory_limit, threads=settings.warehouse.threads)
    try:
        connection.execute("SET file_search_path = $folder", {"folder": str(folder)})
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"ATTACH {quoted(folder / info.file)} AS published (READ_ONLY)")
        for schema in ("raw", "staging", "facts"):
            connection.execute(f"CREATE SCHEMA {schema}")
        yield connection, info, info.report_at or datetime.now(UTC)
    except duckdb.OutOfMemoryException as error:
        raise DashboardError(
            ExitCode.OUT_OF_MEMORY,
            "The keys were not judged",
            cause="The work needs more memory than warehouse.memory_limit allows",
            next_step="Raise warehouse.memory_limit in the settings",
            locator=info.file,
        ) from error
    except duckdb.Error as error:
        raise read_faults.damaged(info, error) from error
    finally:
        connection.close()


def impact(settings: Settings, draft: Settings) -> Impact:
    """Judge every current object of the snapshot by a draft of the settings.

    Args:
        settings: where the warehouse is.

    Raises:
        DashboardError: NO_SNAPSHOT or SNAPSHOT_DAMAGED.
    """
    with attached(settings) as (connection, info, report_at):
        judge_published(connection, draft, report_at, where="true")
        rows = connection.execute(
            f"""
            WITH judged AS (
                SELECT
                    split_part({_CARRIER}, '|', 1) AS before,
                    substr({_CARRIER}, strpos({_CARRIER}, '|') + 1) AS device_before,
                    device_id,
                    key,
                    size_bytes,
                    {_VERDICT}
                FROM facts.objects
            )

            SELECT
                device_before, device_id, before, verdict, count(*), sum(size_bytes)::BIGINT,
                min(key, {_SAMPLES}) FILTER (WHERE before <> verdict OR device_before <> device_id)
            FROM judged
            GROUP BY device_before, device_id, before, verdict
            ORDER BY before <> verdict DESC, count(*) DESC, device_before, device_id, before, verdict
            """
        ).fetchall()
        version = connection.execute("SELECT grammar_version FROM published.meta.snapshot").fetchone()
    changes = [
        Change(was, device, before, after, count, size, tuple(samples or ()))
        for was, device, before, after, count, size, samples in rows
        if before != after or was != device
    ]
    return Impact(
        snapshot_id=info.snapshot_id,
        version_before=str(version[0]) if version else "",
        version_after=grammar_version(draft),
        object_count=sum(row[4] for row in rows),
        changed_count=sum(change.object_count for change in changes if change.before != change.after),
        changes=tuple(changes),
    )


def judge_published(
    connection: duckdb.DuckDBPyConnection, draft: Settings, report_at: datetime, *, where: str
) -> None:
    """Create `facts.objects` of the attached snapshot's current objects, judged by a draft.

    Its column `e_tag` holds the snapshot's own verdict and device, with a bar between them.

    Args:
        where: SQL condition on the snapshot's facts.objects, made of constants.
    """
    for name, columns in RAW_TABLES.items():
        connection.execute(f"CREATE TABLE raw.{name} ({columns})")
    latest_day = (report_at + timedelta(days=1)).date()
    create_settings_macros(connection, draft, latest_day)
    load_stems(connection, [device.grammar for device in draft.device], latest_day)
    load_settings_rows(connection, draft)
    wanted = [row[0] for row in connection.execute("DESCRIBE published.staging.objects").fetchall()]
    given = {row[0] for row in connection.execute("DESCRIBE published.facts.objects").fetchall()}
    known = {
        "is_latest": "true AS is_latest",
        "is_delete_marker": "false AS is_delete_marker",
        "size_bytes": "known_size(size_bytes, size_band) AS size_bytes",
        _CARRIER: f"verdict || '|' || device_id AS {_CARRIER}",
    }
    items = ", ".join(known.get(name, name if name in given else f"NULL AS {name}") for name in wanted)
    connection.execute(
        f"CREATE VIEW staging.objects AS SELECT {items} FROM (SELECT *, {_VERDICT} "
        f"FROM published.facts.objects WHERE kind NOT IN ('noncurrent_version', 'delete_marker') AND {where})"
    )
    create(connection, "facts.objects", as_views=True)
