"""Servers on this machine for the tests of dashboard.aws: one that says what a test wants, and moto's S3."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

Reply = tuple[int, bytes]


class Stub:
    """An HTTP server that answers each request with `answer(method, path, body)`; it keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[str, str, bytes], Reply] = lambda method, path, body: (500, b"")
        self.requests: list[tuple[str, str, bytes]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                stub.requests.append((self.command, self.path, body))
                status, reply = stub.answer(self.command, self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(reply)))
                if reply.startswith(b"{"):
                    self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.end_headers()
                self.wfile.write(reply)

            do_POST = do_PUT = do_GET

            def log_message(self, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The bodies of the requests, as JSON."""
        return [json.loads(body) for _method, _path, body in self.requests]


@contextmanager
def running_stub() -> Generator[Stub]:
    stub = Stub()
    thread = threading.Thread(target=stub.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.server.shutdown()
        stub.server.server_close()
        thread.join()


@functools.cache
def _session() -> boto3.session.Session:
    """One for all clients: each would read megabytes of descriptions again."""
    return boto3.session.Session()


def client_for(service: str, url: str, attempts: int = 1) -> Any:
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        s3={"addressing_style": "path"},
        connect_timeout=5,
        read_timeout=20,
        max_pool_connections=20,
    )
    return _session().client(
        service,  # type: ignore[call-overload, unused-ignore]
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=config,
    )


@functools.cache
def moto_s3() -> Any:
    """A client of a moto server that lives as long as the tests; use a bucket of your own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return client_for("s3", f"http://{host}:{port}")
