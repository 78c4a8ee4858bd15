"""What a page costs in a browser beside a plain Streamlit page: `python -m benchmarks --browser`.

Both sides run on the same machine and take turns; each figure is taken inside the browser, from the click (or the
start of the navigation) until the run is over, everything is drawn and the browser is idle.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from dashboard.commands.processes import THRIFT
from dashboard.settings import SETTINGS_VARIABLE
from dashboard.ui.catalogue import PAGES

OURS, BARE = "ours", "bare"
Figures = dict[str, dict[str, list[float]]]
"""Figures by measure and side; a measure is "first load|overview" and so on."""

_WATCH = """
window.clicked = 0; window.heard = 0;
addEventListener("pointerup", () => { window.clicked = performance.now() }, true);
const Plain = WebSocket;
window.WebSocket = class extends Plain {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", () => { window.heard = performance.now() });
  }
};
"""
_COUNTS = """() => [
  [...document.querySelectorAll(".js-plotly-plot")].filter(chart => chart.querySelector(".main-svg")).length,
  [...document.querySelectorAll("[data-testid=stDataFrame]")].filter(table => table.querySelector("canvas")).length
]"""
_QUIET_MS = 400
"""A short run never shows as running, so a run is over when the server has said nothing for so long."""
_SETTLED = f"""async ([title, charts, tables]) => {{
  const isDone = () => {{
    const app = document.querySelector("[data-testid=stApp]"), head = document.querySelector("h1");
    if (!head || !head.innerText.trim().endsWith(title)) return false;
    const [shownCharts, shownTables] = ({_COUNTS})();
    return app.dataset.testScriptState === "notRunning" && window.heard > window.clicked
      && shownCharts >= charts && shownTables >= tables;
  }};
  for (let idle = 0, heard = -1;;) {{
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    if (now - window.clicked > 60000) throw Error(`${{title}} is not drawn: ${{({_COUNTS})()}}`);
    if (!isDone()) {{ heard = -1; continue; }}
    if (heard !== window.heard) {{
      heard = window.heard;
      await new Promise(resolve => requestIdleCallback(resolve));
      idle = performance.now();
    }} else if (now - heard > {_QUIET_MS}) return idle - window.clicked;
  }}
}}"""


class Side:
    """A server, and what its pages are called and hold."""

    def __init__(self, name: str, command: list[str], folder: Path, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.name = name
        self.url = f"http://127.0.0.1:{self.port}"
        self.pages: dict[str, tuple[str, int, int]] = {}
        self.process = subprocess.Popen(
            [*command, str(self.port)],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait()
        except BaseException:
            self.process.kill()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + 300
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=30).close()  # noqa: S310 (our own)
                return
            except OSError:  # not up yet
                time.sleep(0.2)
        raise SystemExit(f"The server of {self.name} did not start")

    def address(self, page_id: str) -> str:
        return f"{self.url}/{'' if page_id == PAGES[0].id else page_id}"

    def rss_bytes(self) -> int:
        asked = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout) * 1024


def measure(data: Path, rounds: int) -> tuple[Figures, dict[str, tuple[int, int]]]:
    """Figures of both sides, and how many charts and tables each page has."""
    data.mkdir(parents=True, exist_ok=True)
    site = data / "browser"
    root = Path(__file__).resolve().parents[1]
    build = [sys.executable, "-m", "benchmarks.site", str(site)]
    subprocess.run(build, cwd=root, check=True, stdout=subprocess.DEVNULL)
    # As `python -m dashboard serve` starts it.
    started = {**THRIFT, SETTINGS_VARIABLE: str(site / "dashboard.toml")}
    found: Figures = defaultdict(lambda: defaultdict(list))
    with (
        sync_playwright() as playwright,
        _launched(playwright) as browser,
        _serving(Side(OURS, [sys.executable, "-m", "dashboard.server"], root, **started)) as ours,
    ):
        for entry in PAGES:
            ours.pages[entry.id] = _held(browser, ours.address(entry.id))
        held = {name: (charts, tables) for name, (_title, charts, tables) in ours.pages.items()}
        options = ["--server.headless", "true", "--browser.gatherUsageStats", "false", "--server.port"]
        app = [sys.executable, "-m", "streamlit", "run", str(Path(__file__).with_name("bare.py")), *options]
        with _serving(Side(BARE, app, data, BARE_PAGES=json.dumps(held))) as bare:
            bare.pages = {name: (name, *counts) for name, counts in held.items()}
            _held(browser, bare.address(PAGES[0].id))
            for number in range(rounds):
                sys.stderr.write(f"browser, round {number + 1} of {rounds}\n")
                for entry in PAGES:
                    for side in (bare, ours) if number % 2 else (ours, bare):
                        _first_load(browser, side, entry.id, found)
                for side in (bare, ours) if number % 2 else (ours, bare):
                    _stay(browser, side, found)
            for side in (bare, ours):
                found["memory"][side.name].append(side.rss_bytes())
    return found, held


@contextmanager
def _launched(playwright: Any) -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    program = os.environ.get("DASHBOARD_BROWSER") or next(filter(None, map(shutil.which, names)), None)
    browser: Browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
    yield browser
    browser.close()


@contextmanager
def _serving(side: Side) -> Iterator[Side]:
    try:
        yield side
    finally:
        side.process.terminate()
        side.process.wait(20)


@contextmanager
def _tab(browser: Browser) -> Iterator[Page]:
    """A tab with an empty cache."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-US")
    context.add_init_script(_WATCH)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def _held(browser: Browser, address: str) -> tuple[str, int, int]:
    """Title, number of charts and number of tables of a page."""
    with _tab(browser) as page:
        page.goto(address, wait_until="networkidle")
        page.wait_for_selector("h1")
        charts, tables, same = 0, 0, 0
        while same < 8:  # 4 s without another one
            page.wait_for_timeout(500)
            now = page.evaluate(_COUNTS)
            same = same + 1 if now == [charts, tables] else 0
            charts, tables = now
        return page.locator("h1").inner_text().split("\n")[-1], charts, tables


