"""Labels in the live inventory table of S3 Metadata: an Iceberg table, read through its catalog.

pyiceberg is imported only where such a source is configured: it takes half a second and knows many services.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from dashboard.aws.permissions import Permission, PermissionCheck
from dashboard.domain.label_files import Fetched, LabelFile
from dashboard.domain.progress import Progress
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Aws, Settings
from dashboard.settings.labels import S3MetadataLabels

PERMISSIONS = tuple(
    Permission(f"s3tables:{action}", "arn:{partition}:s3tables:*:*:bucket/aws-s3*", why)
    for action, why in (
        ("GetTableBucket", "find the table bucket of S3 Metadata"),
        ("GetNamespace", "find the namespace of S3 Metadata"),
        ("GetTable", "find the live inventory table"),
        ("GetTableMetadataLocation", "see whether the live inventory table has changed"),
        ("GetTableData", "read labels from the live inventory table"),
    )
)

TITLE = "The labels of a source could not be read; the last good copy stays in use"
COLUMNS = ("bucket", "key", "version_id", "e_tag", "is_delete_marker", "sequence_number", "object_tags")
_NEEDED = {"bucket", "key", "object_tags"}


def read_metadata_table(
    aws: Aws, source: S3MetadataLabels, stamp: str, folder: Path, progress: Progress
) -> Fetched:
    """Copy the columns that labels need into a Parquet file, unless the table's snapshot is the known one.

    Raises:
        DashboardError: FILE_MISSING (no such table), SCHEMA_MISMATCH (it is no inventory table), TOO_LARGE,
            SOURCE_UNREACHABLE, SETTINGS (the catalog's properties).
        OSError: the folder cannot be written.
    """
    table = _load(aws, source)
    snapshot = table.current_snapshot()
    if snapshot is None:
        raise _fault(
            source, ExitCode.FILE_MISSING, cause="The table is empty: it was never written", next_step=_WAIT
        )
    as_of = datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC)
    fresh = f"{table.metadata.table_uuid} {snapshot.snapshot_id}"
    if fresh == stamp:
        return Fetched(fresh, False, as_of, 1)
    known = {field.name for field in table.schema().fields}
    if not known >= _NEEDED:
        raise _fault(
            source,
            ExitCode.SCHEMA_MISMATCH,
            cause="It is no live inventory table: it lacks {missing}",
            next_step="Name the table `inventory` of the bucket's S3 Metadata configuration, not the journal",
            missing=", ".join(sorted(_NEEDED - known)),
        )
    task, path = f"labels {source.id}", folder / "inventory.parquet"
    progress.start(task, None, "rows")
    try:
        selected = tuple(name for name in COLUMNS if name in known)
        row_count = _copy(table.scan(selected_fields=selected), source, path, task, progress)
    except DashboardError:
        raise
    except OSError:
        raise
    except Exception as error:  # pyiceberg passes on what any of its file systems raises
        raise _unreachable(source, error) from error
    finally:
        progress.finish(task)
    file_count = 2 + row_count // 1_000_000
    return Fetched(fresh, True, as_of, file_count, (LabelFile(path, "parquet", _locator(source)),))


def check_tables(settings: Settings) -> Iterator[PermissionCheck]:
    """Try each table of the settings by its catalog, which no probe of a single permission can."""
    for source in settings.labels.source:
        if isinstance(source, S3MetadataLabels):
            try:
                _load(settings.aws, source)
            except DashboardError as fault:
                yield PermissionCheck(PERMISSIONS[2], _locator(source), False, fault)
            else:
                yield PermissionCheck(PERMISSIONS[2], _locator(source), True)


_WAIT = "Wait for the backfill of S3 Metadata to end; it takes minutes to hours"


def _load(aws: Aws, source: S3MetadataLabels) -> Any:
    """The table, by its catalog."""
    from pyiceberg.catalog import load_catalog
    from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

    properties = dict(source.catalog)
    if aws.region:
        properties.setdefault("client.region", aws.region)
    if aws.profile:
        properties.setdefault("client.profile-name", aws.profile)
    try:
        return load_catalog(properties.pop("name", "s3_metadata"), **properties).load_table(source.table)
    except (NoSuchTableError, NoSuchNamespaceError) as error:
        raise _fault(
            source,
            ExitCode.FILE_MISSING,
            cause="The catalog has no such table",
            next_step="Mend table and catalog of this source, or switch S3 Metadata on for the bucket",
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _fault(
            source,
            ExitCode.SETTINGS,
            cause="The catalog's properties are not usable: {problem}",
            next_step="Mend labels.source.catalog; dashboard.example.toml shows it for S3 Tables",
            problem=_first_line(error),
        ) from error
    except Exception as error:  # whatever the catalog's own client raises
        raise _unreachable(source, error) from error


def _copy(scan: Any, source: S3MetadataLabels, path: Path, task: str, progress: Progress) -> int:
    """Write a scan's batches as they come; returns how many rows they had."""
    count, writer = 0, None
    try:
        for batch in scan.to_arrow_batch_reader():
            count += batch.num_rows
            if count > source.max_rows:
                raise _fault(
                    source,
                    ExitCode.TOO_LARGE,
                    cause="The table has more than {limit} rows",
                    next_step="Raise max_rows of this source",
                    limit=source.max_rows,
                )
            if writer is None:
                writer = pa.parquet.ParquetWriter(path, batch.schema, compression="snappy")
            writer.write_batch(batch)
            progress.advance(task, batch.num_rows)
        if writer is None:
            writer = pa.parquet.ParquetWriter(path, scan.projection().as_arrow(), compression="snappy")
    finally:
        if writer is not None:
            writer.close()
    return count


def _locator(source: S3MetadataLabels) -> str:
    return f"iceberg://{source.table}"


def _unreachable(source: S3MetadataLabels, error: Exception) -> DashboardError:
    return _fault(
        source,
        ExitCode.SOURCE_UNREACHABLE,
        cause="The table or its catalog did not answer: {problem}",
        next_step="See that the catalog's address, region and permissions are right, then repeat",
        problem=_first_line(error),
    )


def _first_line(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:300]


def _fault(
    source: S3MetadataLabels, code: ExitCode, *, cause: str, next_step: str, **args: object
) -> DashboardError:
    return DashboardError(code, TITLE, cause=cause, next_step=next_step, locator=_locator(source), **args)
