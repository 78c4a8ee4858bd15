"""A tiny read-only S3 for one machine: ListObjectsV2 and GET from a folder, fast enough not to be what is measured.

Run it as `python -m benchmarks.s3_stub FOLDER`; it prints its address and ends with its parent.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import threading
import urllib.parse
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.sax.saxutils import escape


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else what is short waits 40 ms for an acknowledgement

    def __init__(self, folder: Path, *args: object) -> None:
        self.folder = folder
        super().__init__(*args)  # type: ignore[arg-type]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay silent."""

    def do_GET(self) -> None:
        """Answer a listing of a bucket or the bytes of an object."""
        path, _, query = self.path.partition("?")
        bucket, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
        if not key:
            self._list(bucket, dict(urllib.parse.parse_qsl(query)))
            return
        file = (self.folder / bucket / key).resolve()
        if self.folder not in file.parents or not file.is_file():
            self._xml(404, f"<Error><Code>NoSuchKey</Code><Key>{escape(key)}</Key></Error>")
            return
        size, start = file.stat().st_size, 0
        span = re.match(r"bytes=(\d+)-$", self.headers.get("Range", ""))
        if span:
            start = int(span[1])
        self.send_response(206 if span else 200)
        if span:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - start))
        self.send_header("ETag", '"' + hashlib.sha256(str(file).encode()).hexdigest()[:32] + '"')
        self.end_headers()
        self.wfile.flush()
        with file.open("rb") as stream:
            while start < size:
                start += os.sendfile(self.connection.fileno(), stream.fileno(), start, 1 << 22)

    def _list(self, bucket: str, query: dict[str, str]) -> None:
        prefix = query.get("prefix", "")
        base = self.folder / bucket
        keys = sorted(file.relative_to(base).as_posix() for file in base.rglob("*") if file.is_file())
        found = [key for key in keys if key.startswith(prefix)]
        folders = sorted(
            {key[: key.index("/", len(prefix)) + 1] for key in found if "/" in key[len(prefix) :]}
        )
        contents = "" if query.get("delimiter") else "".join(map(partial(self._entry, base), found))
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(item)}</Prefix></CommonPrefixes>" for item in folders
        )
        self._xml(
            200,
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{escape(bucket)}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(folders)}</KeyCount>"
            f"<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{common}{contents}</ListBucketResult>",
        )

    def _entry(self, base: Path, key: str) -> str:
        file = base / key
        at = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
        return (
            f"<Contents><Key>{escape(key)}</Key><Size>{file.stat().st_size}</Size>"
            f"<LastModified>{at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
            f'<ETag>"{hashlib.sha256(str(file).encode()).hexdigest()[:32]}"</ETag></Contents>'
        )

    def _xml(self, status: int, text: str) -> None:
        body = ('<?xml version="1.0" encoding="UTF-8"?>' + text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until standard input closes."""
    folder = Path(sys.argv[1]).resolve()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, folder))
    server.daemon_threads = True
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
