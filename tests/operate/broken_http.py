"""What the S3 stubs of these tests have in common: they speak real HTTP, and break on purpose where a test wants it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REFUSALS: Mapping[str, tuple[int, str]] = {
    "slow": (503, "SlowDown"),
    "expired": (400, "ExpiredToken"),
    "denied": (403, "AccessDenied"),
    "500": (500, "InternalError"),
    "200_error": (200, "InternalError"),
    "409": (409, "ConditionalRequestConflict"),
}
"""Faults that are answered in place of what was asked for."""


class BrokenHandler(BaseHTTPRequestHandler):
    """Answers of a stub, which `s3` holds."""

    protocol_version = "HTTP/1.1"
    s3: Any

    def log_message(self, *args: Any) -> None: ...

    def _broke(self, fault: str) -> bool:
        """Whether a fault has answered in place of what was asked for."""
        if fault in REFUSALS:
            self._error(*REFUSALS[fault])
        elif fault == "before":
            self._reset()
        return fault in {*REFUSALS, "before"}

    def _broke_after(self, fault: str) -> bool:
        """Whether a fault has answered for what was done all the same."""
        if fault == "after":
            self._reset()
        elif fault == "500_after":
            self._error(500, "InternalError")
        return fault in {"after", "500_after"}

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _error(self, status: int, code: str) -> None:
        self._send(status, f"<Error><Code>{code}</Code><Message>made up</Message></Error>".encode())

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("x-amz-request-id", f"REQ{self._request_count()}")
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _request_count(self) -> int:
        return len(self.s3.wire)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """Resets are meant to be."""


@contextlib.contextmanager
def serving(s3: Any, handler: type[BrokenHandler]) -> Iterator[Any]:
    """A stub on a free port, whose address it gets."""
    server = _Server(("127.0.0.1", 0), type("Served", (handler,), {"s3": s3}))
    s3.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield s3
    finally:
        server.shutdown()
        server.server_close()
