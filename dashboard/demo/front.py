"""The door in front of moto: what moto cannot answer, or not as S3 does, is answered here; the rest passes through.

- Cost Explorer and AWS Budgets, from the bill.
- GetObjectTagging of archived objects, which S3 allows and moto refuses; without a web framework, because a sync
  asks it once per image. PutObjectTagging without a tag, which takes all of them away.
- Archive tiers inside Intelligent-Tiering: HeadObject tells of them, RestoreObject brings an object back, at once.
- The true age of unfinished uploads.
- Lifecycle configurations word for word: moto drops sizes, numbers of versions and the setting for small objects.
- Bodies and ranges of objects that are larger than what is kept of them.
- /demo-api/state and /demo-api/stop, for the process that started this one.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from dashboard.demo.cost_explorer import Refused
from dashboard.demo.seed import INITIATED_AT, DemoKey, backend

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]
Answers = Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]
"""What a body of JSON is answered with, by the operation in the header X-Amz-Target."""

COST_TARGET = "AWSInsightsIndexService.GetCostAndUsage"
FORECAST_TARGET = "AWSInsightsIndexService.GetCostForecast"
MINIMUM_SIZE, _OWN_MINIMUM = "x-amz-transition-default-minimum-object-size", "all_storage_classes_128K"
BUDGETS_TARGET = "AWSBudgetServiceGateway.DescribeBudgets"
_PLAIN_READ = {"x-id", "versionId"}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_UPLOAD = re.compile(rb"<Upload>.*?</Upload>", re.DOTALL)
_UPLOAD_ID = re.compile(rb"<UploadId>(.*?)</UploadId>")
_INITIATED = re.compile(rb"<Initiated>.*?</Initiated>")
_CHUNK = 1 << 16


class Front:
    """A WSGI application around moto's."""

    def __init__(
        self, moto: WsgiApp, answers: Answers, token: str, proof: str, stop: Callable[[], None]
    ) -> None:
        self._moto = moto
        self._answers = answers
        self._token = token
        self._proof = proof.encode()
        self._stop = stop
        self._rules: dict[str, tuple[bytes, str]] = {}
        """What was written of the lifecycle of a bucket: its body and what it says about small objects."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if path.startswith("/demo-api/"):
            return self._demo_api(environ, start_response)
        answer = self._answers.get(environ.get("HTTP_X_AMZ_TARGET", ""))
        if method == "POST" and answer is not None:
            return self._answer(answer, environ, start_response)
        if environ.get("QUERY_STRING") == "lifecycle":
            return self._lifecycle(method, path, environ, start_response)
        if method == "PUT" and "tagging" in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True):
            return self._put_tags(environ, start_response)
        if method == "GET":
            query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
            if "uploads" in query:
                return self._uploads(environ, start_response)
            found = _demo_key(path, query)
            if found is not None and "tagging" in query:
                return _tagging(found, start_response)
            if found is not None and set(query) <= _PLAIN_READ:
                return self._read(found.size, environ, start_response)
        if method in {"HEAD", "POST"}:
            query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
            found = _demo_key(path, query)
            if found is not None and found.archive_tier:
                if method == "HEAD":
                    return self._archived(found.archive_tier, environ, start_response)
                if "restore" in query:
                    found.archive_tier = ""
                    return _plain(start_response, "202 Accepted", b"", "application/xml")
        return self._moto(environ, start_response)

    def _lifecycle(
        self, method: str, bucket: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """moto still says whether it takes a configuration, and gives those back that were there from the start."""
        if method == "GET" and bucket in self._rules:
            body, minimum = self._rules[bucket]
            return _plain(start_response, "200 OK", body, "application/xml", (MINIMUM_SIZE, minimum))
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) if method == "PUT" else b""
        status, headers, body = self._call_moto({**environ, "wsgi.input": io.BytesIO(sent)})
        if method == "PUT" and status.startswith("200"):
            minimum = environ.get("HTTP_" + MINIMUM_SIZE.upper().replace("-", "_")) or _OWN_MINIMUM
            self._rules[bucket] = (sent, minimum)
        elif method == "DELETE":
            self._rules.pop(bucket, None)
        start_response(status, headers)
        return [body]

    def _put_tags(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if b"<Tag>" in sent:
            return self._moto({**environ, "wsgi.input": io.BytesIO(sent)}, start_response)
        nothing = {"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"}
        status, headers, body = self._call_moto({**environ, **nothing, "REQUEST_METHOD": "DELETE"})
        start_response("200 OK" if status.startswith("204") else status, headers)
        return [body]

    def _archived(self, tier: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = self._call_moto(environ)
        start_response(status, [*headers, ("x-amz-archive-status", f"{tier}_ACCESS")])
        return [body]

    def _demo_api(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_X_DEMO_TOKEN") != self._token:
            return _plain(start_response, "403 Forbidden", b"wrong token", "text/plain")
        if environ["PATH_INFO"] == "/demo-api/stop" and environ["REQUEST_METHOD"] == "POST":
            self._stop()
        return _plain(start_response, "200 OK", self._proof, "text/plain")

    def _answer(
        self,
        answer: Callable[[dict[str, Any]], dict[str, Any]],
        environ: Environ,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        try:
            request = json.loads(environ["wsgi.input"].read(length) or b"{}")
            body, status = answer(request), "200 OK"
        except Refused as refused:
            body, status = {"__type": refused.code, "message": str(refused)}, "400 Bad Request"
        except (ValueError, AttributeError, TypeError, KeyError) as error:
            body, status = {"__type": "SerializationException", "message": str(error)}, "400 Bad Request"
        return _plain(start_response, status, json.dumps(body).encode(), "application/x-amz-json-1.1")

    def _call_moto(self, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
        answer: list[Any] = []
        body = self._moto(environ, lambda status, headers, *_: answer.extend((status, headers)))
        return answer[0], answer[1], b"".join(body)

    def _uploads(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = self._call_moto(environ)

        def true_age(upload: re.Match[bytes]) -> bytes:
            found = _UPLOAD_ID.search(upload[0])
            begun = INITIATED_AT.get(found[1].decode()) if found else None
            if begun is None:
                return upload[0]
            return _INITIATED.sub(
                f"<Initiated>{begun:%Y-%m-%dT%H:%M:%S}.000Z</Initiated>".encode(), upload[0]
            )

        body = _UPLOAD.sub(true_age, body)
        start_response(status, _with_length(headers, len(body)))
        return [body]

    def _read(self, size: int, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Give the whole declared body, or the range asked for, of an object that moto lets us read."""
        wanted = _RANGE.fullmatch(environ.get("HTTP_RANGE", ""))
        status, headers, stub = self._call_moto({k: v for k, v in environ.items() if k != "HTTP_RANGE"})
        if not status.startswith("200"):
            start_response(status, headers)
            return [stub]
        if wanted is None or not (wanted[1] or wanted[2]):
            start_response(status, _with_length(headers, size))
            return _content(stub, 0, size)
        first = int(wanted[1]) if wanted[1] else max(0, size - int(wanted[2]))
        last = min(size - 1, int(wanted[2])) if wanted[1] and wanted[2] else size - 1
        if first > last:
            body = b"<Error><Code>InvalidRange</Code><Message>The requested range is not satisfiable</Message></Error>"
            return _plain(start_response, "416 Requested Range Not Satisfiable", body, "application/xml")
        ranged = [*_with_length(headers, last - first + 1), ("Content-Range", f"bytes {first}-{last}/{size}")]
        start_response("206 Partial Content", ranged)
        return _content(stub, first, last + 1)


