"""How bytes leave the server: compressed once and kept, with security headers, in the reader's language."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import anyio.to_thread
import brotli
from starlette.datastructures import Headers, MutableHeaders
from streamlit import config

from dashboard.errors import DashboardError
from dashboard.ui import source
from dashboard.ui.text import choose_language

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.S)
_SHEETS = (b"screen", b"print")
"""Style sheets of our own, by the medium they are for."""
_SCRIPT = b'<script src="./app/static/reach.js" defer></script>'
_FONT_PRELOAD = re.compile(rb'href="[^"]*SourceSans[^"]*\.woff2"')
_UNUSED_FONT = "/static/media/SourceSansVF-Upright"
_OWN_FONT = b"../../app/static/inter.woff2"
_ICON_FONT = "/static/media/MaterialSymbols-Rounded"
_OWN_ICONS = "/app/static/icons.woff2"
_TEXT_TYPES = (
    "text/",
    "application/javascript",
    "application/json",
    "image/svg+xml",
    "application/manifest+json",
)
# The best first. Brotli's quality 9 costs a second for all of Streamlit's files together, 11 saves 9 % more for 14.
_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=9),
    "gzip": lambda body: gzip.compress(body, 6),
}
_IMMUTABLE = "public, max-age=31536000, immutable"
_KEPT_BYTES = 64 << 20

PERMISSIONS = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"


def content_policy(document: bytes) -> str:
    """Content security policy of the page: own scripts only, and those inline ones that it came with.

    Styles must stay open: Streamlit's components write theirs into the page.
    """
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(document)
    )
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'wasm-unsafe-eval' {hashes}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "media-src 'self'",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


class Delivery:
    """ASGI middleware around Streamlit.

    Streamlit never compresses its own files, because it would do so on every request; here each is compressed once.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: dict[tuple[str, str], tuple[list[tuple[bytes, bytes]], bytes]] = {}
        self._kept_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path: str = scope["path"]
        if not _host_allowed(headers.get("host", "")):
            await _plain(send, 400, b"This host name is not served here.")
            return
        if path.startswith(_UNUSED_FONT):
            # Streamlit's own font, wanted for the moment before the theme is known: ours is on its way already.
            await _moved(send, _OWN_FONT)
            return
        if path.startswith(_ICON_FONT):
            # The icons that are used, under Streamlit's address for all 4,000 of them.
            path = _OWN_ICONS
            scope = {**scope, "path": path, "raw_path": path.encode()}
        encoding = _encoding(headers.get("accept-encoding", ""))
        if scope["method"] == "GET" and (path, encoding) in self._kept:
            await _answer_or_unchanged(send, headers, *self._kept[path, encoding])
            return
        holds = scope["method"] == "GET" and not path.startswith(("/media/", "/_stcore/"))
        if holds:  # what is changed here must arrive as it is
            plain = [pair for pair in scope["headers"] if pair[0] not in {b"accept-encoding", b"range"}]
            scope = {**scope, "headers": plain}
        answer = _Answer(send, holds=holds)
        await self.app(scope, receive, answer.take)
        if answer.held is None:
            return
        await self._finish(scope, headers, answer, send, encoding)

    async def _finish(
        self, scope: Scope, headers: Headers, answer: _Answer, send: Send, encoding: str
    ) -> None:
        path: str = scope["path"]
        body = bytes(answer.body)
        out = MutableHeaders(raw=answer.headers)
        del out["accept-ranges"]
        kind = out.get("content-type", "")
        if kind.startswith("text/html"):
            body = _localized(body, _document_language(scope, headers))
            out["content-security-policy"] = content_policy(body)
            out["cache-control"] = "no-cache"
            out["vary"] = "Accept-Language"
        elif path.startswith("/app/static/"):
            # The icons change with the pages, under an address that does not: they are asked for every time.
            out["cache-control"] = "no-cache" if path == _OWN_ICONS else "public, max-age=86400"
            del out["access-control-allow-origin"]
        if len(body) > 1024 and kind.startswith(_TEXT_TYPES) and "content-encoding" not in out:
            out.add_vary_header("Accept-Encoding")
            if "etag" in out:  # one for all encodings, so no longer one for the very bytes
                out["etag"] = f"W/{out['etag'].removeprefix('W/')}"
            if encoding:
                body = await anyio.to_thread.run_sync(_ENCODINGS[encoding], body)
                out["content-encoding"] = encoding
        out["content-length"] = str(len(body))
        is_file = path.startswith(("/static/", "/app/static/"))
        if is_file and "content-encoding" in out and self._kept_bytes + len(body) <= _KEPT_BYTES:
            self._kept[path, encoding] = (answer.headers, body)
            self._kept_bytes += len(body)
        await _answer(send, answer.status, answer.headers, body)


