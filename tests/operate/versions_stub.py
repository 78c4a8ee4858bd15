"""An S3 that keeps versions, delete markers and unfinished uploads, and breaks on purpose, over real HTTP.

Beside what glacier_stub does, it holds to conditions (If-Match on copies and deletes), which moto does not.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.operate.broken_http import BrokenHandler, serving
from tests.operate.glacier_stub import BUCKET

START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Version:
    """A version of a key, or a delete marker."""

    version_id: str = "v1"
    e_tag: str = "e" * 32
    size: int = 100
    storage_class: str = "STANDARD"
    is_marker: bool = False
    modified_at: datetime = START
    is_held: bool = False
    retain_until: datetime | None = None
    crc: str = ""
    about: dict[str, str] = field(default_factory=dict)


@dataclass
class VersionsStub:
    """Versions by key, oldest first, and what happened.

    Attributes:
        uploads: parts of each unfinished upload, by key and id: sizes with their times.
        status: Enabled, Suspended or '' for a bucket that keeps no versions.
        fault: (what, key, how often this was asked so before) -> a fault or ''; `what` is LIST, HEAD, COPY, DELETE,
            PARTS, ABORT or VERSIONING, and faults are those of glacier_stub.
        changed: how often something was really changed, by (what, key, version or upload).
        copied_e_tag, copied_size: of every copy; '' and None for those of its source.
        copies: the headers of each copy that was asked for.
        wire: methods and paths exactly as they came.
    """

    keys: dict[str, list[Version]] = field(default_factory=dict)
    uploads: dict[tuple[str, str], list[tuple[int, datetime]]] = field(default_factory=dict)
    status: str = "Enabled"
    fault: Callable[[str, str, int], str] = lambda _what, _key, _count: ""
    changed: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    wire: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1000))
    copied_e_tag: str = ""
    copied_size: int | None = None
    copies: list[dict[str, str]] = field(default_factory=list)

    def put(self, key: str, *stack: Version) -> None:
        """Versions of a key, oldest first, a day apart."""
        self.keys[key] = [
            replace(item, version_id=item.version_id if len(stack) == 1 else f"v{number}",
                    modified_at=START + timedelta(days=number))
            for number, item in enumerate(stack, start=1)
        ]  # fmt: skip

    def state(self) -> dict[str, list[str]]:
        """Version ids by key, oldest first; a marker's with a cross."""
        return {
            key: [f"{item.version_id}{'x' if item.is_marker else ''}" for item in stack]
            for key, stack in self.keys.items()
            if stack
        }


