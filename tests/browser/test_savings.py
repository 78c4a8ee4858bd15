"""The way of an operator, on a real archive of invented images: what could be saved, how, promised, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dashboard.operate import promises
from dashboard.operate.journal import Journal
from tests.browser.conftest import ROOT, Server, Visit, free_port
from tests.browser.test_worklist import choose_row, toml
from tests.inventory_writer import Row
from tests.sync.conftest import endpoint
from tests.sync.world import World, good, goods

__all__ = ["endpoint"]
pytestmark = pytest.mark.browser

GIB = 1 << 30


@pytest.fixture
def world(endpoint: str, tmp_path: Path) -> World:
    world = World(endpoint, tmp_path)
    old = datetime(2026, 1, 5, 3, tzinfo=UTC)
    versions = [
        replace(good(9), size=30 * GIB, version_id="1", is_latest=False, last_modified_date=old),
        replace(good(9), size=40 * GIB, version_id="2"),
    ]
    world.put([*goods(3), *versions, Row("ipad/.DS_Store", 6148)])
    world.synced()
    return world


@pytest.fixture
def server(world: World) -> Iterator[Server]:
    port = free_port()
    file = world.folder / "dashboard.toml"
    file.write_text(toml({**world.as_dict(), "serve": {"port": port}}), "utf-8")
    server = Server(port, "-m", "dashboard.server", DASHBOARD_SETTINGS=str(file), PYTHONPATH=str(ROOT))
    server.wait()
    yield server
    server.stop()


def test_from_what_could_be_saved_to_a_promise_and_back(world: World, server: Server, visit: Visit) -> None:
    page = visit.open(f"{server.url}/?lang=en")
    page.get_by_role("link", name="What could be saved").click()
    page.wait_for_url("**/savings?*")
    visit.settle()
    expect(page.locator(".st-key-rows_savings_proposals [data-testid=stDataFrame]")).to_contain_text(
        "Delete older versions"
    )
    choose_row(page, 1, "rows_savings_proposals")
    page.wait_for_url("**/savings?*saving=junk_file.proposed*")
    visit.settle()
    expect(page.get_by_text("Look through the list first.")).to_be_visible()
    choose_row(page, 0, "rows_savings_proposals")
    visit.settle()
    page.get_by_role("button", name="Promise this saving").click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Delete older versions: $0.69 a month, 1 objects, 30.0 GiB")
    drawer.get_by_role("textbox", name="Your name").fill("Satō")
    page.keyboard.press("Tab")
    drawer.get_by_role("textbox", name="Comment").fill("Rule from Monday")
    drawer.locator("[data-testid=stFormSubmitButton] button").dblclick()
    expect(page.get_by_test_id("stAlert").get_by_text("Written into the journal")).to_be_visible()
    visit.settle()
    expect(page.locator("[data-testid=stDataFrame]").last).to_contain_text("Too early")
    [promise] = promises.promises(Journal(world.warehouse))
    assert (promise.actor, promise.note, str(promise.month_usd)) == (
        "Satō",
        "Rule from Monday",
        "0.6900000000",
    )
    expect(page.get_by_role("button", name="Promise this saving")).to_be_disabled()

    page.get_by_role("button", name="Withdraw a promise").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("textbox", name="Reason").fill("Not now")
    drawer.locator("[data-testid=stFormSubmitButton] button").click()
    expect(page.get_by_test_id("stAlert").get_by_text("Written into the journal")).to_be_visible()
    visit.settle()
    expect(page.locator("[data-testid=stDataFrame]").last).to_contain_text("Withdrawn")
    assert Journal(world.warehouse).verify().faults == ()
