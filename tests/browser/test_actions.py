"""The way of operators on a real archive, in both languages: select, plan, read, confirm, run, outcome, and back."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.operate import plans, runs
from dashboard.operate.journal import Journal
from dashboard.operate.worker import work
from tests.browser.conftest import ROOT, Server, Visit, free_port
from tests.browser.test_worklist import toml
from tests.sync.conftest import endpoint
from tests.sync.world import World, good

__all__ = ["endpoint"]
pytestmark = pytest.mark.browser

THEIRS = {
    "ID": "theirs",
    "Status": "Enabled",
    "Filter": {"Prefix": "xray/"},
    "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
}
WORDS = {
    "en": {
        "plan": "Make a plan",
        "confirm": "Confirm…",
        "name": "Your name",
        "why": "Reason",
        "undo": "Undo…",
    },
    "ja": {
        "plan": "計画を作る",
        "confirm": "確認する…",
        "name": "お名前",
        "why": "理由",
        "undo": "元に戻す…",
    },
}
MORE = {
    "en": {
        "count": "to show that you have read it",
        "ready": "Ready",
        "edit": "Add, change or remove a rule",
        "draft": "Take over into the draft",
        "made": "The plan is made",
        "confirmed": "Confirmed",
        "digits": "0123456789",
    },
    "ja": {
        "count": "確認のため",
        "ready": "利用可能",
        "edit": "ルールを追加・変更・削除する",
        "draft": "下書きに加える",
        "made": "計画を作りました",
        "confirmed": "確認しました",
        "digits": "０１２３４５６７８９",
    },
}


@pytest.fixture
def world(endpoint: str, tmp_path: Path) -> World:
    """Two archived images, one that is not, and one rule of somebody else; every plan takes two persons."""
    world = World(endpoint, tmp_path)
    source = f"clinic-{world.bucket}"
    world.configs = [(source, "daily")]
    world.changes = {
        "live": {"lifecycle": True, "unfinished_uploads": False},
        "operate": {"second_person_objects": 1},
        "privacy": {"anonymous_sees_keys": True},
    }
    world.s3.create_bucket(Bucket=source)
    world.s3.put_bucket_lifecycle_configuration(Bucket=source, LifecycleConfiguration={"Rules": [THEIRS]})
    rows = []
    for number, storage_class in enumerate(("GLACIER", "GLACIER", "STANDARD")):
        row = good(number)
        put = world.s3.put_object(Bucket=source, Key=row.key, Body=b"x" * 300_000, StorageClass=storage_class)
        rows.append(
            replace(
                row, size=300_000, e_tag=put["ETag"].strip('"'), storage_class=storage_class, bucket=source
            )
        )
    world.put(rows, source=source)
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


class Operators:
    """Two people at one browser, and the worker that carries out what they confirm."""

    def __init__(self, world: World, visit: Visit, language: str) -> None:
        self.world, self.visit, self.say = world, visit, WORDS[language] | MORE[language]
        self.journal = Journal(world.warehouse)

    @property
    def page(self) -> Page:
        return self.visit.page

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()
        self.visit.settle()

    def confirm(self, name: str, count: int) -> None:
        """Read the plan on the page and confirm it, with a nervous finger."""
        self.press(self.say["confirm"])
        self.fill(name, count)
        self.hears(self.say["confirmed"])

    def fill(self, name: str, count: int) -> None:
        """Fill the open drawer in and send it, twice."""
        drawer = self.page.get_by_role("dialog")
        drawer.get_by_role("textbox", name=self.say["name"]).fill(name)
        self.page.keyboard.press("Tab")
        self.visit.settle()
        drawer.get_by_role("textbox", name=self.say["why"]).fill("症例検討会 <b>")
        drawer.get_by_role("textbox", name=re.compile(self.say["count"])).fill(
            "".join(self.say["digits"][int(digit)] for digit in str(count))
        )
        drawer.locator("[data-testid=stFormSubmitButton] button").dblclick()
        expect(drawer).to_be_hidden()
        self.visit.settle()

    def hears(self, what: str) -> None:
        """What is said aloud to those who do not see the page change."""
        expect(self.page.locator(".said[role=status]")).to_contain_text(what)

    def carried_out(self, count: int) -> dict[str, Any]:
        """Two persons confirm what is planned, the worker does it; the run as the journal has it."""
        self.confirm("佐藤", count)
        assert runs.listed(self.journal)[0].state == "waiting"
        self.confirm("Tanaka", count)
        work(self.world.settings, threading.Event(), until_idle=True)
        run = runs.listed(self.journal)[0]
        assert (run.state, run.confirmed_by, run.approved_by) == ("finished", "佐藤", "Tanaka")
        assert run.counts == {"done": count}
        return {"digest": run.digest, **run.header["params"]}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_from_a_selection_to_copies_that_can_be_read(
    world: World, server: Server, visit: Visit, language: str
) -> None:
    operators = Operators(world, visit, language)
    visit.open(f"{server.url}/restore?lang={language}&days=3")
    operators.press(operators.say["plan"])
    operators.hears(operators.say["made"])
    run = operators.carried_out(2)
    assert (run["speed"], run["days"]) == ("bulk", 3)
    page = visit.open(f"{server.url}/runs?lang={language}&run={run['digest']}")
    expect(page.locator("[data-testid=stDataFrame]").last).to_contain_text(operators.say["ready"])
    [(bucket, _config)] = world.configs
    assert 'ongoing-request="false"' in world.s3.head_object(Bucket=bucket, Key=good(0).key)["Restore"]
    assert operators.journal.verify().faults == ()


def test_who_confirms_second_at_the_same_time_is_told_so(world: World, server: Server, visit: Visit) -> None:
    operators = Operators(world, visit, "en")
    visit.open(f"{server.url}/restore?lang=en&days=3")
    operators.press("Make a plan")
    operators.press("Confirm…")
    digest = runs.listed(operators.journal)[0].digest
    plans.confirm(operators.journal, world.settings, digest, actor="Tanaka", why="before")
    plans.confirm(operators.journal, world.settings, digest, actor="Abe", why="before")
    operators.fill("Sato", 2)
    operators.hears("Somebody else confirmed it before")
    assert [event.actor for event in operators.journal.events(kind="plan.confirmed")] == ["Tanaka"]


def test_labels_for_a_choice_and_their_undoing(world: World, server: Server, visit: Visit) -> None:
    operators = Operators(world, visit, "en")
    [(bucket, _config)] = world.configs
    key = good(2).key
    world.s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": [{"Key": "site", "Value": "or1"}]})
    page = visit.open(f"{server.url}/change?lang=en&do=labels&classes=STANDARD")
    page.get_by_role("textbox", name="Other labels").fill("label=cornea")
    page.keyboard.press("Control+Enter")
    visit.settle()
    operators.press("Make a plan")
    run = operators.carried_out(1)

    def tags() -> dict[str, str]:
        found = world.s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
        return {tag["Key"]: tag["Value"] for tag in found}

    assert tags() == {"site": "or1", "label": "cornea"}
    visit.open(f"{server.url}/runs?lang=en&run={run['digest']}")
    operators.press("Undo…")
    page.wait_for_url("**/change?*plan=*")
    visit.settle()
    operators.carried_out(1)
    assert tags() == {"site": "or1"}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_change_of_lifecycle_rules_and_its_undoing(
    world: World, server: Server, visit: Visit, language: str
) -> None:
    operators = Operators(world, visit, language)
    [(bucket, _config)] = world.configs

    def rules() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = world.s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        return sorted(found, key=lambda rule: str(rule["ID"]))

    before = rules()
    page = visit.open(f"{server.url}/lifecycle?lang={language}")
    page.get_by_text(operators.say["edit"], exact=True).click()
    operators.press(operators.say["draft"])
    operators.press(operators.say["plan"])
    run = operators.carried_out(1)
    assert len(rules()) == 2
    assert before[0] in rules(), "what others wrote stays as it is"
    visit.open(f"{server.url}/runs?lang={language}&run={run['digest']}")
    operators.press(operators.say["undo"])
    page.wait_for_url("**/lifecycle?*plan=*")
    visit.settle()
    operators.carried_out(1)
    assert rules() == before
    assert operators.journal.verify().faults == ()