class _Answer:
    """Collects an answer that is to be changed; passes on every other one with the security headers added."""

    def __init__(self, send: Send, *, holds: bool) -> None:
        self._send = send
        self._holds = holds
        self.held: bool | None = None
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message["headers"])
            _secure(self.headers)
            if self._holds and self.status == 200 and _is_small(self.headers):
                self.held = True
            else:
                await self._send({**message, "headers": self.headers})
        elif self.held:
            self.body += message.get("body", b"")
        else:
            await self._send(message)


def _is_small(raw: list[tuple[bytes, bytes]]) -> bool:
    return int(Headers(raw=raw).get("content-length", "0")) <= 16 << 20


def _secure(raw: list[tuple[bytes, bytes]]) -> None:
    headers = MutableHeaders(raw=raw)
    headers["x-content-type-options"] = "nosniff"
    headers["x-frame-options"] = "DENY"
    headers["referrer-policy"] = "no-referrer"
    headers["permissions-policy"] = PERMISSIONS
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cross-origin-resource-policy"] = "same-origin"


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _answer_or_unchanged(
    send: Send, asked: Headers, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    """A kept file, or only word that the reader's copy is still right."""
    tag = Headers(raw=headers).get("etag", "").removeprefix("W/")
    known = {item.strip().removeprefix("W/") for item in asked.get("if-none-match", "").split(",")}
    if not tag or tag not in known:
        await _answer(send, 200, headers, body)
        return
    left_out = {b"content-length", b"content-encoding", b"content-type"}
    await _answer(send, 304, [pair for pair in headers if pair[0] not in left_out], b"")


async def _plain(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    _secure(headers)
    await _answer(send, status, headers, body)


async def _moved(send: Send, place: bytes) -> None:
    headers = [(b"location", place), (b"content-length", b"0"), (b"cache-control", _IMMUTABLE.encode())]
    _secure(headers)
    await _answer(send, 308, headers, b"")


def _encoding(accepted: str) -> str:
    """The best encoding of an Accept-Encoding header that is known here; '' for none."""
    offered = [item.replace(" ", "").lower().partition(";q=") for item in accepted.split(",")]
    taken = {name for name, _q, weight in offered if weight.strip("0.") or not weight}
    return next((name for name in _ENCODINGS if name in taken), "")


def _host_allowed(host: str) -> bool:
    """Whether a Host header is on Streamlit's own list, which it applies to websockets only."""
    names: list[str] = config.get_option("server.allowedHosts") or ["*"]
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return "*" in names or any(
        name == item or (item.startswith("*.") and name.endswith(item[1:])) for item in names
    )


def _document_language(scope: Scope, headers: Headers) -> str:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    try:
        preferred = source.settings().archive.language
    except DashboardError:
        preferred = None
    accepted = [part.split(";")[0].strip() for part in headers.get("accept-language", "").split(",")]
    return choose_language(*query.get("lang", []), preferred, *accepted)


def _localized(document: bytes, language: str) -> bytes:
    """The page's frame in the reader's language, under the product's name, with its own font and styles."""
    document = document.replace(b'<html lang="en">', f'<html lang="{language}">'.encode(), 1)
    document = document.replace(b"<title>Streamlit</title>", b"<title>ArchiveLens</title>", 1)
    document = document.replace(b"./favicon.png", b"./app/static/favicon.png", 1)
    document = _FONT_PRELOAD.sub(b'href="./app/static/inter.woff2"', document, count=1)
    sheets = b"".join(
        b'<link rel="stylesheet" href="./app/static/%b.css" media="%b" />' % (medium, medium)
        for medium in _SHEETS
    )
    return document.replace(b"</head>", sheets + _SCRIPT + b"</head>", 1)
