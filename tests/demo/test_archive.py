"""Starting, finding, stopping and remaking the embedded archive."""

from __future__ import annotations

import http.client
import http.server
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from dashboard.demo import DemoArchive, build, ensure_running, environment, is_running, stop
from dashboard.errors import DashboardError
from tests.demo_fixture import DEMO_NOW


class Steps:
    """Progress that remembers what it was told."""

    def __init__(self) -> None:
        self.totals: dict[str, int | None] = {}
        self.done: dict[str, int] = {}
        self.finished: list[str] = []

    def start(self, task: str, total: int | None, unit: str) -> None:
        self.totals[task] = total
        self.done[task] = 0

    def advance(self, task: str, amount: int) -> None:
        self.done[task] += amount

    def finish(self, task: str) -> None:
        self.finished.append(task)

    def note(self, text: str) -> None: ...


def fingerprint(archive: DemoArchive) -> tuple[Any, ...]:
    """Everything that must be the same in a remade archive."""
    s3 = boto3.client("s3", endpoint_url=archive.endpoint_url)
    reports = s3.list_objects_v2(Bucket="sakura-eye-inventory")["Contents"]
    images = s3.list_object_versions(Bucket="sakura-eye-imaging", Prefix="xray/x1/2026/0")["Versions"]
    uploads = s3.list_multipart_uploads(Bucket="sakura-eye-microscopes")["Uploads"]
    return (
        [(item["Key"], item["ETag"], item["Size"], item["LastModified"]) for item in reports],
        [(item["Key"], item["VersionId"], item["ETag"], item["StorageClass"]) for item in images],
        [(item["Key"], item["UploadId"]) for item in uploads],
        (archive.folder / "expected.json").read_bytes(),
    )


def test_life_of_an_archive(tmp_path: Path) -> None:
    steps = Steps()
    archive = build(tmp_path, objects=500, seed=3, now=DEMO_NOW, progress=steps)
    try:
        assert is_running(tmp_path)
        assert steps.totals == steps.done
        assert list(steps.totals) == steps.finished
        assert ensure_running(tmp_path).process_id == archive.process_id
        before = fingerprint(archive)
        state = json.loads((tmp_path / "demo.json").read_text("utf-8"))
        assert (state["pid"], state["endpoint_url"]) == (archive.process_id, archive.endpoint_url)
    finally:
        archive.stop()
    assert not is_running(tmp_path)
    with ensure_running(tmp_path) as again:
        assert again.endpoint_url == archive.endpoint_url
        assert again.process_id != archive.process_id
        assert fingerprint(again) == before
        stop(tmp_path)
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(ensure_running, [tmp_path, tmp_path]))
        assert both[0].process_id == both[1].process_id
    assert not is_running(tmp_path)
    stop(tmp_path)


def test_the_server_outlives_its_parent(tmp_path: Path) -> None:
    program = (
        "import sys; from datetime import datetime; from pathlib import Path; from dashboard.demo import build; "
        "build(Path(sys.argv[1]), objects=500, now=datetime.fromisoformat(sys.argv[2]))"
    )
    try:
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path), DEMO_NOW.isoformat()], check=True, timeout=120
        )
        assert is_running(tmp_path)
    finally:
        stop(tmp_path)
    assert not is_running(tmp_path)


def test_environment_names_settings_and_dummy_credentials(demo_archive: DemoArchive) -> None:
    variables = environment(demo_archive.folder)
    assert variables["DASHBOARD_SETTINGS"] == str(demo_archive.settings_file)
    assert variables["AWS_ACCESS_KEY_ID"] == variables["AWS_SECRET_ACCESS_KEY"] == "demo"
    assert "127.0.0.1" in variables["NO_PROXY"]
    assert "SECRET" not in demo_archive.settings_file.read_text("utf-8")


def test_only_who_knows_the_token_can_stop_it(demo_archive: DemoArchive) -> None:
    connection = http.client.HTTPConnection(demo_archive.endpoint_url.removeprefix("http://"), timeout=5)
    connection.request("POST", "/demo-api/stop", headers={"X-Demo-Token": "guess"})
    assert connection.getresponse().status == 403
    assert is_running(demo_archive.folder)


def test_a_stranger_on_the_port_is_not_taken_for_the_archive(tmp_path: Path) -> None:
    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"welcome")

        do_POST = do_GET

        def log_message(self, *args: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        state = {"port": server.server_port, "token": "t", "pid": 1}
        (tmp_path / "demo.json").write_text(json.dumps(state), "utf-8")
        try:
            assert not is_running(tmp_path)
            stop(tmp_path)
        finally:
            server.shutdown()


def test_a_folder_without_an_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(DashboardError, match="no embedded archive in this folder"):
        ensure_running(tmp_path)
    stop(tmp_path)


def test_a_server_that_fails_is_reported_with_its_log(tmp_path: Path) -> None:
    (tmp_path / "expected.json").mkdir()
    with pytest.raises(DashboardError) as caught:
        build(tmp_path, objects=500, now=DEMO_NOW)
    assert "IsADirectoryError" in caught.value.cause
    assert caught.value.locator == str(tmp_path / "server.log")


@pytest.mark.parametrize(("objects", "now"), [(10, DEMO_NOW), (500, datetime(2026, 1, 1))])
def test_impossible_arguments_are_refused(tmp_path: Path, objects: int, now: datetime) -> None:
    with pytest.raises(ValueError, match=r"at least 500|time zone"):
        build(tmp_path, objects=objects, now=now)