def _first_load(browser: Browser, side: Side, page_id: str, found: Figures) -> None:
    with _tab(browser) as page:
        received: list[int] = []
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        page.goto(side.address(page_id), wait_until="commit")
        found[f"first load|{page_id}"][side.name].append(page.evaluate(_SETTLED, side.pages[page_id]))
        page.wait_for_load_state("networkidle")
        found[f"bytes|{page_id}"][side.name].append(sum(received))


def _stay(browser: Browser, side: Side, found: Figures) -> None:
    """Switch pages and change filters in one tab; the first tour fetches what the pages need and is not counted."""
    with _tab(browser) as page:
        page.goto(side.address(PAGES[-1].id))
        page.evaluate(_SETTLED, side.pages[PAGES[-1].id])
        for tour in range(3):
            for entry in PAGES:
                held = side.pages[entry.id]
                page.locator(f"[data-testid=stSidebarNavLink] >> text={held[0]}").first.click()
                taken = page.evaluate(_SETTLED, held)
                if tour:
                    found[f"page switch|{entry.id}"][side.name].append(taken)
                    found[f"filter|{entry.id}"][side.name] += _filter(page, held[0])


def _filter(page: Page, title: str) -> list[float]:
    """Choose a device, then none again; nothing on a page without that filter.

    Where the filter is a part of a form nothing runs until the form is sent, so that is the click that counts.
    """
    field = page.locator("[data-testid=stMain] [data-testid=stMultiSelect]").filter(has_text="Devices")
    if not field.count():
        return []
    sent = field.locator(
        "xpath=ancestor::*[@data-testid='stForm']//*[@data-testid='stFormSubmitButton']//button"
    )
    field.locator("input").click()
    page.locator("[role=option]").nth(1).click()
    if sent.count():
        page.keyboard.press("Escape")
        sent.click()
    taken = page.evaluate(_SETTLED, [title, 0, 0])
    page.keyboard.press("Escape")
    field.locator("input").click()
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    if sent.count():
        sent.click()
    page.wait_for_timeout(1500)
    return [taken]