class _Handler(BrokenHandler):
    s3: VersionsStub

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_GET(self) -> None:
        self._answer("GET")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        key = unquote(url.path).removeprefix(f"/{BUCKET}").lstrip("/") or query.get("prefix", "")
        what = self._what(method, query)
        with self.s3.lock:
            count = self.s3.asked[what, key]
            self.s3.asked[what, key] += 1
            self.s3.wire.append((what, self.path))
            fault = self.s3.fault(what, key, count)
        if self._broke(fault):
            return None
        with self.s3.lock:
            status, body, headers = getattr(self, f"_{what.lower()}")(key, query)
        if self._broke_after(fault):
            return None
        return self._send(status, body, headers)

    def _what(self, method: str, query: dict[str, str]) -> str:
        if method == "GET":
            return "LIST" if "versions" in query else "VERSIONING" if "versioning" in query else "PARTS"
        if method == "DELETE":
            return "ABORT" if "uploadId" in query else "DELETE"
        return "COPY" if method == "PUT" else "HEAD"

    def _list(self, key: str, query: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        rows = []
        for name in sorted(name for name in self.s3.keys if name.startswith(key)):
            for number, item in enumerate(reversed(self.s3.keys[name])):
                kind = "DeleteMarker" if item.is_marker else "Version"
                more = (
                    "" if item.is_marker else f"<ETag>&quot;{item.e_tag}&quot;</ETag><Size>{item.size}</Size>"
                )
                rows.append(
                    f"<{kind}><Key>{escape(name)}</Key><VersionId>{item.version_id}</VersionId>"
                    f"<IsLatest>{str(number == 0).lower()}</IsLatest>"
                    f"<LastModified>{item.modified_at:%Y-%m-%dT%H:%M:%S}.000Z</LastModified>{more}</{kind}>"
                )
        found = "".join(rows[: int(query.get("max-keys", 1000))])
        return 200, f"<ListVersionsResult>{found}</ListVersionsResult>".encode(), {}

    def _versioning(self, _key: str, _query: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        status = f"<Status>{self.s3.status}</Status>" if self.s3.status else ""
        return 200, f"<VersioningConfiguration>{status}</VersioningConfiguration>".encode(), {}

    def _find(self, key: str, version_id: str | None) -> Version | None:
        stack = self.s3.keys.get(key, [])
        if version_id is None:
            return stack[-1] if stack and not stack[-1].is_marker else None
        return next((item for item in stack if item.version_id == version_id), None)

    def _head(self, key: str, query: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        item = self._find(key, query.get("versionId"))
        if item is None:
            return 404, b"", {}
        if item.is_marker:
            return 405, b"", {"x-amz-delete-marker": "true"}
        headers = {"ETag": f'"{item.e_tag}"', "Content-Length": str(item.size), **item.about}
        if self.s3.status or item.version_id != "null":
            headers["x-amz-version-id"] = item.version_id
        if item.storage_class != "STANDARD":
            headers["x-amz-storage-class"] = item.storage_class
        if item.is_held:
            headers["x-amz-object-lock-legal-hold"] = "ON"
        if item.retain_until:
            headers["x-amz-object-lock-mode"] = "GOVERNANCE"
            headers["x-amz-object-lock-retain-until-date"] = item.retain_until.strftime("%Y-%m-%dT%H:%M:%SZ")
        if item.crc and self.headers.get("x-amz-checksum-mode") == "ENABLED":
            headers |= {"x-amz-checksum-crc64nvme": item.crc, "x-amz-checksum-type": "FULL_OBJECT"}
        headers["Last-Modified"] = format_datetime(item.modified_at, usegmt=True)
        return 200, b"", headers

    def _copy(self, key: str, _query: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        self.s3.copies.append(dict(self.headers.items()))
        source = urlsplit(unquote(self.headers["x-amz-copy-source"]))
        from_key, version_id = source.path.removeprefix(f"{BUCKET}/"), parse_qs(source.query)["versionId"][0]
        item, current = self._find(from_key, version_id), self._find(key, None)
        if item is None:
            return 404, _fault("NoSuchVersion"), {}
        holds = self.headers.get("x-amz-copy-source-if-match", "").strip('"') == item.e_tag
        if match := self.headers.get("If-Match"):
            holds = holds and current is not None and current.e_tag == match.strip('"')
        if self.headers.get("If-None-Match") == "*":
            holds = holds and current is None
        if not holds:
            return 412, _fault("PreconditionFailed"), {}
        made = replace(
            item,
            version_id=f"v{next(self.s3.numbers)}",
            modified_at=datetime.now(UTC),
            storage_class=self.headers.get("x-amz-storage-class", "STANDARD"),
            e_tag=self.s3.copied_e_tag or item.e_tag,
            size=item.size if self.s3.copied_size is None else self.s3.copied_size,
        )
        self.s3.keys.setdefault(key, []).append(made)
        self.s3.changed["COPY", key, version_id] += 1
        return 200, b"<CopyObjectResult/>", {"x-amz-version-id": made.version_id}

    def _delete(self, key: str, query: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        current = self._find(key, None)
        match = self.headers.get("If-Match", "").strip('"')
        if match and (current is None or current.e_tag != match):
            return 412, _fault("PreconditionFailed"), {}
        version_id = query.get("versionId")
        stack = self.s3.keys.get(key, [])
        if version_id is None and self.s3.status:
            stack.append(Version(f"m{next(self.s3.numbers)}", is_marker=True))
            return 204, b"", {"x-amz-delete-marker": "true"}
        gone = [item for item in stack if version_id is None or item.version_id == version_id]
        if any(item.is_held or item.retain_until for item in gone):
            return 403, _fault("AccessDenied"), {}
        self.s3.keys[key] = [item for item in stack if item not in gone]
        self.s3.changed["DELETE", key, version_id or ""] += len(gone)
        return 204, b"", {}

    def _parts(self, key: str, query: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        parts = self.s3.uploads.get((key, query["uploadId"]))
        if parts is None:
            return 404, _fault("NoSuchUpload"), {}
        first, most = int(query.get("part-number-marker", 0)), int(query.get("max-parts", 2))
        rows = "".join(
            f"<Part><PartNumber>{number}</PartNumber><Size>{size}</Size>"
            f"<LastModified>{at:%Y-%m-%dT%H:%M:%S}.000Z</LastModified></Part>"
            for number, (size, at) in list(enumerate(parts, start=1))[first : first + most]
        )
        more = str(first + most < len(parts)).lower()
        text = (
            f"<ListPartsResult><IsTruncated>{more}</IsTruncated>"
            f"<NextPartNumberMarker>{first + most}</NextPartNumberMarker>{rows}</ListPartsResult>"
        )
        return 200, text.encode(), {}

    def _abort(self, key: str, query: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        if self.s3.uploads.pop((key, query["uploadId"]), None) is None:
            return 404, _fault("NoSuchUpload"), {}
        self.s3.changed["ABORT", key, query["uploadId"]] += 1
        return 204, b"", {}


def _fault(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>made up</Message></Error>".encode()


def serve() -> AbstractContextManager[VersionsStub]:
    """A stub on a free port."""
    return serving(VersionsStub(), _Handler)
