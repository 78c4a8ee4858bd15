"""A real browser against a fresh server: found or Playwright's own Chromium, loopback only."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SETTLED = """() => {
    const app = document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]');
    const isDrawn = app?.querySelector('h1') && !app.querySelector('[data-testid=stSkeleton], [data-stale=true]');
    window.stillSince = isDrawn ? window.stillSince ?? performance.now() : null;
    return window.stillSince !== null && performance.now() - window.stillSince > 250;
}"""
"""Whether no run of the page's script was under way, and nothing waited to be drawn, for a while."""
LOOPBACK = ("127.0.0.1", "localhost")
ONLY_LOOPBACK = f"--host-resolver-rules=MAP * ~NOTFOUND, {', '.join(f'EXCLUDE {name}' for name in LOOPBACK)}"
"""Not Playwright's routes: with those Chromium keeps nothing that it has fetched and compiled."""
PATIENCE_MS = (
    30_000  # a machine that is busy with other tests takes its time; what is true at once costs none of it
)
expect.set_options(timeout=PATIENCE_MS)
NOWHERE = "about:blank"
KNOWN_PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
KNOWN_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def chrome() -> str | None:
    """Path of a Chromium or Chrome; None leaves it to Playwright's own."""
    found = (os.environ.get("DASHBOARD_BROWSER"), *map(shutil.which, KNOWN_NAMES), *KNOWN_PLACES)
    return next((path for path in found if path and Path(path).exists()), None)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


class Server:
    """A server process of its own.

    Args:
        arguments: what Python is to run.
        changes: environment variables that are others for it.
    """

    def __init__(self, port: int, *arguments: str, **changes: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | changes,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> None:
        """Until the server is healthy, which it is only after its warm-up."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                if get(f"{self.url}/_stcore/health").status == 200:
                    return
            time.sleep(0.1)
        self.stop()
        self.log.seek(0)
        raise AssertionError(f"the server did not start: {self.log.read().decode()}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def synthetic(state: str = "") -> Server:
    """A server of invented figures."""
    port = free_port()
    return Server(port, str(HERE / "serve_synthetic.py"), str(port), state)


@pytest.fixture
def fresh_server() -> Iterator[Server]:
    """A server nobody has visited yet: the first session of a process is the one that goes wrong."""
    server = synthetic()
    server.wait()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def server_in() -> Iterator[Callable[[str], Server]]:
    """Servers by state: '' good, empty, broken, failed."""
    servers: dict[str, Server] = {}

    def start(state: str = "") -> Server:
        if state not in servers:
            servers[state] = synthetic(state)
            servers[state].wait()
        return servers[state]

    yield start
    for server in servers.values():
        server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file: while it runs, nothing else in this process can use asyncio."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chrome(), args=["--no-sandbox", ONLY_LOOPBACK])
        yield launched
        launched.close()


class Visit:
    """One browser tab that may only talk to loopback, and what it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.outside: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self._look_at(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if "Content Security Policy" in message.text or "Refused to" in message.text
                else None
            ),
        )

    def _look_at(self, url: str) -> None:
        if urlsplit(url).hostname not in {*LOOPBACK, None}:
            self.outside.append(url)

    def open(self, url: str) -> Page:
        """Open an address and wait until its page is drawn."""
        self.page.goto(url)
        return self.settle()

    def settle(self) -> Page:
        """Wait until the run is over, and the one that may follow from it."""
        self.page.evaluate("window.stillSince = null")
        self.page.wait_for_function(SETTLED, polling=50)
        return self.page

    def forget(self) -> None:
        """Leave the page, and nothing that the next one could notice."""
        for other in self.page.context.pages:
            if other != self.page:
                other.close()
        if self.page.url != NOWHERE:
            self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self.page.context.clear_cookies()
        self.page.emulate_media(color_scheme="light", forced_colors="none")
        self.outside.clear()
        self.complaints.clear()


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Visit]:
    """One tab for a file: a new one would compile the scripts of the pages again."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-US")
    context.set_default_timeout(PATIENCE_MS)
    yield Visit(context.new_page())
    context.close()


@pytest.fixture
def visit(tab: Visit) -> Iterator[Visit]:
    """The tab, as new; fails the test when it tried to reach anything but loopback."""
    tab.forget()
    yield tab
    assert tab.outside == []
    assert tab.complaints == []


@dataclass(frozen=True)
class Answer:
    """A plain answer of the server; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def get(url: str, **headers: str) -> Answer:
    """Ask without a browser; underscores in header names stand for hyphens."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    try:
        target = place.path + (f"?{place.query}" if place.query else "")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", target, headers=named)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()
