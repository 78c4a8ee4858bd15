"""Undo and clean on the command line, on a bucket with versions that was really synced: plan, apply, worker."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboard.__main__ import app
from dashboard.aws.sessions import Client
from dashboard.commands.plan_clean import COMMANDS
from dashboard.errors import DashboardError, ExitCode
from tests.inventory_writer import Row
from tests.sync.world import REPORT_AT, SOURCE, World, good

LIMITS = {"allow_removal": True, "cool_off_minutes": 0, "max_removed_percent": 100}
LIVE = {"lifecycle": False, "unfinished_uploads": True}


class Bucket:
    """A bucket with versions, filled step by step, and the rows that a report has of it; a step is ten days."""

    def __init__(self, s3: Client) -> None:
        self.s3 = s3
        self.rows: list[Row] = []
        self._at = REPORT_AT - timedelta(days=200)

    def put(self, key: str, body: bytes, **more: Any) -> str:
        """A new version; returns its id."""
        answer = self.s3.put_object(Bucket=SOURCE, Key=key, Body=body, **more)
        self._add(key, str(answer["VersionId"]), len(body), str(answer["ETag"]).strip('"'), False)
        return str(answer["VersionId"])

    def delete(self, key: str) -> str:
        """A delete marker; returns its id."""
        version_id = str(self.s3.delete_object(Bucket=SOURCE, Key=key)["VersionId"])
        self._add(key, version_id, None, None, True)
        return version_id

    def versions(self, key: str) -> list[str]:
        """Ids of what S3 has of a key now, markers with a cross."""
        found = self.s3.list_object_versions(Bucket=SOURCE, Prefix=key)
        return [item["VersionId"] for item in found.get("Versions", ())] + [
            f"{item['VersionId']}x" for item in found.get("DeleteMarkers", ())
        ]

    def _add(self, key: str, version_id: str, size: int | None, e_tag: str | None, is_marker: bool) -> None:
        self._at += timedelta(days=10)
        self.rows = [
            Row(**{**row.__dict__, "is_latest": row.is_latest and row.key != key}) for row in self.rows
        ]
        self.rows.append(
            Row(
                key,
                size,
                None if is_marker else "STANDARD",
                self._at,
                version_id,
                is_delete_marker=is_marker,
                e_tag=e_tag,
            )
        )


@pytest.fixture(scope="module", name="bucket")
def _bucket(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Bucket]:
    world = World(endpoint, tmp_path_factory.mktemp("clean"))
    world.changes |= {
        "live": LIVE,
        "operate": LIMITS,
        "records": {"devices": ["xray"]},
    }
    world.s3.create_bucket(Bucket=SOURCE)
    world.s3.put_bucket_versioning(Bucket=SOURCE, VersioningConfiguration={"Status": "Enabled"})
    return world, Bucket(world.s3)


@pytest.fixture(name="run")
def _run(bucket: tuple[World, Bucket], monkeypatch: pytest.MonkeyPatch) -> Any:
    settings = bucket[0].settings
    for name in ("plan_options.load_settings", "runs.started_settings", "journal.load_settings"):
        monkeypatch.setattr(f"dashboard.commands.{name}", lambda: settings)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    runner = CliRunner()

    def run(*words: str, code: int = 0) -> Any:
        result = runner.invoke(app, [str(word) for word in words])
        if isinstance(result.exception, DashboardError):
            assert int(result.exception.code) == code, result.exception
            return result
        assert result.exit_code == code, result.output
        return result

    return run


def carried_out(run: Any, *words: str) -> tuple[dict[str, Any], dict[tuple[str, str], str]]:
    """The plan of a command, and what became of each key and version when two persons had confirmed it."""
    plan = json.loads(run("plan", *words, "--format", "json").stdout)
    for actor in ("sato", "tanaka"):
        run("apply", plan["digest"], "--why", "test", "--as", actor)
    run("worker", "--until-idle")
    rows = json.loads(run("runs", "show", plan["digest"], "--format", "json").stdout)
    return plan, {(row["key"], row["version_id"]): f"{row['state']}/{row['code']}" for row in rows}


def test_everything_that_was_done_is_undone_and_cleaned(bucket: tuple[World, Bucket], run: Any) -> None:
    world, held = bucket
    deleted, rewritten, copied, kept = (str(good(number).key) for number in range(40, 44))
    first = held.put(deleted, b"one")
    marker = held.delete(deleted)
    olds = [held.put(rewritten, body) for body in (b"first", b"second", b"third")]
    held.put(kept, b"the same content")
    copy_id = held.put(copied, b"the same content")
    junk_id, empty_id = held.put("ipad/Thumbs.db", b"junk"), held.put(str(good(45).key), b"")
    held.put("xray/Thumbs.db", b"of a record's device")
    upload = world.s3.create_multipart_upload(Bucket=SOURCE, Key="ipad/huge.heic")["UploadId"]
    world.s3.upload_part(Bucket=SOURCE, Key="ipad/huge.heic", UploadId=upload, PartNumber=1, Body=b"part")
    world.put(held.rows)
    world.synced(now=REPORT_AT + timedelta(days=3650))

    plan, outcome = carried_out(run, "undelete", "--device", "ipad")
    assert (plan["object_count"], plan["size_bytes"]) == (1, 3)
    assert outcome == {(deleted, marker): "done/undeleted"}
    assert held.versions(deleted) == [first]

    plan, outcome = carried_out(run, "bring-back", "--version", olds[0])
    assert outcome == {(rewritten, olds[0]): "done/brought_back"}
    assert world.s3.get_object(Bucket=SOURCE, Key=rewritten)["Body"].read() == b"first"
    assert len(held.versions(rewritten)) == 4

    plan, outcome = carried_out(run, "remove-versions", "--prefix=", "--days", "1", "--keep", "1")
    assert outcome == {(rewritten, olds[0]): "done/removed"}, (
        "the marker's object and the newest former one stay"
    )
    assert olds[0] not in held.versions(rewritten)
    assert plan["params"]["shares"] == {SOURCE: "10.000000"}

    plan, outcome = carried_out(run, "remove-duplicates", "--prefix=")
    assert outcome == {(copied, copy_id): "done/removed"}
    assert (held.versions(copied), len(held.versions(kept))) == ([], 1)

    plan, outcome = carried_out(run, "remove-junk", "--prefix=")
    assert outcome == {
        ("ipad/Thumbs.db", junk_id): "done/removed",
        (str(good(45).key), empty_id): "done/removed",
    }
    assert plan["refused_counts"] == {"record": 1}
    assert (held.versions("ipad/Thumbs.db"), len(held.versions("xray/Thumbs.db"))) == ([], 1)

    plan, outcome = carried_out(run, "abort-uploads", "--prefix", "ipad/", "--days", "7")
    assert outcome == {("ipad/huge.heic", ""): "done/aborted"}
    assert "Uploads" not in world.s3.list_multipart_uploads(Bucket=SOURCE)
    run("journal", "verify")


def test_what_means_everything_or_nothing_is_refused(run: Any) -> None:
    for name in COMMANDS:
        run("plan", name, code=2)
        run("plan", name, "--prefix", "nowhere/", code=ExitCode.NO_ROWS)
