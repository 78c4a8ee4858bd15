"""The page Lifecycle: rules as sentences, a draft, what it would do, its plan, and the way back; in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.domain.lifecycle_templates import Wish
from dashboard.operate import plans, runs
from dashboard.ui import links, source
from tests.operate.lifecycle_stub import BUCKET, LifecycleStub, serve
from tests.operate.lifecycling import EXPIRE, THEIRS, WHY, Bucket
from tests.pages.test_restore import draw, said
from tests.ui.synthetic_warehouse import SyntheticWarehouse, settings

COLUMNS = {
    "lifecycle.lots": ["device_id", "storage_class", "access_tier", "scope_no", "size_level", "uploaded_on",
                       "object_count", "size_bytes", "has_versions"],
    "lifecycle.versions": ["device_id", "storage_class", "access_tier", "scope_no", "size_level", "uploaded_on",
                           "replaced_on", "newer_count", "object_count", "size_bytes"],
    "savings.stored": ["storage_class", "access_tier", "object_count", "size_bytes", "billed_bytes"],
}  # fmt: skip


class Shown(SyntheticWarehouse):
    """A warehouse that answers for the objects of a bucket of the tests."""

    bucket: Bucket

    def frame(self, name: str, params: Any = None, snapshot_id: str | None = None) -> pd.DataFrame:
        if name not in COLUMNS:
            return super().frame(name, params, snapshot_id)
        frame = pd.DataFrame(self.bucket.ask(name, params), columns=COLUMNS[name])
        return (
            frame.assign(uploaded_on=pd.to_datetime(frame["uploaded_on"]))
            if "uploaded_on" in frame
            else frame
        )

    def rows(
        self, name: str, params: Any = None, snapshot_id: str | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        return COLUMNS[name], list(self.bucket.ask(name, params))


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[LifecycleStub]:
    with serve() as s3:
        yield s3


@pytest.fixture(name="bucket")
def _bucket(server: LifecycleStub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    # A test has no browser that would take the new address over.
    monkeypatch.setattr(links, "_LATE_SECONDS", 600.0)
    server.put(THEIRS)
    server.asked.clear()
    bucket = Bucket(tmp_path, server)
    serve_as(bucket)
    yield bucket
    source.configure(settings(), None)


def serve_as(bucket: Bucket) -> None:
    warehouse, own = Shown(), bucket.settings
    warehouse.bucket = bucket
    parts = {name: getattr(own, name) for name in ("warehouse", "aws", "operate", "inventory")}
    source.configure(settings().model_copy(update=parts), warehouse)
    st.cache_data.clear()


def submit(app: AppTest) -> AppTest:
    """Send the form of a rule; its buttons have no key of their own."""
    return (
        next(item for item in app.button if item.key and "rule_" in item.key and "FormSubmitter" in item.key)
        .click()
        .run()
    )


def edit(**address: str) -> AppTest:
    """The page with its editor open, which is not made before."""
    app = draw("lifecycle", **address)
    assert "rule_remove" not in {item.key for item in app.button}
    app.session_state["rule_editor"] = True
    return app.run()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_from_a_draft_to_a_change_and_back(bucket: Bucket, language: str) -> None:
    app = edit(lang=language)
    assert not app.exception
    assert [item.value for item in app.metric] == ["1", "1", "1", "0"]
    assert "dslr/" in str(app.dataframe[0].value.iloc[0, 0])
    assert not [item for item in app.button if item.key == "make_plan"], "nothing is drafted"
    submit(app)
    assert not app.exception
    app.button(key="make_plan").click().run()
    assert not app.exception
    [run] = runs.listed(bucket.journal)
    assert run.header["params"]["after"]["Rules"][-1]["Transitions"] == [
        {"Days": 90, "StorageClass": "GLACIER_IR"}
    ]
    assert run.header["params"]["effect"]["moved_count"] == 1024
    assert run.digest in said(app)
    assert "archive-dashboard-move" in said(app)
    app.button(key="open_confirm").click().run()
    token = app.session_state["plan_token"]
    app.text_input(key=f"why_{token}").set_value(WHY)
    app.text_input(key=f"count_{token}").set_value("1")
    app.button(key=f"send_{token}").click().run()
    bucket.work()
    assert bucket.outcome(run.digest) == "done/verified"
    app = draw("lifecycle", lang=language)
    assert not app.exception
    assert [item.value for item in app.metric] == ["2", "2", "1", "1"]
    app.button(key=f"undo_{run.digest[:12]}").click().run()
    assert not app.exception
    back = runs.listed(bucket.journal)[0]
    assert back.header["params"]["undoes"] == run.digest
    assert back.header["params"]["after"] == run.header["params"]["before"]
    assert back.digest in said(app)
    app = draw("runs", lang=language, run=run.digest)
    assert [item for item in app.button if item.key == f"undo_{run.digest[:12]}"]


def test_what_lets_expire_says_so_and_asks_for_the_number_of_objects(bucket: Bucket) -> None:
    plan = bucket.plan(EXPIRE)
    app = draw("lifecycle", plan=plan.digest)
    assert not app.exception
    assert "two persons" in said(app)
    assert "10 minutes" in said(app)
    app.button(key="open_confirm").click().run()
    token = app.session_state["plan_token"]
    assert "1,024 objects expire or go" in str(app.text_input(key=f"count_{token}").label)
    app.text_input(key=f"why_{token}").set_value(WHY)
    app.text_input(key=f"count_{token}").set_value("1")
    app.button(key=f"send_{token}").click().run()
    assert runs.one(bucket.journal, plan.digest).state == ""
    bucket.confirm(plan.digest, "sato", "tanaka")
    app = draw("runs", run=plan.digest)
    assert "Can be called off until" in said(app)
    assert [item.key for item in app.button if str(item.key).startswith("run_")] == ["run_cancel"]
    app.button(key="run_cancel").click().run()
    bucket.work()
    assert (runs.one(bucket.journal, plan.digest).state, bucket.s3.writes) == ("cancelled", 0)


def test_rules_of_others_are_touched_only_when_their_id_is_typed(bucket: Bucket) -> None:
    app = edit()
    assert app.button(key="rule_remove").disabled
    app.text_input(key="rule_typed_theirs").set_value("their").run()
    assert app.button(key="rule_remove").disabled
    app.text_input(key="rule_typed_theirs").set_value("theirs").run()
    app.button(key="rule_remove").click().run()
    assert not app.exception
    app.button(key="make_plan").click().run()
    [run] = runs.listed(bucket.journal)
    assert run.header["params"]["after"]["Rules"] == []


def test_a_draft_that_s3_would_refuse_makes_no_plan(bucket: Bucket) -> None:
    app = edit()
    for item in app.number_input:
        if item.label == "And later, after days":
            item.set_value(100)
    submit(app)
    assert not app.exception
    assert "90 are billed at least" in said(app)
    assert app.button(key="make_plan").disabled
    # What a browser was made to send anyway is refused where it is planned.
    assert not runs.listed(bucket.journal)


def test_who_may_not_see_keys_chooses_folders_and_types_none(bucket: Bucket) -> None:
    app = edit()
    assert not [item for item in app.text_input if item.label == "Keys that begin with"]
    [folders] = [item for item in app.selectbox if item.label == "Keys that begin with"]
    assert "dslr/" in folders.options


def test_hostile_names_are_text(bucket: Bucket) -> None:
    hostile = '=HYPERLINK("http://evil.example") ![p](x) \u202egnp'
    bucket.s3.put(THEIRS.replace(">theirs<", f">{hostile}<").replace("dslr/", hostile))
    bucket.sync()
    app = edit()
    assert not app.exception
    assert "\u202e" not in said(app) + str(app.dataframe[0].value)
    assert not [item for item in app.markdown if "evil" in str(item.value)]


def test_rules_that_were_not_read_are_a_fault_and_no_page_breaks(bucket: Bucket) -> None:
    (bucket.folder / "live" / f"lifecycle-{BUCKET}.json").write_text('{"rules": []}')
    app = draw("lifecycle")
    assert not app.exception
    assert "have not been read yet" in said(app)


def test_a_draft_on_rules_that_changed_meanwhile_is_dropped_and_told(bucket: Bucket) -> None:
    app = edit()
    submit(app)
    assert [item for item in app.button if item.key == "make_plan"]
    plan = bucket.plan(Wish(moves=((120, "GLACIER"),)))
    plans.confirm(bucket.journal, bucket.settings, plan.digest, actor="sato", why=WHY)
    bucket.work()
    app.run()
    assert not app.exception
    assert "have changed" in said(app)
    assert not [item for item in app.button if item.key == "make_plan"]
