"""Reports of all three formats, stored in and fetched from moto over HTTP, and the real sample."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.orc
import pyarrow.parquet
import pytest
from moto.server import ThreadedMotoServer

from dashboard.aws.inventory import fetch_files, fetch_manifest, list_reports
from dashboard.aws.permissions import check_permissions
from dashboard.aws.sessions import Client, client
from dashboard.domain.progress import Silent
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Aws, InventoryLocation, Settings
from tests.inventory_writer import Row, put_report

SAMPLES = Path(os.environ.get("DASHBOARD_SAMPLES") or Path(__file__).parents[2] / "../shared/samples")
REPORT_AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    yield Aws(endpoint_url=f"http://127.0.0.1:{port}", region="us-east-1")
    server.stop()


@pytest.fixture(scope="module")
def s3(aws: Aws) -> Client:
    found = client(aws, "s3")
    for bucket in ("inventory", "clinic-images", "test-stack-managed"):
        found.create_bucket(Bucket=bucket)
    return found


@pytest.mark.parametrize("file_format", ["CSV", "ORC", "Parquet"])
def test_a_report_arrives_as_it_was_written(s3: Client, tmp_path: Path, file_format: str) -> None:
    location = InventoryLocation(location=f"s3://inventory/{file_format}/reports/clinic-images/daily/")
    parts = [
        [Row(f"ipad/{part}/{i} 写真+.jpg", is_delete_marker=i == 3) for i in range(200)] for part in range(3)
    ]
    put_report(s3, root=location.root, report_at=REPORT_AT, format_=file_format, parts=parts)
    old = REPORT_AT.replace(day=20)
    put_report(s3, root=location.root, report_at=old, format_=file_format, parts=parts[:1], checksum=False)

    newest, older = list_reports(s3, location)
    assert (newest.report_at, older.report_at) == (REPORT_AT, old)
    with pytest.raises(DashboardError) as caught:
        fetch_manifest(s3, location, older)
    assert caught.value.code is ExitCode.MANIFEST_INVALID

    manifest = fetch_manifest(s3, location, newest)
    assert (manifest.report_id, manifest.format, len(manifest.files)) == (newest, file_format, 3)
    assert manifest.has_versions
    files = sorted(fetch_files(s3, location, manifest, tmp_path, Silent()), key=lambda file: file.index)
    for file, rows in zip(files, parts, strict=True):
        assert file.size_bytes == file.path.stat().st_size
        if file_format == "CSV":
            lines = file.path.read_text("ascii").splitlines()
            assert len(lines) == len(rows)
            assert "%E5%86%99%E7%9C%9F%2B" in lines[0]
            assert file.has_percent_20
            assert not file.has_plus
            continue
        reader = pyarrow.orc.ORCFile if file_format == "ORC" else pyarrow.parquet.ParquetFile
        assert reader(file.path).read()["key"].to_pylist() == [row.key for row in rows]


def test_real_sample_report(s3: Client, tmp_path: Path) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the folder of real samples is not here; set DASHBOARD_SAMPLES")
    location = InventoryLocation(location="s3://test-stack-managed/test-stack-private/inventory/")
    content = (SAMPLES / "inventory_duracloud/example.parquet").read_bytes()
    manifest = json.loads((SAMPLES / "inventory_duracloud/inventory-manifest.json").read_bytes())
    # Its publisher had shortened the key; S3 writes whole ones.
    manifest["files"][0]["key"] = f"{location.root}data/example.parquet"
    raw = json.dumps(manifest).encode()
    folder = f"{location.root}2025-12-24T01-00Z/"
    bucket = location.destination_bucket
    s3.put_object(Bucket=bucket, Key=manifest["files"][0]["key"], Body=content)
    s3.put_object(Bucket=bucket, Key=f"{folder}manifest.json", Body=raw)
    s3.put_object(
        Bucket=bucket, Key=f"{folder}manifest.checksum", Body=hashlib.md5(raw).hexdigest().encode() + b"\n"
    )
    (report_id,) = list_reports(s3, location)
    trusted = fetch_manifest(s3, location, report_id)
    (file,) = fetch_files(s3, location, trusted, tmp_path, Silent())
    assert pyarrow.parquet.ParquetFile(file.path).metadata.num_rows == 14


def test_permissions_are_tried_one_by_one(aws: Aws, s3: Client) -> None:
    settings = Settings.model_validate(
        {
            "aws": aws.model_dump(),
            "inventory": [{"location": "s3://inventory/CSV/reports/clinic-images/daily/"}],
            "labels": [{"kind": "object_tags"}],
        }
    )
    outcomes = {check.permission.action: check for check in check_permissions(settings)}
    assert {action: check.is_ok for action, check in outcomes.items()} == {
        "s3:ListBucket": True,
        "s3:GetObject": True,
        "ce:GetCostAndUsage": None,
        "s3:GetObjectTagging": True,
        "s3:GetObjectVersionTagging": True,
        "s3:GetLifecycleConfiguration": True,
        "s3:ListBucketMultipartUploads": True,
        "s3:ListMultipartUploadParts": True,
    }
    assert outcomes["s3:GetObject"].resource == "arn:aws:s3:::inventory/CSV/reports/clinic-images/daily/*"
    listed = outcomes["s3:ListBucket"].resource
    assert listed == "arn:aws:s3:::inventory CSV/reports/clinic-images/daily/*", (
        "which of two lists was refused"
    )


def test_a_refused_permission_is_named(aws: Aws, s3: Client) -> None:
    s3.create_bucket(Bucket="closed")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::closed/*"}
    s3.put_bucket_policy(Bucket="closed", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    settings = Settings.model_validate(
        {
            "aws": aws.model_dump(),
            "inventory": [{"location": "s3://closed/clinic-images/daily/"}],
            "costs": {"enabled": False},
            "live": {"lifecycle": False, "unfinished_uploads": False},
        }
    )
    listing, reading = check_permissions(settings)
    assert listing.is_ok
    assert reading.is_ok is False
    assert reading.fault is not None
    assert reading.fault.code is ExitCode.ACCESS_DENIED
    assert reading.fault.locator == "s3://closed/clinic-images/daily/*"
    assert "s3:GetObject" in reading.fault.next_step
