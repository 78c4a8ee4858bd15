"""The page Storage: each of its panels holds what the filters let through, and each can be taken away as a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.ui import source
from tests.ui.synthetic_warehouse import SyntheticWarehouse, ask, settings

PAGE = Path(__file__).resolve().parents[2] / "pages" / "observe" / "storage.py"


@pytest.fixture(name="warehouse")
def _warehouse() -> Iterator[SyntheticWarehouse]:
    st.cache_data.clear()
    warehouse = SyntheticWarehouse()
    source.configure(settings(), warehouse)
    yield warehouse
    st.cache_data.clear()


def draw(**query: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.session_state["menu_storage"] = True  # the export menu is open
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("storage_class", ["STANDARD", "GLACIER"])
def test_everything_that_is_stored_is_of_the_class_chosen(
    warehouse: SyntheticWarehouse, storage_class: str
) -> None:
    images, *_rest = draw(classes=storage_class).dataframe[0].value.itertuples(index=False)
    listed = ask(warehouse, "storage.by_device_class", storage_classes=[storage_class])
    assert images.kind == "Images"
    assert images.object_count == sum(row["object_count"] for row in listed)


def test_unfinished_uploads_are_of_a_class_too(warehouse: SyntheticWarehouse) -> None:
    counted = {
        storage_class: [
            row["object_count"]
            for row in ask(warehouse, "storage.by_kind", storage_classes=[storage_class])
            if row["kind"] == "unfinished_upload"
        ]
        for storage_class in ("STANDARD", "GLACIER")
    }
    assert counted == {"STANDARD": [12], "GLACIER": []}


def test_every_panel_can_be_taken_away(warehouse: SyntheticWarehouse) -> None:
    app = draw()
    offered = {button.proto.id.rsplit("export_storage_", 1)[1] for button in app.get("download_button")}
    assert offered == {
        f"{name}_{ending}"
        for name in ("devices", "extensions", "folders", "kinds", "size_bands", "units")
        for ending in ("CSV", "Excel")
    }


def test_a_device_that_is_gone_from_the_settings_shows_nothing_and_says_so(
    warehouse: SyntheticWarehouse,
) -> None:
    """A saved link that names it alone showed every device."""
    app = draw(devices="colposcope")
    assert not app.exception
    assert not app.dataframe
    assert [item.value for item in app.caption if "filters" in item.value]
    assert [item.value for item in app.warning][-1].endswith("nothing of it is shown: colposcope")
    assert app.query_params["devices"] == "colposcope", "the link stays what it was"
    both = draw(devices="xray,colposcope", classes="GONE")
    assert both.warning[-1].value.endswith("shown: GONE")
    assert both.multiselect(key="filter_devices").value == ["xray"], (
        "what is shown is no more than was asked for"
    )
    said = [item.value for item in draw(devices="xray", kinds="no_such_kind").warning]
    assert not [text for text in said if "No longer" in text]


def test_filters_are_blamed_only_where_there_are_some(warehouse: SyntheticWarehouse) -> None:
    warehouse.connection.execute("DELETE FROM marts.storage; DELETE FROM staging.unfinished_uploads")
    assert {item.value for item in draw(devices="xray").caption if "filters" in item.value}
    st.cache_data.clear()
    said = [item.value for item in draw().caption]
    assert "There is nothing to show yet" in said
    assert not [text for text in said if "filters" in text]
