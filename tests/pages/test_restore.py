"""The pages Restore and Runs: from a choice to a confirmed plan and its outcome, in both languages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.domain.prices import Band, Price
from dashboard.operate import copies, dataset, plans, restore, runs
from dashboard.operate.choice import Choice
from dashboard.operate.worker import run_next
from dashboard.settings import Settings
from dashboard.settings.price_files import write_prices
from dashboard.ui import links, privacy, restores, source
from tests.operate.batch_stub import LARGE, BatchHandler, BatchStub
from tests.operate.glacier_stub import BUCKET, GlacierStub, Stored, serve
from tests.operate.restoring import WHY, Clinic
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, settings

CHOICES = ["storage_class", "access_tier", "object_count", "size_bytes", "unsized_count", "job_places"]
PAGES = Path(__file__).resolve().parents[2] / "pages" / "operate"


class Shown(SyntheticWarehouse):
    """A warehouse whose archived objects are those of a stub."""

    clinic: Clinic
    unsized_count = 0

    def frame(self, name: str, params: object = None, snapshot_id: str | None = None) -> pd.DataFrame:
        if name != "restore.choices":
            return super().frame(name, params, snapshot_id)  # type: ignore[arg-type]
        given = params["keys"] if isinstance(params, dict) else None
        wanted = None if given is None else {key.removeprefix(f"s3://{BUCKET}/") for key in given}
        found = [
            item
            for key, item in self.clinic.s3.objects.items()
            if item.storage_class != "STANDARD" and (wanted is None or key in wanted)
        ]
        archived = ("GLACIER", "", len(found), sum(item.size for item in found), self.unsized_count, BUCKET)
        return pd.DataFrame([archived, ("", "", 7, 70, 0, "")], columns=CHOICES)

    def batches(
        self, name: str, params: Any = None, snapshot_id: str | None = None
    ) -> Iterator[list[tuple[Any, ...]]]:
        if name == "dataset.members":
            return super().batches(name, params, snapshot_id)
        return self.clinic.batches(name, params, snapshot_id)


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[GlacierStub]:
    with serve() as s3:
        yield s3


@pytest.fixture(name="clinic")
def _clinic(server: GlacierStub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    # A test has no browser that would take the new address over.
    monkeypatch.setattr(links, "_LATE_SECONDS", 600.0)
    server.objects.clear()
    server.accepted.clear()
    clinic = Clinic(tmp_path, server, region="us-east-1")
    clinic.put(3, size=1 << 30)
    warehouse = Shown()
    warehouse.clinic = clinic
    serve_as(clinic, warehouse)
    yield clinic
    source.configure(settings(), None)


def serve_as(clinic: Clinic, warehouse: Shown) -> None:
    made: Settings = settings()
    own = clinic.settings
    served = made.model_copy(
        update={
            "warehouse": own.warehouse,
            "aws": own.aws,
            "operate": own.operate,
            "roles": own.roles,
            "inventory": own.inventory,
        }
    )
    source.configure(served, warehouse)
    st.cache_data.clear()


def draw(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def said(app: AppTest) -> str:
    return "\n".join(
        str(item.value) for kind in (app.text, app.caption, app.warning, app.markdown) for item in kind
    )


def test_objects_of_unknown_size_are_said_and_not_counted(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shown, "unsized_count", 1234)
    app = draw("restore")
    assert app.metric[0].value == "3"
    assert "Not counted: 1,234 objects whose size" in said(app)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_from_a_choice_to_an_outcome(clinic: Clinic, language: str) -> None:
    app = draw("restore", lang=language, days="3", speed="standard")
    assert not app.exception
    assert [item.value for item in app.metric][:3] == ["3", "3.00 GiB", "7"]
    assert len(app.dataframe[0].value) == 3, "three speeds side by side"
    app.button(key="make_plan").click().run()
    assert not app.exception
    [run] = runs.listed(clinic.journal)
    assert (run.header["params"]["speed"], run.header["params"]["days"], run.header["object_count"]) == (
        "standard",
        3,
        3,
    )
    assert run.digest in said(app)
    app.button(key="open_confirm").click().run()
    token = app.session_state["plan_token"]
    app.text_input(key=f"why_{token}").set_value(WHY)
    app.text_input(key=f"count_{token}").set_value("3")
    app.button(key=f"send_{token}").click().run()
    assert not app.exception
    [run] = runs.listed(clinic.journal)
    assert (run.state, run.why) == ("queued", WHY)
    clinic.work()
    app = draw("runs", lang=language, run=run.digest)
    assert not app.exception
    assert len(app.dataframe[-1].value) == 3
    assert set(clinic.s3.accepted.values()) == {1}


@pytest.mark.parametrize("region", ["us-east-1", "ap-northeast-1"])
def test_an_empty_price_is_explained(clinic: Clinic, region: str) -> None:
    clinic.region = region
    warehouse = Shown()
    warehouse.clinic = clinic
    serve_as(clinic, warehouse)
    app = draw("restore", lang="en")
    assert not app.exception
    is_unknown = region == "ap-northeast-1"
    assert app.dataframe[0].value["restore_usd"].isna().any() == is_unknown
    assert ("prices refresh --download" in said(app)) == is_unknown


def test_a_list_of_keys_is_restored(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    masked = draw("restore", lang="en", of="list")
    assert "A list of keys" not in str(masked.button_group[0].options)
    monkeypatch.setattr(privacy, "may_see_keys", lambda: True)
    app = draw("restore", lang="en", of="list")
    assert not app.exception
    assert "A list of keys" in str(app.button_group[0].options)
    assert app.button(key="make_plan").disabled
    given = ["ipad/00001.heic", f"s3://{BUCKET}/ipad/00002.heic", "ipad/none.heic", "ipad/00001.heic"]
    app.text_area(key="pasted_keys").set_value("\r\n".join(given) + "\n\n").run()
    assert app.metric[0].value == "2"
    assert "plan restore --keys=FILE --speed=bulk" in said(app)
    assert "00001" not in str(app.query_params)
    app.button(key="make_plan").click().run()
    assert not app.exception
    [run] = runs.listed(clinic.journal)
    assert (run.header["object_count"], run.header["refused_counts"]) == (2, {"not_found": 1})


@pytest.mark.parametrize(("page", "more"), [("restore", {}), ("change", {"do": "class"})])
def test_reset_clears_how_keys_begin_and_their_age_too(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, page: str, more: dict[str, str]
) -> None:
    monkeypatch.setattr(privacy, "may_see_keys", lambda: True)
    app = draw(page, lang="en", prefix="ipad/", before="2026-01-31", sizes="under_128_kib", **more)
    assert app.button(key="reset_filters").label == "Reset (3)"
    app.button(key="reset_filters").click().run()
    assert not app.exception
    assert (app.text_input(key="filter_prefix").value, app.date_input(key="filter_before").value) == (
        "",
        None,
    )
    assert {*app.query_params} <= {"lang", "do"}
    assert app.button(key="reset_filters").disabled


def test_what_keeps_a_dataset_from_being_whole_is_restored(clinic: Clinic) -> None:
    warehouse = source.warehouse()
    clinic.s3.objects = {
        key: Stored()
        for key in warehouse.frame("dataset.members", {"step": "reading", "row_limit": 1_000}).query(
            "readability == 'archived' and device_id == 'ipad'"
        )["key"]
    }
    everything = draw("restore", lang="ja", of="dataset", devices="ipad")
    app = draw("restore", lang="en", of="dataset", devices="ipad", tags="patient=p3\npatient=p4")
    assert not everything.exception
    assert not app.exception
    few, every = (int(shown.metric[0].value.replace(",", "")) for shown in (app, everything))
    assert 0 < few < every == len(clinic.s3.objects)
    assert "plan restore-dataset --device=ipad --label=patient=p3 --label=patient=p4 --speed=bulk" in said(
        app
    )
    app.button(key="make_plan").click().run()
    assert not app.exception
    [run] = runs.listed(clinic.journal)
    assert run.header["object_count"] == few
    assert run.header["refused_counts"] == {}


def test_what_was_archived_of_a_frozen_dataset_is_restored(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = draw("restore", lang="en", of="frozen")
    assert not app.exception
    assert "No dataset is frozen yet" in said(app)
    assert app.button(key="make_plan").disabled
    older, newer = ("a" * 64, "b" * 64)
    for digest, name, count, at in ((older, "eyes", 3, "2026-01"), (newer, "big", 10**6, "2026-02")):
        folder = clinic.settings.warehouse.folder / "datasets" / name / digest
        folder.mkdir(parents=True)
        definition = {"name": name, "dataset_hash": digest, "object_count": count, "created_at": f"{at}-01"}
        (folder / dataset.DEFINITION).write_text(json.dumps(definition))
    found = {"eyes": ((f"s3://{BUCKET}/ipad/00001.heic",), {"missing": 2})}
    monkeypatch.setattr(dataset, "archived_apart", lambda frozen: found[frozen.name])
    app = draw("restore", lang="en", of="frozen", frozen=older)
    assert not app.exception
    assert app.metric[0].value == "1"
    assert "which no restore brings back: 2" in said(app)
    assert f"plan restore-dataset {older} --speed=bulk --days=7" in said(app)
    app.button(key="make_plan").click().run()
    [run] = runs.listed(clinic.journal)
    assert (run.header["object_count"], run.header["refused_counts"]) == (1, {})
    app = draw("restore", lang="en", of="frozen", frozen="' OR 1=1 --")
    assert not app.exception
    assert "Too large for a page" in said(app)
    assert f"plan restore-dataset {newer}" in said(app)


def test_a_label_that_was_chosen_before_is_no_label_of_a_dataset(clinic: Clinic) -> None:
    def both() -> None:
        import streamlit as st

        from dashboard.ui import restores
        from dashboard.ui.page import open_page

        st.session_state["filter_labels"] = ["patient=p3"]
        restores.Asked(open_page("restore"))

    app = AppTest.from_function(both, default_timeout=30)
    app.query_params["of"] = "dataset"
    app.run()
    assert not app.exception
    assert app.text_area[0].value == ""


def test_days_of_a_period_are_no_days_of_a_copy(clinic: Clinic) -> None:
    def both() -> None:
        from dashboard.ui import restores
        from dashboard.ui.page import open_page

        open_page("restore").filters("period")
        restores.days()

    app = AppTest.from_function(both, default_timeout=30)
    app.query_params["period"] = "2026-01-05..2026-01-06"
    app.run()
    assert not app.exception
    assert app.number_input[0].value == 7


def test_a_wrong_number_confirms_nothing(clinic: Clinic) -> None:
    plan = clinic_plan(clinic)
    app = draw("restore", plan=plan)
    app.button(key="open_confirm").click().run()
    token = app.session_state["plan_token"]
    app.text_input(key=f"why_{token}").set_value(WHY)
    app.text_input(key=f"count_{token}").set_value("30")
    app.button(key=f"send_{token}").click().run()
    assert runs.listed(clinic.journal)[0].state == ""


def test_who_may_not_confirm_sees_the_plan_and_no_way_to_confirm_it(clinic: Clinic) -> None:
    clinic.roles = {"operators": ["somebody@example.jp"]}
    warehouse = Shown()
    warehouse.clinic = clinic
    serve_as(clinic, warehouse)
    plan = clinic_plan(clinic)
    app = draw("restore", plan=plan)
    assert not app.exception
    assert app.button(key="open_confirm").disabled
    # A click that a browser was made to send anyway is refused where it is carried out.
    restores_said = draw_confirm(plan)
    assert not restores_said.exception
    assert runs.listed(clinic.journal)[0].state == ""


def draw_confirm(plan: str) -> AppTest:
    def forged() -> None:
        import streamlit as st

        from dashboard.operate import plans
        from dashboard.ui import plan_panel

        st.session_state["why_x"], st.session_state["count_x"] = "because", "3"
        plan_panel._confirm(plans.find(plan_panel.journal(), st.query_params["plan"]), "x")

    app = AppTest.from_function(forged, default_timeout=30)
    app.query_params["plan"] = plan
    return app.run()


def test_a_run_is_paused_and_cancelled_from_its_page(clinic: Clinic) -> None:
    digest = clinic.confirmed()
    app = draw("runs", run=digest)
    assert "python -m dashboard worker" in said(app)
    app.button(key="run_pause").click().run()
    assert runs.one(clinic.journal, digest).wanted == "pause"
    app.button(key="run_cancel").click().run()
    clinic.work()
    assert runs.one(clinic.journal, digest).state == "cancelled"
    assert not clinic.s3.accepted
    app = draw("runs", run=digest)
    assert "python -m dashboard worker" not in said(app)
    assert not app.exception


def test_keys_of_plans_and_runs_are_masked_for_those_who_may_not_see_them(clinic: Clinic) -> None:
    clinic.s3.objects[HOSTILE_KEY] = clinic.s3.objects.pop("ipad/00000.heic")
    clinic.s3.objects["ipad/yamada-taro_19700101.heic"] = clinic.s3.objects.pop("ipad/00001.heic")
    plan = clinic_plan(clinic)
    app = draw("restore", plan=plan)
    assert not app.exception
    keys = [str(key) for table in app.dataframe for key in table.value.get("key", ())]
    assert len(keys) == 3
    assert not any("yamada" in key for key in keys)
    assert not any("\u202e" in key for key in keys)


def test_a_plan_that_is_not_there_is_a_fault_and_no_page_breaks(clinic: Clinic) -> None:
    for page, name in (("restore", "plan"), ("runs", "run")):
        for value in ("0" * 64, "x", "'; DROP TABLE plans", "%" * 20, "_" * 64):
            app = draw(page, **{name: value})
            assert not app.exception
            assert "There is no such plan" in said(app)


def test_speeds_stand_side_by_side_and_a_missing_price_is_missing(clinic: Clinic) -> None:
    rows = [("DEEP_ARCHIVE", "", 2, 2 << 30, 0, "a"), ("INTELLIGENT_TIERING", "ARCHIVE", 1, 5, 0, "a b?")]
    frame = pd.DataFrame(rows, columns=CHOICES)
    shown = restores.at_every_speed(frame, 30)
    assert list(zip(shown["archive"], shown["restore_speed"], strict=True)) == [
        ("DEEP_ARCHIVE", "bulk"),
        ("DEEP_ARCHIVE", "standard"),
        ("INT_ARCHIVE", "bulk"),
        ("INT_ARCHIVE", "standard"),
        ("", "bulk"),
        ("", "standard"),
    ]
    assert [f"{usd.normalize()}" for usd in shown["restore_usd"]] == [
        "0.05105",
        "0.0862",
        "0",
        "0",
        "0.05105",
        "0.0862",
    ]
    assert shown["object_count"].tolist() == [2, 2, 1, 1, 3, 3]
    assert "batch_usd" not in [column.name for column in restores.columns(shown)]
    clinic.region = "ap-northeast-1"
    warehouse = Shown()
    warehouse.clinic = clinic
    serve_as(clinic, warehouse)
    shown = restores.at_every_speed(frame, 30)
    assert [None if usd is None else str(usd) for usd in shown["restore_usd"]][:2] == [None, None]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_is_offered_is_what_the_plan_costs_with_s3_batch_operations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(links, "_LATE_SECONDS", 600.0)
    with serve(BatchStub(), BatchHandler) as s3:
        clinic = Clinic(tmp_path, s3, {"batch": LARGE})
        warehouse = Shown()
        warehouse.clinic = clinic
        for count, is_priced in ((2, False), (3, False), (3, True)):
            if is_priced:
                prices = {
                    key: Price((Band(Decimal(0), None, Decimal(usd)),), unit, "2026-11", "AWS Price List")
                    for key, usd, unit in (
                        ("batch.job", "0.25", "Jobs"),
                        ("batch.object", "0.000001", "Objects"),
                    )
                }
                write_prices(clinic.folder, "us-east-1", "2026-11-01", prices)
            clinic.put(count, size=1 << 30)
            serve_as(clinic, warehouse)
            frame = warehouse.frame("restore.choices")
            shown = restores.at_every_speed(frame[frame["storage_class"] != ""], 7)
            for speed in restore.SPEEDS:
                offered = shown[shown["restore_speed"] == speed].iloc[-1]
                usd, unknown_count = clinic.plan(speed=speed).usd
                assert offered["restore_usd"] == (None if unknown_count else usd)
                is_left = count == 3 and speed != "expedited"
                assert offered["batch_usd"] == (
                    Decimal(0) if not is_left else Decimal("0.250003") if is_priced else None
                )
            assert ("batch_usd" in [column.name for column in restores.columns(shown)]) == (count == 3)
        app = draw("restore", lang=language)
        assert not app.exception
        assert app.dataframe[0].value["batch_usd"].tolist() == pytest.approx([0.25, 0.25, 0])
    source.configure(settings(), None)


def clinic_plan(clinic: Clinic) -> str:
    made = restore.make_plan(source.settings(), clinic, Choice(), speed="bulk", days=7, made_by="sato")
    return plans.keep(clinic.journal, made).digest


def test_copies_are_kept_longer_from_the_page_of_their_run(clinic: Clinic) -> None:
    digest = clinic.confirmed()
    clinic.work()
    assert not [button for button in draw("runs", run=digest).button if button.key == "run_extend"]
    clinic.s3.finish()
    moment = datetime.now(UTC) + timedelta(minutes=11)
    clinic.journal.now = lambda: moment
    copies.look(clinic.settings, clinic.journal)
    app = draw("runs", run=digest)
    app.number_input(key="extend_days").set_value(30)
    app.button(key="run_extend").click().run()
    assert not app.exception
    newest = runs.listed(clinic.journal)[0]
    assert newest.header["params"] == {
        "speed": "standard",
        "days": 30,
        "is_extension": True,
        "extends": digest,
    }


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_run_that_is_left_to_s3_shows_its_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(links, "_LATE_SECONDS", 600.0)
    with serve(BatchStub(), BatchHandler) as s3:
        clinic = Clinic(tmp_path, s3, {"batch": LARGE})
        clinic.put(3, size=1 << 30)
        s3.fails = "RoleNotAssumable"
        warehouse = Shown()
        warehouse.clinic = clinic
        serve_as(clinic, warehouse)
        digest = clinic.confirmed()
        app = draw("restore", lang=language, plan=digest)
        assert not app.exception
        told = {"en": "left to S3 Batch Operations", "ja": "S3 バッチオペレーションに任せます"}[language]
        assert told in said(app)
        for _step in range(9):
            run_next(clinic.settings, clinic.journal, "worker", threading.Event())
            with clinic.journal.writing() as transaction:
                transaction.run("UPDATE runs SET rests_until = ''")
        assert runs.one(clinic.journal, digest).cause == "batch_failed RoleNotAssumable"
        app = draw("runs", lang=language, run=digest)
        assert not app.exception
        failed = {"en": "Failed · 3 of 3 · RoleNotAssumable", "ja": "失敗 · 3 件中 3 件 · RoleNotAssumable"}[
            language
        ]
        assert f"{s3.job().job_id} · {failed}" in said(app)
    source.configure(settings(), None)