def _demo_key(path: str, query: dict[str, list[str]]) -> DemoKey | None:
    """The seeded object a path names; None for anything else, and where a bucket policy must be asked."""
    bucket_name, _, key = path.lstrip("/").encode("latin-1").decode("utf-8", "replace").partition("/")
    bucket = backend().buckets.get(bucket_name)
    if bucket is None or bucket.policy is not None or not key:
        return None
    versions = bucket.keys.getlist(key, [])
    version_id = query.get("versionId", [None])[0]
    if version_id is not None:
        versions = [item for item in versions if item.version_id == version_id]
    return versions[-1] if versions and isinstance(versions[-1], DemoKey) else None


def _tagging(key: DemoKey, start_response: StartResponse) -> Iterable[bytes]:
    tags = backend().tagger.get_tag_dict_for_resource(key.arn)
    items = "".join(
        f"<Tag><Key>{escape(name)}</Key><Value>{escape(value)}</Value></Tag>" for name, value in tags.items()
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<TagSet>{items}</TagSet></Tagging>"
    ).encode()
    return _plain(start_response, "200 OK", body, "application/xml", ("x-amz-version-id", key.version_id))


def _plain(
    start_response: StartResponse,
    status: str,
    body: bytes,
    content_type: str,
    *headers: tuple[str, str],
) -> Iterable[bytes]:
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body))), *headers])
    return [body]


def _with_length(headers: list[tuple[str, str]], length: int) -> list[tuple[str, str]]:
    kept = [item for item in headers if item[0].lower() != "content-length"]
    return [*kept, ("Content-Length", str(length))]


def _content(stub: bytes, first: int, end: int) -> Iterator[bytes]:
    yield stub[first:end]
    left = end - max(first, len(stub))
    while left > 0:
        yield bytes(min(left, _CHUNK))
        left -= _CHUNK
