"""On the wire: everything a browser receives, with and without the right to see keys."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.ui.catalogue import PAGES
from tests.browser.conftest import Server, Visit
from tests.browser.test_worklist import act_on, choose_row

pytestmark = pytest.mark.browser

NAMES = ("山田花子".encode(), json.dumps("山田花子")[1:-1].encode())
"""As text, and as JSON may have it."""
WORK = [
    "quality?",
    "quality?list=alerts",
    "worklist?rules=patient_identifier",
    "dataset?step=name&split_by=segment&split_part=3",
    "duplicates?",
]
"""Pages with the patient in a table, a menu of files or both."""


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

    def downloads(self, address: str) -> list[bytes]:
        """Every file that a page offers, in its menu and elsewhere."""
        found: list[bytes] = []
        while True:
            # Chromium asks before it takes an eleventh file from one page, so the page is opened anew.
            buttons = self._buttons(address)
            for button in buttons[len(found) : len(found) + 10]:
                with self.page.expect_download() as waiting:
                    button.click()
                found.append(Path(str(waiting.value.path())).read_bytes())
            if len(found) >= len(buttons):
                return found

    def _buttons(self, address: str) -> list[Locator]:
        self.visit.open(address)
        self.page.get_by_role("button", name="Export").click()
        menu = self.page.locator("[data-testid=stPopoverBody] [data-testid=stDownloadButton] button")
        expect(menu.first).to_be_visible()
        # Those in the menu first: a click beside it closes it.
        return [
            *menu.all(),
            *self.page.locator("[data-testid=stMain] [data-testid=stDownloadButton] button").all(),
        ]


def tells(data: bytes) -> bool:
    """Whether the patient's name can be read in it."""
    return any(name in data for name in NAMES)


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
    seen: dict[str, bool] = {}
    # The one with the right comes between two without: what is kept for the pages must not pass from one to the other.
    for user in ("", "lead@example.org", "other@example.org"):
        wire = Wire(browser, user)
        for item in PAGES if not user else ():
            wire.visit.open(f"{server.url}/{item.id}?lang=en")
        for page in WORK:
            files = wire.downloads(f"{server.url}/{page}&lang=en")
            # Six files of tables in the menu, and those of the frozen dataset for whoever may have them.
            usual = 2 if "list=" in page else 6
            assert len(files) >= (usual if user != "lead@example.org" or "dataset" not in page else 14)
            in_files = any(tells(plain(file)) for file in files)
            assert in_files is (user == "lead@example.org"), (user, page)
        assert len(wire.frames) > 5
        in_frames = any(tells(frame) for frame in wire.frames)
        seen[user] = in_frames
        assert not tells(unquote_to_bytes(wire.page.url))
        wire.context.close()
        assert wire.visit.outside == []
    server.log.seek(0)
    assert not tells(server.log.read())
    assert seen == {"": False, "other@example.org": False, "lead@example.org": True}


@pytest.mark.slow
def test_somebody_without_the_right_works_on_what_is_masked(
    server_in: Callable[[str], Server], browser: Browser
) -> None:
    """A finding is assigned and closed by its id, whatever its name looks like on the screen."""
    server = server_in("patient")
    wire = Wire(browser, "other@example.org")
    address = f"{server.url}/worklist?lang=en&rules=patient_identifier"
    for deed, label, text in (("Comment", "Comment", "seen to"), ("Close", "Reason", "renamed")):
        page = wire.visit.open(address)
        choose_row(page, 0)
        wire.visit.settle()
        drawer = act_on(wire.visit, "Act on 1 chosen row", deed)
        expect(drawer.locator("[data-testid=stCode]").first).to_contain_text("▒")
        drawer.get_by_role("textbox", name=label).fill(text)
        drawer.locator("[data-testid=stFormSubmitButton] button").click()
        expect(page.get_by_test_id("stAlert").get_by_text("Done: 1 finding")).to_be_visible()
    page = wire.visit.open(f"{address}&states=accepted")
    expect(page.locator("[data-testid=stDataFrame]").first).to_contain_text("Accepted")
    expect(page.get_by_text("1 row", exact=True)).to_be_visible()
    assert not any(tells(frame) for frame in wire.frames)
    wire.context.close()
