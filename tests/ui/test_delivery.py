"""How bytes leave the server, asked without a browser; the files and the app behind are made up."""

from __future__ import annotations

import gzip
from pathlib import Path

import anyio
import brotli
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Message

from dashboard.ui.delivery import Delivery

SCRIPT = b"const words = 'many words, many words'\n" * 200


@pytest.fixture
def app(tmp_path: Path) -> Delivery:
    for name in ("static/js", "static/media", "app"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "static/js/a.js").write_bytes(SCRIPT)
    (tmp_path / "static/media/MaterialSymbols-Rounded.abc.woff2").write_bytes(b"all icons" * 500)
    (tmp_path / "app/icons.woff2").write_bytes(b"icons" * 500)
    own, theirs = (StaticFiles(directory=tmp_path / name) for name in ("app", "static"))
    return Delivery(Starlette(routes=[Mount("/app/static", own), Mount("/static", theirs)]))


def ask(app: Delivery, path: str, **named: str) -> tuple[int, Headers, bytes]:
    """Status, headers and body of a GET; underscores in header names stand for hyphens."""
    sent: list[Message] = []

    async def run() -> None:
        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            await anyio.sleep_forever()
            raise AssertionError

        headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
        headers.append((b"host", b"localhost"))
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "root_path": ""}
        await app({**scope, "query_string": b"", "headers": headers}, receive, send)

    anyio.run(run)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], Headers(raw=sent[0]["headers"]), body


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, br;q=0.5", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("br; q=0.0, GZIP", "gzip"),
        ("identity", ""),
        ("", ""),
    ],
)
def test_the_best_encoding_that_the_reader_takes(app: Delivery, accepted: str, encoding: str) -> None:
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[encoding]
    for _turn in ("made", "kept"):
        status, headers, body = ask(app, "/static/js/a.js", accept_encoding=accepted)
        assert (status, headers.get("content-encoding", "")) == (200, encoding)
        assert int(headers["content-length"]) == len(body)
        assert headers["vary"] == "Accept-Encoding"
        assert headers["x-content-type-options"] == "nosniff"
        assert unpack(body) == SCRIPT


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
def test_a_copy_that_is_still_right_is_not_sent_again(app: Delivery, accepted: str) -> None:
    _status, first, _body = ask(app, "/static/js/a.js", accept_encoding=accepted)
    assert first["etag"].startswith('W/"'), "one tag for several encodings cannot be a strong one"
    for known in (first["etag"], f'"other", {first["etag"]}'):
        status, headers, body = ask(app, "/static/js/a.js", accept_encoding=accepted, if_none_match=known)
        assert (status, body) == (304, b"")
        assert headers["etag"].removeprefix("W/") == first["etag"].removeprefix("W/")
        assert "content-encoding" not in headers
    status, _headers, _body = ask(app, "/static/js/a.js", accept_encoding=accepted, if_none_match='"old"')
    assert status == 200


@pytest.mark.parametrize("accepted", ["br", "identity"])
def test_a_part_that_is_asked_for_is_answered_by_the_whole_file(app: Delivery, accepted: str) -> None:
    """A part of a compressed file is of no use to anybody, and ranges may be ignored."""
    status, headers, body = ask(app, "/static/js/a.js", accept_encoding=accepted, range="bytes=0-9")
    assert status == 200
    assert "accept-ranges" not in headers
    assert int(headers["content-length"]) == len(body)


def test_the_used_icons_are_sent_for_all_icons_and_asked_for_every_time(app: Delivery) -> None:
    path = "/static/media/MaterialSymbols-Rounded.abc.woff2"
    status, headers, body = ask(app, path, accept_encoding="br")
    assert (status, body) == (200, b"icons" * 500)
    assert headers["cache-control"] == "no-cache", "the address stays when the icons change"
    assert ask(app, path, if_none_match=headers["etag"])[0] == 304
