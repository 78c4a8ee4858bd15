"""Objects as streams of verified order: broken connections are resumed where they broke."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from dashboard.aws.sessions import CONNECTION_FAULTS, REQUEST_FAULTS, Client, error_code, explain, http_status
from dashboard.errors import DashboardError, ExitCode

CHUNK_BYTES = 1024 * 1024
_READ_BYTES = 256 * 1024
TITLE = "A report is not loaded: a part of it could not be fetched"


@dataclass(frozen=True)
class Patience:
    """How long to put up with a bad connection.

    Attributes:
        attempts: how often in a row a body may break before the file is given up. An attempt that brought at
            least one chunk is no failure: the count begins again.
        backoff_seconds: pause before the second attempt; it doubles from one to the next.
        stall_seconds: a server must send `min_bytes_per_second` on average over this time.
    """

    attempts: int = 5
    backoff_seconds: float = 0.5
    stall_seconds: float = 20.0
    min_bytes_per_second: int = 4096


@dataclass(frozen=True)
class Source:
    """An object, and the account that must own its bucket (empty: any)."""

    bucket: str
    key: str
    owner: str = ""

    @property
    def locator(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class StoppedError(Exception):
    """The download was told to stop."""


class _OtherSizeError(Exception):
    """The object does not have the size that it should have."""


def stream(
    s3: Client,
    source: Source,
    size_bytes: int | None,
    patience: Patience,
    stop: threading.Event,
) -> Generator[memoryview, None, None]:
    """Yield an object's bytes in order, in pieces of up to `CHUNK_BYTES`.

    A piece is valid only until the next one is asked for: one buffer serves all of them.

    Args:
        size_bytes: what it must measure; None takes what S3 says at first.

    Raises:
        DashboardError: CHECKSUM_MISMATCH (another size, or changed meanwhile), FILE_MISSING,
            SOURCE_UNREACHABLE, CREDENTIALS, ACCESS_DENIED.
        StoppedError: `stop` was set.
    """
    buffer = bytearray(CHUNK_BYTES)
    view = memoryview(buffer)
    position, failures, other_sizes, e_tag = 0, 0, 0, ""
    while True:
        start = position
        fault: Exception | None = None
        try:
            body, total, first, e_tag = _open(s3, source, start, size_bytes, e_tag)
            size_bytes = total if size_bytes is None else size_bytes
        except _OtherSizeError as error:
            other_sizes += 1
            if other_sizes > 1:  # asked twice, so it is no slip of the line
                raise _mismatch(source, "{problem}", problem=error) from None
            continue
        with contextlib.closing(body):
            read = _reader(body, patience)
            filled, skip = 0, start - first  # a server that knows no ranges sends the beginning again
            while True:
                if stop.is_set():
                    raise StoppedError
                try:
                    piece = read(min(_READ_BYTES, CHUNK_BYTES - filled))
                except CONNECTION_FAULTS as error:
                    fault = error
                    break
                if not piece:
                    break
                if skip:
                    piece, skip = piece[skip:], max(0, skip - len(piece))
                view[filled : filled + len(piece)] = piece
                filled += len(piece)
                if size_bytes is not None and position + filled > size_bytes:
                    raise _mismatch(source, "It goes on after its {size} bytes", size=size_bytes)
                if filled == CHUNK_BYTES:
                    yield view
                    position, filled = position + filled, 0
        if filled:
            yield view[:filled]
            position += filled
        if fault is None and (size_bytes is None or position == size_bytes):
            return
        failures = 1 if position - start >= CHUNK_BYTES else failures + 1
        if failures >= patience.attempts:
            broken = fault or ConnectionError(f"the body ended after {position} of {size_bytes} bytes")
            raise explain(broken, source.locator, "s3:GetObject", TITLE) from fault
        if stop.wait(patience.backoff_seconds * 2 ** (failures - 1)):
            raise StoppedError


def read_small(s3: Client, source: Source, limit: int, patience: Patience) -> bytes:
    """A whole small object, at most `limit` bytes and one chunk more of it.

    Raises:
        DashboardError: as `stream`.
    """
    found = bytearray()
    for piece in stream(s3, source, None, patience, threading.Event()):
        found += piece
        if len(found) > limit:
            break
    return bytes(found)


def _open(
    s3: Client, source: Source, start: int, size: int | None, e_tag: str
) -> tuple[Any, int | None, int, str]:
    """Ask for the object from `start` on; returns body, total size if known, first byte's position, ETag."""
    request: dict[str, str] = {"Bucket": source.bucket, "Key": source.key}
    if source.owner:
        request["ExpectedBucketOwner"] = source.owner
    if start:
        request["Range"] = f"bytes={start}-"
        if e_tag:
            request["IfMatch"] = e_tag
    try:
        answer = s3.get_object(**request)
    except REQUEST_FAULTS as error:
        if http_status(error) == 412:
            raise _mismatch(source, "It was replaced while it was being fetched") from None
        if http_status(error) == 416 or error_code(error) == "InvalidRange":
            raise _OtherSizeError(f"it ends before byte {start} of {size}") from None
        raise explain(error, source.locator, "s3:GetObject", TITLE) from error
    first, length = 0, answer.get("ContentLength")
    total = int(length) if length is not None else None
    span = str(answer.get("ContentRange", ""))  # bytes 100-199/200
    if start and span.startswith("bytes "):
        begin, _, whole = span.removeprefix("bytes ").partition("/")
        first = int(begin.partition("-")[0])
        total = int(whole) if whole.isdecimal() else size
    if first not in {0, start} or (size is not None and total is not None and total != size):
        answer["Body"].close()
        raise _OtherSizeError(f"it measures {total} bytes instead of {size}")
    return answer["Body"], total, first, str(answer.get("ETag", ""))


def _reader(body: Any, patience: Patience) -> Callable[[int], bytes]:
    """Reads what has arrived, at most so many bytes; raises TimeoutError where too little arrives.

    `StreamingBody.read` waits until it has all it was asked for, so a server that sends one byte a minute
    would hold it for days. urllib3's `read1` below it returns with whatever came.
    """
    with contextlib.suppress(AttributeError):
        body.set_socket_timeout(patience.stall_seconds)
    read: Callable[[int], bytes] = getattr(getattr(body, "_raw_stream", None), "read1", None) or body.read
    waited, got = 0.0, 0

    def read_some(limit: int) -> bytes:
        nonlocal waited, got
        began = time.monotonic()
        piece = read(limit)
        waited += time.monotonic() - began
        got += len(piece)
        if waited >= patience.stall_seconds:
            if got < patience.min_bytes_per_second * waited and piece:
                raise TimeoutError(f"only {got} bytes came in {waited:.0f} s")
            waited, got = 0.0, 0
        return piece

    return read_some


def _mismatch(source: Source, cause: str, **args: Any) -> DashboardError:
    return DashboardError(
        ExitCode.CHECKSUM_MISMATCH,
        "A report is not loaded: one of its files is not what the manifest says",
        cause=cause,
        next_step="Repeat once; if it stays, the report before it remains in use until S3 writes a new one",
        locator=source.locator,
        **args,
    )
