"""The page Change objects: from a choice or a list of the Quality page to a confirmed plan, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.operate import plans, runs
from dashboard.settings import Settings
from dashboard.ui import links, privacy, source
from tests.operate.changing import Changing
from tests.operate.object_stub import Version, serve
from tests.operate.restoring import WHY
from tests.pages.test_restore import draw, said
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, settings


class Shown(SyntheticWarehouse):
    """A warehouse whose objects are those of a stub."""

    clinic: Changing

    def frame(self, name: str, params: Any = None, snapshot_id: str | None = None) -> pd.DataFrame:
        if name == "restore.choices":
            self.clinic.asked = params
            found = [self.clinic.objects.now(key) for key in self.clinic.objects.current()]
            size = sum(item.size for item in found if item)
            return pd.DataFrame(
                [("", "", len(found), size, 0)],
                columns=["storage_class", "access_tier", "object_count", "size_bytes", "unsized_count"],
            )
        return super().frame(name, params, snapshot_id)

    def batches(
        self, name: str, params: Any = None, snapshot_id: str | None = None
    ) -> Iterator[list[tuple[Any, ...]]]:
        return self.clinic.batches(name, params, snapshot_id)


@pytest.fixture(name="clinic")
def _clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Changing]:
    # A test has no browser that would take the new address over.
    monkeypatch.setattr(links, "_LATE_SECONDS", 600.0)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with serve() as s3:
        clinic = Changing(tmp_path, s3, {"allow_removal": True})
        clinic.put(3)
        clinic.labels = {"required": ["label"], "allowed": {"label": ["benign", "malignant"]}}
        serve_as(clinic)
        yield clinic
    source.configure(settings(), None)


def serve_as(clinic: Changing) -> None:
    warehouse = Shown()
    warehouse.clinic = clinic
    made: Settings = settings()
    own = clinic.settings
    names = ("warehouse", "aws", "operate", "inventory", "labels", "records")
    source.configure(made.model_copy(update={name: getattr(own, name) for name in names}), warehouse)
    st.cache_data.clear()


def confirmed(app: AppTest, count: int) -> None:
    app.button(key="open_confirm").click().run()
    token = app.session_state["plan_token"]
    app.text_input(key=f"why_{token}").set_value(WHY)
    app.text_input(key=f"count_{token}").set_value(str(count))
    app.button(key=f"send_{token}").click().run()
    assert not app.exception


@pytest.mark.parametrize("language", ["en", "ja"])
def test_labels_of_a_choice_are_set_and_set_back(clinic: Changing, language: str) -> None:
    app = draw("change", lang=language)
    assert not app.exception
    assert app.metric[0].value == "3"
    assert app.button(key="make_plan").disabled, "no label is given yet"
    app.selectbox(key="label_label").set_value("benign")
    app.text_area(key="labels_more").set_value("reader = sato\nnonsense").run()
    assert "--label=label=benign --label=reader=sato" in said(app)
    app.button(key="make_plan").click().run()
    assert not app.exception
    [run] = runs.listed(clinic.journal)
    assert run.header["params"] == {"tags": {"label": "benign", "reader": "sato"}}
    confirmed(app, 3)
    clinic.work()
    assert {version[-1].tags["label"] for version in clinic.objects.objects.values()} == {"benign"}
    app = draw("runs", lang=language, run=run.digest)
    assert not app.exception
    app.button(key="run_undo").click().run()
    assert not app.exception
    newest = runs.listed(clinic.journal)[0]
    assert newest.header["params"]["undo"] == run.digest
    app = draw("change", lang=language, plan=newest.digest)
    assert run.digest[:12] in said(app)
    assert list(app.dataframe[-1].value["target_key"]) == ['{"label": null, "reader": null}'] * 3
    confirmed(app, 3)
    clinic.work()
    assert [version[-1].tags for version in clinic.objects.objects.values()] == [{}] * 3


def test_the_images_without_a_label_are_those_of_the_list(clinic: Changing) -> None:
    listed = draw("../observe/quality", list="labels")
    assert not listed.exception
    app = draw("change", do="labels", of="unlabelled")
    assert not app.exception
    assert app.metric[0].value.replace(",", "") == str(
        source.warehouse().frame("quality.unlabelled", {"row_limit": 1})["total_count"].iloc[0]
    )
    assert "--unlabelled" in said(app)
    app.selectbox(key="label_label").set_value("benign").run()
    app.button(key="make_plan").click().run()
    assert not app.exception
    assert runs.listed(clinic.journal)[0].header["object_count"] == 3


@pytest.mark.parametrize("language", ["en", "ja"])
def test_misnamed_images_get_their_names(clinic: Changing, language: str) -> None:
    clinic.objects.is_versioned = True
    clinic.objects.objects.clear()
    clinic.objects.put("ipad/IMG_1.heic", Version(b"1"))
    clinic.objects.put("ipad/IMG_2.heic", Version(b"2", storage_class="GLACIER"))
    clinic.proposed = {
        f"ipad/IMG_{number}.heic": f"ipad/yamada-taro_1970010{number}.heic" for number in (1, 2)
    }
    app = draw("change", lang=language, do="rename", devices="ipad", reasons="wrong_folder", taken="other")
    assert not app.exception
    assert "plan rename --device=ipad --reason=wrong_folder --month=other" in said(app)
    app = draw("change", lang=language, do="rename")
    assert "plan rename --all" in said(app)
    app.button(key="make_plan").click().run()
    assert not app.exception
    [run] = runs.listed(clinic.journal)
    assert (run.header["object_count"], run.header["refused_counts"]) == (1, {"restore_first": 1})
    [target] = app.dataframe[-1].value["target_key"]
    assert "taro" not in target, "a new name is masked as any key is"
    confirmed(app, 1)
    clinic.work()
    app = draw("runs", lang=language, run=run.digest)
    assert not app.exception
    assert "taro" not in str(app.dataframe[-1].value["target_key"].tolist())
    assert clinic.objects.now("ipad/yamada-taro_19700101.heic") is not None


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_choice_is_moved_to_another_class(clinic: Changing, language: str) -> None:
    app = draw("change", lang=language, do="class", to="STANDARD_IA")
    assert not app.exception
    assert "plan class --prefix= --to=STANDARD_IA" in said(app).replace("''", "")
    app.selectbox(key="filter_to").set_value("DEEP_ARCHIVE").run()
    app.button(key="make_plan").click().run()
    assert not app.exception
    [run] = runs.listed(clinic.journal)
    assert run.header["params"]["to_class"] == "DEEP_ARCHIVE"
    confirmed(app, 3)
    clinic.work()
    assert {version[-1].storage_class for version in clinic.objects.objects.values()} == {"DEEP_ARCHIVE"}


@pytest.mark.parametrize("deed", ["labels", "class"])
def test_a_list_of_keys_is_changed(clinic: Changing, monkeypatch: pytest.MonkeyPatch, deed: str) -> None:
    monkeypatch.setattr(privacy, "may_see_keys", lambda: True)
    app = draw("change", lang="en", do=deed, of="list", to="STANDARD_IA")
    assert not app.exception
    app.text_area(key="pasted_keys").set_value("ipad/00001.heic").run()
    if deed == "labels":
        app.selectbox(key="label_label").set_value("benign").run()
    assert f"plan {deed} --keys=FILE" in said(app)
    app.button(key="make_plan").click().run()
    assert not app.exception
    [run] = runs.listed(clinic.journal)
    assert (run.header["object_count"], run.header["refused_counts"]) == (1, {})


def test_a_saving_is_carried_out_for_the_objects_that_it_is_about(clinic: Changing) -> None:
    app = draw(
        "change",
        do="class",
        to="STANDARD",
        devices="ipad",
        classes="STANDARD_IA",
        sizes="empty,under_128_kib",
        before="2026-07-01",
    )
    assert not app.exception
    which = "--device=ipad --class=STANDARD_IA --size=empty --size=under_128_kib --uploaded-before=2026-07-01"
    assert f"plan class {which} --to=STANDARD" in said(app)
    assert clinic.asked["uploaded_before"] == date(2026, 7, 1)
    app.button(key="make_plan").click().run()
    assert clinic.asked["uploaded_before"] == date(2026, 7, 1)
    for value in ("soon", "1900-01-01", "9999-12-31", "0001-01-01", "2026-13-01", "2026-07-01'--"):
        app = draw("change", do="class", before=value)
        assert not app.exception
        assert app.date_input[0].value is None


def test_what_the_address_does_not_know_is_left_out(clinic: Changing) -> None:
    for value in ("x", "'; DROP TABLE plans", "%" * 20, "_" * 64):
        app = draw("change", do=value, of=value, unit=value, taken=value, plan=value)
        assert not app.exception
        assert app.metric[0].value == "3"


def test_keys_of_a_plan_are_masked_for_those_who_may_not_see_them(clinic: Changing) -> None:
    for number, key in enumerate((HOSTILE_KEY, "ipad/yamada-taro_19700101.heic")):
        clinic.objects.put(key, Version(b"%d" % number))
    app = draw("change")
    app.selectbox(key="label_label").set_value("benign").run()
    app.button(key="make_plan").click().run()
    keys = [str(key) for table in app.dataframe for key in table.value.get("key", ())]
    assert len(keys) == 5
    assert not any("yamada" in key or "\u202e" in key for key in keys)
    plan = runs.listed(clinic.journal)[0].digest
    assert plans.find(clinic.journal, plan).object_count == 5
