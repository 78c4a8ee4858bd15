"""A synthetic archive for tests of whole syncs: buckets in a real S3 server, settings, and what a sync made of them."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from dashboard.aws.sessions import Client, client
from dashboard.domain.progress import Progress, Silent
from dashboard.errors import ExitCode
from dashboard.settings import Aws, Settings
from dashboard.sync import SyncOutcome, sync
from dashboard.warehouse import publish
from dashboard.warehouse.patient import create_patient_functions
from dashboard.warehouse.query import folder_queries, order_of
from dashboard.warehouse.read import Warehouse
from tests.inventory_writer import ALL_COLUMNS, Row, put_report

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
REPORT_AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
SOURCE = "clinic-images"
KEY = "ipad/ipad-01/2026/11/20/ipad-01_20261120T1015{:02d}_{:04d}.heic"

DEVICES: list[dict[str, Any]] = [
    {
        "id": "ipad",
        "folder": "ipad/",
        "units": ["ipad-01", "ipad-02", "ipad-010"],
        "extensions": ["heic", "jpg"],
        "key": "{device}/{unit}/{captured:%Y/%m/%d}/{unit}_{captured:%Y%m%dT%H%M%S}_{seq:4}.{ext}",
        "in_use_from": "2024-04-01",
        "good": ["ipad/ipad-01/2026/10/05/ipad-01_20261005T101500_0001.heic"],
        "bad": ["ipad/ipad-01/2026/10/05/IMG_1234.HEIC"],
    },
    {
        "id": "xray",
        "folder": "xray/",
        "units": ["xr-1"],
        "extensions": ["dcm"],
        "key": "xray/{unit}/{captured:%Y%m%d}/{unit}-{captured:%Y%m%d}-{seq:3}.{ext}",
        "in_use_from": "2025-01-01",
        "in_use_to": "2026-10-31",
        "good": ["xray/xr-1/20260105/xr-1-20260105-001.dcm"],
        "bad": ["xray/xr-1/20260105/xr-1-20260106-001.dcm"],
    },
]

_numbers = itertools.count(1)


def good(number: int, **values: Any) -> Row:
    """A well-named image of the first iPad."""
    return Row(KEY.format(number % 60, number), **values)


def goods(count: int, first: int = 0, **values: Any) -> list[Row]:
    return [good(number, **values) for number in range(first, first + count)]


@functools.cache
def s3_of(endpoint: str) -> Client:
    """One client for all archives on a server: making one costs more than a report."""
    return client(Aws(endpoint_url=endpoint, region="us-east-1"), "s3")


@dataclass
class World:
    """One archive: a destination bucket of its own on the shared server and a warehouse folder.

    Attributes:
        changes: tables of the settings that differ from the plain ones.
        configs: inventory configurations as (source bucket, configuration id).
    """

    endpoint: str
    folder: Path
    changes: dict[str, Any] = field(default_factory=dict)
    configs: list[tuple[str, str]] = field(default_factory=lambda: [(SOURCE, "daily")])
    bucket: str = field(default_factory=lambda: f"inventory-{next(_numbers):05d}")
    location_changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.s3 = s3_of(self.endpoint)
        self.s3.create_bucket(Bucket=self.bucket)

    def copied(self, folder: Path) -> World:
        """The same archive once more, with a bucket and a warehouse of its own: much cheaper than another sync."""
        copy = replace(
            self, folder=folder, bucket=f"inventory-{next(_numbers):05d}", changes=dict(self.changes)
        )
        for item in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", ()):
            source = {"Bucket": self.bucket, "Key": item["Key"]}
            self.s3.copy_object(Bucket=copy.bucket, Key=item["Key"], CopySource=source)
        shutil.copytree(self.warehouse, copy.warehouse)
        return copy

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse"

    def as_dict(self) -> dict[str, Any]:
        """The settings as data."""
        return {
            "aws": {"endpoint_url": self.endpoint, "region": "us-east-1"},
            "warehouse": {"folder": str(self.warehouse), "threads": 2, **self.changes.get("warehouse", {})},
            "inventory": [
                {"location": f"s3://{self.bucket}/{self.root(*config)}", **self.location_changes}
                for config in self.configs
            ],
            "costs": {"enabled": False},
            "live": {"lifecycle": False, "unfinished_uploads": False},
            "device": DEVICES,
            **{name: value for name, value in self.changes.items() if name != "warehouse"},
        }

    @property
    def settings(self) -> Settings:
        return Settings.model_validate(self.as_dict())

    def root(self, source: str = SOURCE, config: str = "daily") -> str:
        return f"reports/{source}/{config}/"

    def put(
        self,
        rows: Sequence[Row] | Sequence[Sequence[Row]],
        *,
        at: datetime = REPORT_AT,
        config: str = "daily",
        source: str = SOURCE,
        format_: str = "Parquet",
        columns: Sequence[str] = ALL_COLUMNS,
        **options: Any,
    ) -> dict[str, Any]:
        """Store a report: of one file (rows) or of several (lists of rows)."""
        parts = [rows] if not rows or isinstance(rows[0], Row) else rows
        return put_report(
            self.s3,
            root=self.root(source, config),
            source_bucket=source,
            destination=self.bucket,
            report_at=at,
            format_=format_,
            parts=parts,  # type: ignore[arg-type]
            columns=columns,
            **options,
        )

    def remove(self, at: datetime, config: str = "daily", source: str = SOURCE) -> None:
        """Let a report vanish from S3, as its expiration rule does."""
        folder = f"{self.root(source, config)}{at:%Y-%m-%dT%H-%MZ}/"
        manifest = json.loads(
            self.s3.get_object(Bucket=self.bucket, Key=f"{folder}manifest.json")["Body"].read()
        )
        keys = [
            f"{folder}manifest.json",
            f"{folder}manifest.checksum",
            *(f["key"] for f in manifest["files"]),
        ]
        for key in keys:
            self.s3.delete_object(Bucket=self.bucket, Key=key)

    def sync(self, *, now: datetime = NOW, progress: Progress | None = None, **options: Any) -> SyncOutcome:
        return sync(self.settings, progress or Silent(), now=lambda: now, **options)

    def synced(self, **options: Any) -> SyncOutcome:
        """A sync that must go well."""
        outcome = self.sync(**options)
        assert outcome.exit_code is ExitCode.OK, [str(fault) for fault in outcome.faults]
        return outcome

    @contextlib.contextmanager
    def snapshot(self, snapshot_id: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """The current (or another) snapshot, read by DuckDB itself."""
        every = {info.snapshot_id: info for info in publish.snapshots(self.warehouse)}
        info = publish.current(self.warehouse) if snapshot_id is None else every[snapshot_id]
        assert info is not None
        with duckdb.connect(str(self.warehouse / info.file), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET file_search_path = $path", {"path": str(self.warehouse)})
            yield connection

    def rows(self, sql: str, snapshot_id: str | None = None) -> list[tuple[Any, ...]]:
        with self.snapshot(snapshot_id) as connection:
            return connection.execute(sql).fetchall()

    def reader(self) -> Warehouse:
        return Warehouse(self.settings)

    def assert_sound(self) -> None:
        """I1: CURRENT names a whole file; nothing unfinished lies about."""
        info = publish.read_info(self.warehouse / "CURRENT")
        assert info is not None
        file = self.warehouse / info.file
        assert file.stat().st_size == info.size_bytes
        assert publish.digest(file) == info.sha256
        assert not list(self.warehouse.glob(".build*")), "a build was left behind"
        assert not list(self.warehouse.glob("*.tmp*")), "a draft was left behind"


def day(number: int) -> datetime:
    """The time of the report `number` days before the newest."""
    return REPORT_AT - timedelta(days=number)


@contextlib.contextmanager
def writable_copy(world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the current snapshot to tamper with, with what it was made from and holds no more."""
    info = publish.current(world.warehouse)
    assert info is not None
    file = world.folder / "copy.duckdb"
    shutil.copy(world.warehouse / info.file, file)
    file.chmod(0o640)
    with duckdb.connect(str(file)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET file_search_path = $path", {"path": str(world.warehouse)})
        create_patient_functions(connection)
        cells = folder_queries("facts")["facts.cells"]
        connection.execute(f"CREATE TABLE IF NOT EXISTS {cells.name} AS {cells.sql}")
        queries = {**folder_queries("facts"), **folder_queries("alerts")}
        for query in map(queries.__getitem__, order_of(queries).static_order()):
            if not query.is_kept:
                connection.execute(f"CREATE TABLE {query.name} AS {query.sql}", dict.fromkeys(query.params))
        yield connection
    file.unlink()
