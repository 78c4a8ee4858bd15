"""An S3 that breaks on purpose: GET and LIST of objects in memory over real HTTP, with faults per key.

Everything served here is synthetic.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from dashboard.aws.sessions import Client, client
from dashboard.settings import Aws, InventoryLocation

BUCKET = "inventory-bucket"
SOURCE = "clinic-images"
REPORT_AT = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
LOCATION = InventoryLocation(location=f"s3://{BUCKET}/reports/{SOURCE}/daily/")
COLUMNS = "Bucket, Key, Size, LastModifiedDate, ETag, StorageClass"


@dataclass
class Fault:
    """What happens instead of a good answer.

    kind: `reset` (connection reset after `sent` bytes), `short` (closed after `sent` bytes), `drip` (one byte
    every `delay` s), `freeze` (nothing more after `sent` bytes), `status` (an error with `code`), `length`
    (lies about the size by `sent` bytes), `whole` (ignores Range).
    """

    kind: str
    sent: int = 0
    status: int = 503
    code: str = "SlowDown"
    delay: float = 0.05


@dataclass
class StubS3:
    """The objects, the faults that wait for each key (first in, first out), and every request made."""

    objects: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    page_size: int = 1000
    port: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def client(self) -> Client:
        return _client(self.port)

    def reset(self) -> None:
        """Forget everything; answers that are still being dripped end."""
        self.closing.set()
        self.closing = threading.Event()
        for kept in (self.objects, self.faults, self.log, self.headers):
            kept.clear()
        self.page_size = 1000

    def fail(self, key: str, *faults: Fault) -> None:
        self.faults.setdefault(key, deque()).extend(faults)

    def fetched(self, text: str = "data/") -> list[str]:
        """Keys of the objects asked for that contain a text, in order."""
        return [path.removeprefix(f"/{BUCKET}/") for _, path in self.log if text in path]

    def put_report(
        self,
        contents: dict[str, bytes],
        file_format: str = "CSV",
        schema: str = COLUMNS,
        at: datetime = REPORT_AT,
        **changes: Any,
    ) -> dict[str, Any]:
        """Store a report of these data files (name below data/ -> content); returns the manifest."""
        manifest: dict[str, Any] = {
            "sourceBucket": SOURCE,
            "destinationBucket": f"arn:aws:s3:::{BUCKET}",
            "version": "2016-11-30",
            "creationTimestamp": str(int(at.timestamp() * 1000)),
            "fileFormat": file_format,
            "fileSchema": schema,
            "files": [
                {
                    "key": f"{LOCATION.root}data/{name}",
                    "size": len(content),
                    "MD5checksum": hashlib.md5(content).hexdigest(),
                }
                for name, content in contents.items()
            ],
        }
        manifest.update(changes)
        for name, content in contents.items():
            self.objects[f"{LOCATION.root}data/{name}"] = content
        self.put_manifest(json.dumps(manifest).encode(), at)
        return manifest

    def put_manifest(self, raw: bytes, at: datetime = REPORT_AT) -> None:
        folder = f"{LOCATION.root}{at:%Y-%m-%dT%H-%MZ}/"
        self.objects[f"{folder}manifest.json"] = raw
        self.objects[f"{folder}manifest.checksum"] = hashlib.md5(raw).hexdigest().encode() + b"\n"


@functools.cache
def _client(port: int) -> Client:
    return client(Aws(endpoint_url=f"http://127.0.0.1:{port}", region="ap-northeast-1"), "s3")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    s3: StubS3

    def log_message(self, *args: Any, **kwargs: Any) -> None:
        pass

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        path = unquote(url.path)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        self.s3.log.append(("GET", path))
        self.s3.headers.append({name.lower(): value for name, value in self.headers.items()})
        key = path.removeprefix(f"/{BUCKET}").removeprefix("/")
        waiting = self.s3.faults.get(key)
        fault = waiting.popleft() if waiting else Fault("none")
        if fault.kind == "status":
            self._error(fault.status, fault.code)
        elif not path.startswith(f"/{BUCKET}"):
            self._error(404, "NoSuchBucket")
        elif not key:
            self._list(query)
        elif key not in self.s3.objects:
            self._error(404, "NoSuchKey")
        else:
            self._object(self.s3.objects[key], fault)

    def _object(self, content: bytes, fault: Fault) -> None:
        e_tag = f'"{hashlib.md5(content).hexdigest()}"'
        if self.headers.get("If-Match", e_tag) != e_tag:
            return self._error(412, "PreconditionFailed")
        start = 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and fault.kind != "whole":
            start = int(asked[1])
            if start >= len(content):
                return self._error(416, "InvalidRange")
        body = content[start:]
        lie = fault.sent if fault.kind == "length" else 0
        self.send_response(206 if start else 200)
        self.send_header("ETag", e_tag)
        self.send_header("Content-Length", str(len(body) + lie))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        with contextlib.suppress(OSError):
            self._body(body, fault)
        return None

    def _body(self, body: bytes, fault: Fault) -> None:
        if fault.kind in {"none", "whole"}:
            self.wfile.write(body)
            return
        self.close_connection = True
        if fault.kind == "drip":
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.s3.closing.wait(fault.delay):
                    return
        self.wfile.write(body[: fault.sent] if fault.kind != "length" else body)
        self.wfile.flush()
        if fault.kind == "freeze":
            self.s3.closing.wait(30)
        if fault.kind == "reset":
            time.sleep(0.05)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _list(self, query: dict[str, str]) -> None:
        prefix = query.get("prefix", "")
        folders = sorted(
            {
                prefix + key[len(prefix) :].split("/")[0] + "/"
                for key in self.s3.objects
                if key.startswith(prefix) and "/" in key[len(prefix) :]
            }
        )
        begin = int(query.get("continuation-token", "0"))
        page = folders[begin : begin + self.s3.page_size]
        more = begin + self.s3.page_size < len(folders)
        token = f"<NextContinuationToken>{begin + self.s3.page_size}</NextContinuationToken>" if more else ""
        items = "".join(f"<CommonPrefixes><Prefix>{escape(item)}</Prefix></CommonPrefixes>" for item in page)
        self._xml(
            200,
            f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{items}"
            "</ListBucketResult>",
        )

    def _error(self, status: int, code: str) -> None:
        self._xml(status, f"<Error><Code>{code}</Code><Message>synthetic {code}</Message></Error>")

    def _xml(self, status: int, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *args: Any, **kwargs: Any) -> None:
        """Clients that hang up are meant to."""


@contextlib.contextmanager
def serve() -> Iterator[StubS3]:
    """A stub on a free port, in threads of this process."""
    s3 = StubS3()
    handler = type("Handler", (_Handler,), {"s3": s3})
    server = _Server(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    s3.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield s3
    finally:
        s3.closing.set()
        server.shutdown()
        server.server_close()
