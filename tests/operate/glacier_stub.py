"""An S3 that restores archived objects and breaks on purpose, over real HTTP. Everything in it is made up.

It does what moto does not: 409 for a restore that is under way, and faults before and after a request is carried out.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.operate.broken_http import BrokenHandler, serving

BUCKET = "clinic-images"


@dataclass
class Stored:
    """One object; `copy`: none, in_progress or ready."""

    e_tag: str = "e" * 32
    size: int = 100
    storage_class: str = "GLACIER"
    archive_status: str = ""
    copy: str = "none"
    until: datetime | None = None
    version_id: str = ""


@dataclass
class GlacierStub:
    """Objects by key, and what happened.

    Attributes:
        fault: (method, key, how often this key was asked so before) -> a fault or ''. Faults: `slow` (503 SlowDown),
            `before` (reset, nothing done), `after` (done, then reset), `500` (nothing done), `500_after` (done, then
            500), `200_error` (200 with an error in the body, nothing done), `expired` (400 ExpiredToken), `denied`.
        accepted: how often a restore was begun, by key. It must never be more than 1.
        wire: paths exactly as they came.
    """

    objects: dict[str, Stored] = field(default_factory=dict)
    fault: Callable[[str, str, int], str] = lambda _method, _key, _count: ""
    accepted: Counter[str] = field(default_factory=Counter)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    wire: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def finish(self) -> None:
        """Time passes: what is under way is ready."""
        for stored in self.objects.values():
            if stored.copy == "in_progress":
                stored.copy = "ready"


class Handler(BrokenHandler):
    s3: GlacierStub

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        url = urlsplit(self.path)
        key = unquote(url.path).removeprefix(f"/{BUCKET}/")
        with self.s3.lock:
            count = self.s3.asked[method, key]
            self.s3.asked[method, key] += 1
            self.s3.wire.append((method, self.path))
            fault = self.s3.fault(method, key, count)
            stored = self.s3.objects.get(key)
            if method == "POST":
                self.s3.bodies.append(body)
        if self._broke(fault):
            return None
        if stored is None:
            return self._error(404, "NoSuchKey")
        if method == "HEAD":
            return self._head(stored)
        if method == "GET":
            return self._error(403, "InvalidObjectState")
        assert "restore" in parse_qs(url.query, keep_blank_values=True)
        status = self._restore(key, stored, body)
        if self._broke_after(fault):
            return None
        return self._send(status, b"") if status < 400 else self._error(status, "RestoreAlreadyInProgress")

    def _restore(self, key: str, stored: Stored, body: str) -> int:
        with self.s3.lock:
            if stored.copy == "in_progress":
                return 409
            days = re.search(r"<Days>(\d+)</Days>", body)
            end = datetime.now(UTC) + timedelta(days=int(days[1]) if days else 0)
            stored.until = end.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            if stored.copy == "ready":
                return 200
            stored.copy = "in_progress"
            self.s3.accepted[key] += 1
            return 202

    def _head(self, stored: Stored) -> None:
        self.send_response(200)
        self.send_header("ETag", f'"{stored.e_tag}"')
        if version_id := parse_qs(urlsplit(self.path).query).get("versionId"):
            self.send_header("x-amz-version-id", version_id[0])
        self.send_header("Content-Length", str(stored.size))
        if stored.storage_class != "STANDARD":
            self.send_header("x-amz-storage-class", stored.storage_class)
        if stored.archive_status:
            self.send_header("x-amz-archive-status", stored.archive_status)
        if stored.copy == "in_progress":
            self.send_header("x-amz-restore", 'ongoing-request="true"')
        elif stored.copy == "ready" and stored.until:
            self.send_header(
                "x-amz-restore",
                f'ongoing-request="false", expiry-date="{format_datetime(stored.until, usegmt=True)}"',
            )
        self.end_headers()


def serve(s3: Any = None, handler: type[Handler] = Handler) -> AbstractContextManager[Any]:
    """A stub on a free port; one that can do more, if it is given with its handler."""
    return serving(s3 or GlacierStub(), handler)
