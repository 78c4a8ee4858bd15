"""The page Undo and clean: from a deed in the address to a plan of two persons and its outcome, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.operate import runs
from dashboard.ui import clean, links, operator, privacy, saving_ways, source
from dashboard.ui.saving_ways import DEEDS as OF_SAVINGS
from tests.operate.cleaning import Ward
from tests.operate.restoring import WHY
from tests.operate.versions_stub import Version, VersionsStub, serve
from tests.ui.synthetic_warehouse import SyntheticWarehouse, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "operate" / "clean.py"
OLD, NEW = Version(e_tag="a" * 32, size=1000), Version(e_tag="b" * 32, size=2000)
MARKER = Version("m1", is_marker=True, size=0, e_tag="")


class Shown(SyntheticWarehouse):
    """A warehouse whose plans are about what a stub has."""

    ward: Ward

    def batches(
        self, name: str, params: Any = None, snapshot_id: str | None = None
    ) -> Iterator[list[tuple[Any, ...]]]:
        return self.ward.batches(name, params, snapshot_id)


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[VersionsStub]:
    with serve() as s3:
        yield s3


@pytest.fixture(name="ward")
def _ward(server: VersionsStub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    # A test has no browser that would take the new address over.
    monkeypatch.setattr(links, "_LATE_SECONDS", 600.0)
    server.keys.clear()
    server.changed.clear()
    ward = Ward(tmp_path, server)  # type: ignore[arg-type]
    serve_as(ward)
    yield ward
    source.configure(settings(), None)


def serve_as(ward: Ward) -> None:
    warehouse = Shown()
    warehouse.ward = ward
    own = ward.settings
    same = {name: getattr(own, name) for name in ("warehouse", "aws", "operate", "inventory", "records")}
    source.configure(settings().model_copy(update=same), warehouse)
    st.cache_data.clear()


def draw(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(
        str(item.value) for kind in (app.text, app.caption, app.warning, app.markdown) for item in kind
    )


def confirm(app: AppTest, count: int, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator, "name", lambda: by)
    app.button(key="open_confirm").click().run()
    token = app.session_state["plan_token"]
    app.text_input(key=f"why_{token}").set_value(WHY)
    app.text_input(key=f"count_{token}").set_value(str(count))
    app.button(key=f"send_{token}").click().run()
    assert not app.exception


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_was_deleted_is_back_when_its_plan_was_carried_out(
    ward: Ward, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.stub.put("ipad/a.heic", OLD, MARKER)
    ward.stub.put("ipad/b.heic", MARKER)
    app = draw(lang=language)
    assert "python -m dashboard plan undelete --prefix=" in said(app)
    app.button(key="make_plan").click().run()
    assert not app.exception
    assert "v1" in app.dataframe[-1].value["target_key"].tolist(), "the version that comes back"
    confirm(app, 1, "sato", monkeypatch)
    ward.work()
    [run] = runs.listed(ward.journal)
    assert (run.state, run.counts) == ("finished", {"done": 1})
    assert ward.stub.state()["ipad/a.heic"] == ["v1"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_removal_says_what_it_saves_and_waits_for_a_second_person(
    ward: Ward, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.stub.put("ipad/a.heic", OLD, replace(NEW, storage_class="STANDARD_IA", size=1 << 30), NEW)
    app = draw(lang=language, do="remove_versions", older="1", keep="0")
    assert "--days=1 --keep=0" in said(app)
    app.button(key="make_plan").click().run()
    words = said(app)
    assert ("cannot be undone" if language == "en" else "元に戻せません") in words
    assert "$0.01" in words
    confirm(app, 2, "sato", monkeypatch)
    assert runs.listed(ward.journal)[0].state == "waiting"
    confirm(app, 2, "tanaka", monkeypatch)
    ward.work()
    assert ward.stub.state() == {"ipad/a.heic": ["v3"]}
    left = said(draw(lang="en", do="remove_versions"))
    assert "Left to be removed today: 998 objects" in left


def test_without_the_right_to_delete_the_page_says_so_and_nothing_is_confirmed(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.operate = {}
    serve_as(ward)
    ward.stub.put("ipad/a.heic", OLD, MARKER)
    app = draw(lang="en", do="undelete")
    assert "allow_removal" in said(app)
    app.button(key="make_plan").click().run()
    confirm(app, 1, "sato", monkeypatch)
    assert "allow_removal = true" in said(app)
    assert runs.listed(ward.journal)[0].state == ""
    assert "allow_removal" not in said(draw(lang="en", do="bring_back")), "a copy needs no right to delete"


def test_a_version_in_the_address_is_all_that_is_brought_back(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    batches = ward.batches

    def heard(name: str, params: Any = None, snapshot_id: str | None = None) -> Any:
        asked.append(dict(params))
        return batches(name, params, snapshot_id)

    monkeypatch.setattr(ward, "batches", heard)
    ward.stub.put("ipad/a.heic", OLD, NEW)
    app = draw(do="bring_back", version="v1")
    assert "plan bring-back --version=v1" in said(app)
    app.button(key="make_plan").click().run()
    assert asked[0]["versions"] == ["v1"]
    draw(do="bring_back").button(key="make_plan").click().run()
    assert asked[1]["versions"] is None


def test_every_deed_can_be_opened_and_what_is_none_is_the_first(ward: Ward) -> None:
    for deed in clean.DEEDS:
        app = draw(do=deed, older="x", keep="-5")
        assert app.query_params["do"] == deed if deed != "undelete" else "do" not in app.query_params
        assert f"plan {clean.DEEDS[deed].command}" in said(app)
    assert "plan undelete" in said(draw(do="drop_bucket"))
    assert saving_ways.LISTS.keys() >= saving_ways.RULES.keys()
    assert OF_SAVINGS.keys() == saving_ways.WORDS.keys()
    assert {codes["do"] for page, codes in OF_SAVINGS.values() if page == "clean"} <= set(clean.DEEDS)


def test_what_there_is_is_counted(ward: Ward) -> None:
    shown = draw(lang="en").dataframe[0].value
    assert shown["action"].tolist() == [
        "Undelete", "Bring a former version back", "Abort unfinished uploads", "Remove former versions",
        "Remove exact copies", "Remove junk files",
    ]  # fmt: skip
    assert shown["object_count"].tolist()[-1] > 0
    assert shown["object_count"][0] == 3


def test_whoever_may_not_see_keys_gives_no_beginning_of_one_and_sees_marks(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "may_see_keys", lambda: False)
    ward.stub.put("ipad/yamada-hanako_19700101.heic", NEW)
    ward.stub.put("ipad/yamada-hanako_19700101 (1).heic", NEW)
    ward.twins["ipad/yamada-hanako_19700101 (1).heic"] = "ipad/yamada-hanako_19700101.heic"
    app = draw(lang="en", do="remove_duplicates", prefix="ipad/yam")
    assert not [item for item in app.text_input if "prefix" in str(item.key)]
    app.button(key="make_plan").click().run()
    assert not app.exception
    told = "".join(item.value.to_csv() for item in app.dataframe)
    assert "yamada" not in told
    assert "▒" in told
