"""The way of a data lead, on a real archive of invented images: what is wrong, whose it is, and that it was mended."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.operate.after_sync import after_sync
from dashboard.operate.journal import Journal
from dashboard.warehouse.read import Warehouse
from tests.browser.conftest import ROOT, Server, Visit, free_port
from tests.inventory_writer import Row
from tests.sync.conftest import endpoint
from tests.sync.world import REPORT_AT, World, goods

__all__ = ["endpoint"]
pytestmark = pytest.mark.browser

BAD = [Row(f"ipad/ipad-01/2026/11/20/IMG_{number:04d}.HEIC", 1000 + number) for number in range(3)]
HOSTILE_KEY = "ipad/ipad-01/2026/11/20/![p](http://evil.example/x)\u202e=1+1.heic"
HOSTILE = Row(HOSTILE_KEY, 7)
WORDS = {
    "en": {
        "findings": "Findings of all rules",
        "to_worklist": "Open in the worklist",
        "act": "Act on 1 chosen row",
        "assign": "Assign",
        "owner": "Owner",
        "comment": "Comment",
        "name": "Your name",
        "export": "Export",
        "done": "Done: 1 finding",
        "gone": "Closed by itself",
        "no_longer": "No longer found, closed by itself",
        "assigned": "Assigned",
    },
    "ja": {
        "findings": "全ルールのアラート",
        "to_worklist": "作業リストで開く",
        "act": "選択した 1 行を処理",
        "assign": "割り当て",
        "owner": "担当",
        "comment": "コメント",
        "name": "お名前",
        "export": "エクスポート",
        "done": "1 件を処理しました",
        "gone": "自動で完了",
        "no_longer": "検出されなくなり自動で完了",
        "assigned": "割当済み",
    },
}


def toml(data: dict[str, Any]) -> str:
    """Settings as a file: JSON's texts, numbers and lists are TOML's too."""
    lines = []
    for name, value in data.items():
        tables = value if isinstance(value, list) else [value]
        for table in tables:
            lines.append(f"[[{name}]]" if isinstance(value, list) else f"[{name}]")
            lines += [f"{key} = {json.dumps(item, ensure_ascii=False)}" for key, item in table.items()]
    return "\n".join(lines)


def synced(world: World, **options: Any) -> None:
    """A sync and what follows it, as the command line does both."""
    world.synced(**options)
    found = after_sync(world.settings, Warehouse(world.settings))
    assert found.fault is None, found.fault


@pytest.fixture
def world(endpoint: str, tmp_path: Path) -> World:
    world = World(endpoint, tmp_path)
    world.changes["worklist"] = {"operator": "front desk"}
    # She takes lists of images to label away, which hold keys in clear.
    world.changes["privacy"] = {"anonymous_sees_keys": True}
    world.put([*goods(40), *BAD, HOSTILE])
    synced(world)
    return world


@pytest.fixture
def server(world: World) -> Iterator[Server]:
    """The real server on a real warehouse."""
    port = free_port()
    file = world.folder / "dashboard.toml"
    file.write_text(toml({**world.as_dict(), "serve": {"port": port}}), "utf-8")
    server = Server(port, "-m", "dashboard.server", DASHBOARD_SETTINGS=str(file), PYTHONPATH=str(ROOT))
    server.wait()
    yield server
    server.stop()


def choose_row(page: Page, place: int, key: str = "") -> None:
    """A click into the box before a row of the list, or of the table of that key."""
    page.wait_for_timeout(500)
    grid = page.locator(f"{f'.st-key-{key} ' if key else ''}[data-testid=stDataFrame]").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box
    page.mouse.click(box["x"] + 18, box["y"] + 37 + 35 * place + 17)


def act_on(visiting: Visit, what: str, deed: str) -> Locator:
    """Open the drawer and choose what to do in it."""
    page = visiting.page
    page.get_by_role("button", name=what).click()
    drawer = page.locator(".st-key-worklist_drawer")
    drawer.get_by_role("radio", name=deed).or_(drawer.get_by_role("button", name=deed)).first.click()
    visiting.settle()
    return drawer


@pytest.mark.parametrize("language", ["en", "ja"])
def test_from_what_is_wrong_to_what_was_mended(
    world: World, server: Server, visit: Visit, tmp_path: Path, language: str
) -> None:
    say = WORDS[language]
    page = visit.open(f"{server.url}/quality?lang={language}")
    # Quality → the worst device, which stands first → its findings → the worklist
    choose_row(page, 0, "rows_quality_places")
    page.wait_for_url("**/quality?*devices=ipad*")
    visit.settle()
    # The worst unit stands first, too: one click lists its images
    choose_row(page, 0, "rows_quality_units")
    page.wait_for_url("**/quality?*list=names*")
    visit.settle()
    findings = say["findings"]
    page.get_by_role("radio", name=findings).or_(page.get_by_role("button", name=findings)).first.click()
    page.wait_for_url("**/quality?*list=alerts*")
    visit.settle()
    expect(page.locator("[data-testid=stDataFrame]").last).to_contain_text("IMG_0000.HEIC")
    page.get_by_role("link", name=say["to_worklist"]).click()
    page.wait_for_url("**/worklist?*devices=ipad*")
    visit.settle()
    shown = page.locator("[data-testid=stDataFrame]").first
    expect(shown).to_contain_text("IMG_0000.HEIC")
    expect(shown).to_contain_text("\\u202e=1+1.heic")

    # Assign the first of them, without a mouse
    page.locator("[class*=st-key-boxes_]").get_by_role("button").last.focus()
    for key in ("Tab", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    visit.settle()
    drawer = act_on(visit, say["act"], say["assign"])
    chosen = drawer.locator("[data-testid=stCode]").first.inner_text()
    assert re.search(r"IMG_000\d\.HEIC", chosen)
    drawer.get_by_role("textbox", name=say["name"]).fill("Satō")
    page.keyboard.press("Tab")
    drawer.get_by_role("combobox", name=say["owner"]).click()
    page.get_by_role("option", name="Satō").click()
    drawer.get_by_role("textbox", name=say["comment"]).fill("=cmd()")
    drawer.locator("[data-testid=stFormSubmitButton] button").dblclick()
    expect(page.get_by_test_id("stAlert").get_by_text(say["done"])).to_be_visible()
    expect(page.locator(".said")).not_to_contain_text("check_circle")  # nor the buttons of the run before
    visit.settle()
    events = Journal(world.warehouse).events(kind="findings.assigned")
    assert [(event.actor, event.payload["owner"], event.payload["text"]) for event in events] == [
        ("Satō", "Satō", "=cmd()"),
    ], "a double click is one event"

    # Export what is hers
    page = visit.open(f"{server.url}/worklist?lang={language}&owners=Satō")
    page.get_by_role("button", name=say["export"]).click()
    with page.expect_download() as waiting:
        page.locator(".st-key-export_list").get_by_role("button", name="CSV").click()
    waiting.value.save_as(tmp_path / "list.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][2] == chosen
    assert say["assigned"] in rows[1]
    # None of hers is about labels, so there is no list of images to label beside hers.
    expect(page.locator(".st-key-export_labelling")).to_have_count(0)
    page = visit.open(f"{server.url}/worklist?lang={language}&devices=ipad")
    page.get_by_role("button", name=say["export"]).click()
    with page.expect_download() as waiting:
        page.locator(".st-key-export_labelling").get_by_role("button", name="Ground Truth").click()
    waiting.value.save_as(tmp_path / "input.manifest")
    lines = (tmp_path / "input.manifest").read_text("utf-8").splitlines()
    assert len(lines) == 44
    assert {f"s3://clinic-images/{HOSTILE_KEY}", f"s3://clinic-images/{chosen}"} <= {
        json.loads(line)["source-ref"] for line in lines
    }

    # The images are renamed; the next sync closes what is gone
    world.put([*goods(40), HOSTILE], at=REPORT_AT + timedelta(hours=1))
    synced(world)
    page = visit.open(f"{server.url}/worklist?lang={language}&states=gone&owners=Satō")
    expect(page.locator("[data-testid=stDataFrame]").first).to_contain_text(say["gone"])
    choose_row(page, 0)
    visit.settle()
    page.get_by_role("button", name=say["act"]).click()
    drawer = page.locator(".st-key-worklist_drawer")
    expect(drawer.locator("[data-testid=stCode]").first).to_contain_text(chosen)
    expect(drawer.locator("[data-testid=stDataFrame]")).to_contain_text(say["no_longer"])
    assert Journal(world.warehouse).verify().faults == ()


def test_two_tabs_do_not_overwrite_each_other(server: Server, visit: Visit, world: World) -> None:
    """What one saw is no longer so: nothing is done, and the list is shown as it is now."""
    url = f"{server.url}/worklist?lang=en&rules=misnamed_object"
    first = visit.open(url)
    # A row that is chosen is no longer so when its place has become another's
    choose_row(first, 0)
    visit.settle()
    expect(first.get_by_role("button", name="Act on 1 chosen row")).to_be_enabled()
    order = first.get_by_role("radio", name="Largest first")
    order.or_(first.get_by_role("button", name="Largest first")).first.click()
    visit.settle()
    expect(first.get_by_role("button", name="Act on chosen rows")).to_be_disabled()
    first.get_by_role("radio", name="Most severe").or_(
        first.get_by_role("button", name="Most severe")
    ).first.click()
    visit.settle()
    expect(first.locator("[class*=st-key-boxes_] [role=row][aria-selected=true]")).to_have_count(0)
    other = Visit(first.context.new_page())
    second = other.open(url)
    for visiting, page in ((visit, first), (other, second)):
        choose_row(page, 0)
        visiting.settle()
        act_on(visiting, "Act on 1 chosen row", "Close").get_by_role("textbox", name="Reason").fill(
            "as agreed"
        )
    first.locator("[data-testid=stFormSubmitButton] button").click()
    expect(first.get_by_test_id("stAlert").get_by_text("Done: 1 finding")).to_be_visible()
    second.locator("[data-testid=stFormSubmitButton] button").click()
    expect(second.get_by_test_id("stMain").get_by_text("Nothing was changed")).to_be_visible()
    why = second.get_by_test_id("stMain").get_by_text(re.compile("The list has changed since you looked"))
    expect(why).to_be_visible()
    expect(second.locator(".said")).to_have_text(
        re.compile("^Problem Nothing was changed Why: The list has changed")
    )
    assert len(Journal(world.warehouse).events(kind="findings.closed")) == 1
    assert Journal(world.warehouse).events(kind="findings.closed")[0].actor == "front desk"
    page = visit.open(f"{server.url}/worklist?lang=en&states=accepted")
    expect(page.locator("[data-testid=stDataFrame]").first).to_contain_text("Accepted")
