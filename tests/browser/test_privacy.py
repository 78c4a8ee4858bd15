"""On the wire: everything a browser receives, with and without the right to see keys."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.ui.catalogue import PAGES
from tests.browser.conftest import Server, Visit

pytestmark = pytest.mark.browser

NAME = "山田花子".encode()


class Wire:
    """A tab that keeps every websocket frame, every answer and every download."""

    def __init__(self, browser: Browser, user: str) -> None:
        headers = {"X-Forwarded-Email": user} if user else {}
        self.context = browser.new_context(
            locale="en-US", viewport={"width": 1440, "height": 1000}, extra_http_headers=headers
        )
        self.frames: list[bytes] = []
        self.visit = Visit(self.context.new_page())
        self.page: Page = self.visit.page
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._take))

    def _take(self, payload: str | bytes) -> None:
        self.frames.append(payload if isinstance(payload, bytes) else payload.encode())

    def see(self, url: str, pages: list[str]) -> None:
        for page in pages:
            self.visit.open(f"{url}/{page}?lang=en")

    def downloads(self, url: str) -> list[bytes]:
        self.visit.open(f"{url}/quality?lang=en")
        found = []
        self.page.get_by_role("button", name="Export").click()
        for ending in ("CSV", "Excel"):
            buttons = self.page.locator("[data-testid=stDownloadButton] button", has_text=ending)
            expect(buttons.first).to_be_visible()
            for number in range(buttons.count()):
                with self.page.expect_download() as waiting:
                    buttons.nth(number).click()
                found.append(Path(str(waiting.value.path())).read_bytes())
        return found


def plain(data: bytes) -> bytes:
    """A file's text, unpacked where it is a workbook or gzip."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return b"".join(book.read(name) for name in book.namelist())
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


@pytest.mark.slow
def test_no_name_of_a_patient_reaches_a_browser_without_the_right(
    server_in: Callable[[str], Server], browser: Browser
) -> None:
    server = server_in("patient")
    seen: dict[str, tuple[bool, bool]] = {}
    every = [item.id for item in PAGES]
    # The one with the right comes between two without: what is kept for the pages must not pass from one to the other.
    for user, pages in (("", every), ("lead@example.org", ["quality"]), ("other@example.org", ["quality"])):
        wire = Wire(browser, user)
        wire.see(server.url, pages)
        files = wire.downloads(server.url)
        assert len(wire.frames) > 5
        assert len(files) >= 4
        in_frames = any(NAME in frame for frame in wire.frames)
        seen[user] = (in_frames, any(NAME in plain(file) for file in files))
        assert NAME.decode() not in wire.page.url
        wire.context.close()
        assert wire.visit.outside == []
    server.log.seek(0)
    assert NAME not in server.log.read()
    assert seen == {"": (False, False), "other@example.org": (False, False), "lead@example.org": (True, True)}
