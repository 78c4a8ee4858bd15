"""An S3 that keeps objects with versions, tags, metadata and locks, and breaks on purpose, over real HTTP.

It does what moto does not: conditions of copies and deletions (412), 200 with an error in the body, faults before and
after a request is carried out, and people who change an object between two requests. Everything in it is made up.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

from tests.operate.broken_http import BrokenHandler, serving

BUCKET = "clinic-images"
KEPT = ("content-type", "content-language", "cache-control", "content-disposition", "content-encoding")
SEALED = (
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
)


@dataclass
class Version:
    """One version of an object, or a delete marker (`is_marker`).

    Attributes:
        size: what it says its size is; the body's where it is left out.
        headers: by small name: those of KEPT and SEALED, and x-amz-meta-….
        checksum: CRC64NVME of all of it, if it has one.
        lock: extra headers of a locked object.
        restore: what it says of its temporary copy (x-amz-restore).
        part_size: of the parts it was uploaded in.
    """

    body: bytes = b"image"
    version_id: str = ""
    storage_class: str = "STANDARD"
    tags: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    lock: dict[str, str] = field(default_factory=dict)
    restore: str = ""
    checksum: str = ""
    e_tag: str = ""
    size: int = -1
    is_marker: bool = False
    part_size: int = 0

    def __post_init__(self) -> None:
        self.e_tag = self.e_tag or hashlib.md5(self.body).hexdigest()
        self.size = len(self.body) if self.size < 0 else self.size


@dataclass
class ObjectStub:
    """Versions by key, the newest last, and what happened.

    Attributes:
        fault: (operation, key, how often this was asked before) -> a fault of `glacier_stub`, or ''. It may change
            objects. Operations: HEAD, GET, VERSIONING, GET_TAGS, PUT_TAGS, COPY, DELETE, CREATE, PART, COMPLETE, ABORT.
        done: how often each change was carried out.
        asked: every request, as operation and key.
    """

    is_versioned: bool = False
    is_suspended: bool = False
    objects: dict[str, list[Version]] = field(default_factory=dict)
    fault: Callable[[str, str, int], str] = lambda _operation, _key, _count: ""
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    number: int = 0
    url: str = ""

    def put(self, key: str, version: Version) -> Version:
        """Put a version; without versioning it takes the place of the one before."""
        self.number += 1
        if self.is_suspended:
            version.version_id = "null"
            kept = [item for item in self.objects.get(key, []) if item.version_id != "null"]
            self.objects[key] = [*kept, version]
        elif self.is_versioned:
            version.version_id = version.version_id or f"v{self.number}"
            self.objects.setdefault(key, []).append(version)
        else:
            self.objects[key] = [version]
        return version

    @staticmethod
    def can_be_read(version: Version) -> bool:
        """Whether S3 would copy it."""
        if version.storage_class not in {"GLACIER", "DEEP_ARCHIVE"}:
            return True
        until = re.fullmatch(r'ongoing-request="false", expiry-date="(.+)"', version.restore)
        return until is not None and parsedate_to_datetime(until[1]) > datetime.now(UTC)

    def now(self, key: str) -> Version | None:
        """The current version; None if there is none, or a delete marker."""
        versions = self.objects.get(key, [])
        return None if not versions or versions[-1].is_marker else versions[-1]

    def current(self) -> set[str]:
        return {key for key in self.objects if self.now(key)}


class _Handler(BrokenHandler):
    s3: ObjectStub

    def do_HEAD(self) -> None:
        self._answer()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD

    def _answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        url = urlsplit(self.path)
        self.query = dict(parse_qsl(url.query, keep_blank_values=True))
        self.key = unquote(url.path).removeprefix(f"/{BUCKET}/")
        operation = self._operation()
        with self.s3.lock:
            count = self.s3.asked[operation, self.key]
            self.s3.asked[operation, self.key] += 1
            fault = self.s3.fault(operation, self.key, count)
        if self._broke(fault):
            return None
        with self.s3.lock:
            status, text, headers = getattr(self, f"_{operation.lower()}")()
            if status < 300 and operation not in {"HEAD", "GET", "GET_TAGS", "VERSIONING"}:
                self.s3.done[operation, self.key] += 1
        if self._broke_after(fault):
            return None
        return self._error(status, text) if status >= 400 else self._send(status, text.encode(), headers)

    def _operation(self) -> str:
        if "versioning" in self.query:
            return "VERSIONING"
        if "tagging" in self.query:
            return "GET_TAGS" if self.command == "GET" else "PUT_TAGS"
        if self.command == "PUT":
            return "PART" if "partNumber" in self.query else "COPY"
        if self.command == "POST":
            return "CREATE" if "uploads" in self.query else "COMPLETE"
        return "ABORT" if "uploadId" in self.query else self.command

    def _found(self, key: str, version_id: str = "") -> Version | None:
        if version_id and version_id != "null":
            return next(
                (item for item in self.s3.objects.get(key, []) if item.version_id == version_id), None
            )
        return self.s3.now(key)

    def _asked_for(self) -> Version | None:
        return self._found(self.key, self.query.get("versionId", ""))

    def _head(self) -> tuple[int, str, dict[str, str]]:
        found = self._asked_for()
        if found is None:
            return 404, "NoSuchKey", {}
        headers = {"ETag": f'"{found.e_tag}"', "Content-Length": str(found.size)} | found.headers | found.lock
        headers |= {"x-amz-version-id": found.version_id} if found.version_id else {}
        if found.storage_class != "STANDARD":
            headers["x-amz-storage-class"] = found.storage_class
        headers |= {"x-amz-restore": found.restore} if found.restore else {}
        if "partNumber" in self.query and found.part_size:
            headers["Content-Length"] = str(found.part_size)
            headers["x-amz-mp-parts-count"] = str(-(-found.size // found.part_size))
        if found.checksum and self.headers.get("x-amz-checksum-mode") == "ENABLED":
            headers |= {"x-amz-checksum-crc64nvme": found.checksum, "x-amz-checksum-type": "FULL_OBJECT"}
        return 200, "", headers

    def _get(self) -> tuple[int, str, dict[str, str]]:
        return 403, "AccessDenied", {}

    def _versioning(self) -> tuple[int, str, dict[str, str]]:
        status = "Suspended" if self.s3.is_suspended else "Enabled" if self.s3.is_versioned else ""
        told = f"<Status>{status}</Status>" if status else ""
        return 200, f"<VersioningConfiguration>{told}</VersioningConfiguration>", {}

    def _get_tags(self) -> tuple[int, str, dict[str, str]]:
        found = self._asked_for()
        if found is None:
            return 404, "NoSuchKey", {}
        tags = "".join(
            f"<Tag><Key>{escape(name)}</Key><Value>{escape(value)}</Value></Tag>"
            for name, value in found.tags.items()
        )
        return 200, f"<Tagging><TagSet>{tags}</TagSet></Tagging>", {}

    def _put_tags(self) -> tuple[int, str, dict[str, str]]:
        found = self._asked_for()
        if found is None:
            return 404, "NoSuchKey", {}
        pairs = re.findall(r"<Key>(.*?)</Key><Value>(.*?)</Value>", self.body)
        found.tags = {unescape(name): unescape(value) for name, value in pairs}
        return 200, "", {}

    def _source(self) -> tuple[str, Version | None]:
        path, _mark, version = self.headers["x-amz-copy-source"].partition("?versionId=")
        key = unquote(path).lstrip("/").removeprefix(f"{BUCKET}/")
        return key, self._found(key, version)

    def _is_condition_met(self, source: Version | None) -> bool:
        now = self.s3.now(self.key)
        wanted = self.headers.get("x-amz-copy-source-if-match")
        if wanted is not None and source is not None and wanted.strip('"') != source.e_tag:
            return False
        if self.headers.get("If-None-Match") == "*" and now is not None:
            return False
        match = self.headers.get("If-Match")
        return match is None or (now is not None and match.strip('"') == now.e_tag)

    def _copy(self) -> tuple[int, str, dict[str, str]]:
        _key, source = self._source()
        if source is None:
            return 404, "NoSuchKey", {}
        if not self._is_condition_met(source):
            return 412, "PreconditionFailed", {}
        if not self.s3.can_be_read(source):
            return 403, "InvalidObjectState", {}
        is_new = self.headers.get("x-amz-metadata-directive") == "REPLACE"
        kept = (
            self._given()
            if is_new
            else {**{k: v for k, v in source.headers.items() if k not in SEALED}, **self._sealed()}
        )
        e_tag = hashlib.md5(source.body).hexdigest() if "-" in source.e_tag else source.e_tag
        made = replace(
            source, version_id="", storage_class=self.headers.get("x-amz-storage-class", "STANDARD"), headers=kept,
            tags=dict(source.tags), e_tag=e_tag, lock={}, restore="",
        )  # fmt: skip
        self.s3.put(self.key, made)
        told = {"x-amz-version-id": made.version_id} if made.version_id else {}
        return 200, f'<CopyObjectResult><ETag>"{made.e_tag}"</ETag></CopyObjectResult>', told

    def _given(self) -> dict[str, str]:
        own = {name.lower(): value for name, value in self.headers.items()}
        return {
            name: value
            for name, value in own.items()
            if name in KEPT or name in SEALED or name.startswith("x-amz-meta-")
        }

    def _sealed(self) -> dict[str, str]:
        return {name: value for name, value in self._given().items() if name in SEALED}

    def _delete(self) -> tuple[int, str, dict[str, str]]:
        now = self.s3.now(self.key)
        match = self.headers.get("If-Match")
        if match is not None and (now is None or match.strip('"') != now.e_tag):
            return (412, "PreconditionFailed", {}) if now else (404, "NoSuchKey", {})
        if self.s3.is_versioned or self.s3.is_suspended:
            self.s3.put(self.key, Version(b"", is_marker=True))
        else:
            self.s3.objects.pop(self.key, None)
        return 204, "", {}

    def _create(self) -> tuple[int, str, dict[str, str]]:
        upload_id = f"upload-{len(self.s3.uploads)}"
        tags = dict(parse_qsl(self.headers.get("x-amz-tagging", "")))
        self.s3.uploads[upload_id] = {
            "key": self.key, "headers": self._given(), "tags": tags, "size": 0, "parts": [],
            "class": self.headers.get("x-amz-storage-class", "STANDARD"), "checksum": "",
        }  # fmt: skip
        return 200, f"<R><UploadId>{upload_id}</UploadId></R>", {}

    def _part(self) -> tuple[int, str, dict[str, str]]:
        upload, (_key, source) = self.s3.uploads[self.query["uploadId"]], self._source()
        if source is None:
            return 404, "NoSuchKey", {}
        if not self.s3.can_be_read(source):
            return 403, "InvalidObjectState", {}
        wanted = self.headers.get("x-amz-copy-source-if-match", "").strip('"')
        if wanted and wanted != source.e_tag:
            return 412, "PreconditionFailed", {}
        first, last = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["x-amz-copy-source-range"]).groups()  # type: ignore[union-attr]
        upload["parts"].append((int(first), int(last)))
        upload["checksum"], upload["source"] = source.checksum, source
        return 200, f'<CopyPartResult><ETag>"part{self.query["partNumber"]}"</ETag></CopyPartResult>', {}

    def _complete(self) -> tuple[int, str, dict[str, str]]:
        if not self._is_condition_met(None):
            return 412, "PreconditionFailed", {}
        upload = self.s3.uploads.pop(self.query["uploadId"])
        parts = sorted(upload["parts"])
        assert [first for first, _last in parts] == [0, *(last + 1 for _first, last in parts[:-1])]
        source = upload["source"]
        is_alike = source.part_size == parts[0][1] + 1
        self.s3.put(self.key, Version(
            b"", "", upload["class"], upload["tags"], upload["headers"], checksum=upload["checksum"],
            e_tag=source.e_tag if is_alike else f"{'c' * 32}-{len(parts)}", size=parts[-1][1] + 1,
        ))  # fmt: skip
        return 200, "<R><ETag>x</ETag></R>", {}

    def _abort(self) -> tuple[int, str, dict[str, str]]:
        self.s3.uploads.pop(self.query["uploadId"], None)
        return 204, "", {}

    def _request_count(self) -> int:
        return self.s3.asked.total()


def serve() -> AbstractContextManager[ObjectStub]:
    """A stub on a free port."""
    return serving(ObjectStub(), _Handler)
