"""An S3 that keeps lifecycle configurations word for word and breaks on purpose, over real HTTP. All is made up.

It does what moto does not: sizes, numbers of versions, the setting for small objects, edits by somebody else, faults.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.operate.broken_http import BrokenHandler, serving

BUCKET = "clinic-images"
_MINIMUM = "x-amz-transition-default-minimum-object-size"


@dataclass
class LifecycleStub:
    """One configuration by bucket, as (XML, setting for small objects), and what was asked.

    Attributes:
        fault: (method, how often it was asked so before) -> a fault or ''. Faults: `slow`, `before` (reset, nothing
            done), `after` (done, then reset), `500_after` (done, then 500), `denied`, `expired`, `hidden` (done, but
            reads give the former one), `edited` (done, and at once edited by somebody else).
        edit: what somebody else makes of an XML.
    """

    kept: dict[str, tuple[str, str]] = field(default_factory=dict)
    former: dict[str, tuple[str, str]] = field(default_factory=dict)
    fault: Callable[[str, int], str] = lambda _method, _count: ""
    edit: Callable[[str], str] = lambda xml: xml.replace("<ID>theirs</ID>", "<ID>edited</ID>")
    asked: list[str] = field(default_factory=list)
    hidden: bool = False
    url: str = ""

    def put(self, rules: str, minimum: str = "all_storage_classes_128K", bucket: str = BUCKET) -> None:
        """Configure a bucket as if by somebody else."""
        xml = f'<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{rules}</LifecycleConfiguration>'
        self.kept[bucket] = (xml, minimum)

    @property
    def writes(self) -> int:
        return sum(method in {"PUT", "DELETE"} for method in self.asked)


class _Handler(BrokenHandler):
    s3: LifecycleStub

    def do_GET(self) -> None:
        self._answer("GET")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        bucket = urlsplit(self.path).path.strip("/")
        fault = self.s3.fault(method, self.s3.asked.count(method))
        self.s3.asked.append(method)
        if self._broke(fault):
            return None
        if method == "GET":
            return self._get(bucket)
        if not self.s3.hidden:
            self.s3.former = dict(self.s3.kept)
        self.s3.hidden = fault == "hidden"
        if method == "PUT":
            self.s3.kept[bucket] = (body, self.headers.get(_MINIMUM) or "all_storage_classes_128K")
        else:
            self.s3.kept.pop(bucket, None)
        if fault == "edited":
            xml, minimum = self.s3.kept[bucket]
            self.s3.kept[bucket] = (self.s3.edit(xml), minimum)
        if self._broke_after(fault):
            return None
        return self._send(200 if method == "PUT" else 204, b"")

    def _get(self, bucket: str) -> None:
        found = (self.s3.former if self.s3.hidden else self.s3.kept).get(bucket)
        if found is None:
            return self._error(404, "NoSuchLifecycleConfiguration")
        return self._send(200, found[0].encode(), {_MINIMUM: found[1]})

    def _request_count(self) -> int:
        return len(self.s3.asked)


def serve() -> AbstractContextManager[LifecycleStub]:
    """A stub on a free port."""
    return serving(LifecycleStub(), _Handler)
