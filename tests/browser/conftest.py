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
from playwright.sync_api import Browser, Page, Route, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
KNOWN_PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
KNOWN_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def chrome() -> str | None:
    """Path of a Chromium or Chrome; None leaves it to Playwright's own."""
    found = (os.environ.get("CHROME"), *map(shutil.which, KNOWN_NAMES), *KNOWN_PLACES)
    return next((path for path in found if path and Path(path).exists()), None)


class Server:
    """A server process of its own on a free port."""

    def __init__(self, state: str = "") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "serve_synthetic.py"), str(self.port), state],
            cwd=ROOT,
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


@pytest.fixture
def fresh_server() -> Iterator[Server]:
    """A server nobody has visited yet: the first session of a process is the one that goes wrong."""
    server = Server()
    server.wait()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def server_in() -> Iterator[Callable[[str], Server]]:
    """Servers by state: '' good, empty, broken, failed."""
    servers: dict[str, Server] = {}

    def start(state: str = "") -> Server:
        if state not in servers:
            servers[state] = Server(state)
            servers[state].wait()
        return servers[state]

    yield start
    for server in servers.values():
        server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chrome(), args=["--no-sandbox"])
        yield launched
        launched.close()


class Visit:
    """One browser tab that may only talk to loopback, and what it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.outside: list[str] = []
        self.complaints: list[str] = []
        page.context.route("**/*", self._route)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if "Content Security Policy" in message.text or "Refused to" in message.text
                else None
            ),
        )

    def _route(self, route: Route) -> None:
        if urlsplit(route.request.url).hostname in {"127.0.0.1", "localhost", None}:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def open(self, url: str) -> Page:
        """Open an address and wait until its page is drawn."""
        self.page.goto(url)
        return self.settle()

    def settle(self) -> Page:
        """Wait until the run is over."""
        self.page.wait_for_timeout(150)
        self.page.wait_for_selector(SETTLED)
        self.page.wait_for_selector("h1")
        self.page.wait_for_timeout(150)
        self.page.wait_for_selector(SETTLED)
        return self.page


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A tab in a context of its own; fails the test when the page tried to reach anything but loopback."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-US")
    context.set_default_timeout(30_000)
    visiting = Visit(context.new_page())
    yield visiting
    context.close()
    assert visiting.outside == []
    assert visiting.complaints == []


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
