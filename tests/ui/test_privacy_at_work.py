"""The pages on which people work name no patient to those without the right, and still let them work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.settings import Settings, WarehouseSettings
from dashboard.ui import privacy, source
from dashboard.ui.exports import File
from tests.ui.patient_work import DATASET_HASH, NAME, OWNER, RULE, patient_warehouse
from tests.ui.synthetic_warehouse import REPORT_AT, SyntheticWarehouse, settings

PAGES = Path(__file__).resolve().parents[2] / "pages"


@pytest.fixture
def right(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Who looks at the next page."""
    right = {"sees": False}
    monkeypatch.setattr(privacy, "may_see_keys", lambda: right["sees"])
    return right


@pytest.fixture(autouse=True)
def served(tmp_path: Path) -> Iterator[Settings]:
    made = settings().model_copy(update={"warehouse": WarehouseSettings(folder=tmp_path)})
    st.cache_data.clear()
    source.configure(made, patient_warehouse(made, REPORT_AT))
    yield made
    source.configure(settings(), SyntheticWarehouse())


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the export menu offers, by name: functions that make frames, or files."""
    found: dict[str, Any] = {}

    def table(_self: Any, name: str, _title: str, _columns: Any, fetch: Any) -> None:
        found[name] = fetch

    def several(_self: Any, name: str, _title: str, files: list[File]) -> None:
        found[name] = files

    monkeypatch.setattr("dashboard.ui.exports.Menu.offer", table)
    monkeypatch.setattr("dashboard.ui.exports.Menu.offer_files", several)
    return found


def draw(page: str, **address: str) -> AppTest:
    test = AppTest.from_file(str(PAGES / page), default_timeout=60)
    for name, value in {"lang": "en", **address}.items():
        test.query_params[name] = value
    test.session_state[f"menu_{Path(page).stem}"] = True
    test.run()
    assert not test.exception
    return test


def sent(test: AppTest) -> str:
    """What the page sends: every element with every value."""
    tables = [item.value.to_csv() for item in test.dataframe]
    return "\n".join(
        [str(test), *tables, *(str(item.value) for item in (*test.caption, *test.text, *test.code))]
    )


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("operate/worklist.py", {"rules": RULE}),
        ("operate/dataset.py", {"step": "name", "split_by": "segment", "split_part": "5"}),
        ("observe/duplicates.py", {}),
        ("observe/sources.py", {}),
        ("operate/journal.py", {}),
    ],
)
def test_tables_and_exports_name_nobody(
    right: dict[str, bool], offered: dict[str, Any], page: str, address: dict[str, str]
) -> None:
    for sees in (False, True, False):
        right["sees"] = sees
        offered.clear()
        shown = sent(draw(page, **address))
        # Files are made later, on a thread where nobody can be asked who looks.
        right["sees"] = not sees
        files = "".join(made().to_csv() for made in offered.values() if callable(made))
        tells = page != "observe/sources.py"
        assert (NAME in shown) is (sees and tells)
        assert (NAME in files) is (sees and tells)
        assert ("▒" in shown) is (not sees and tells)


def test_the_worklist_shows_owners_and_masks_what_people_wrote(
    right: dict[str, bool], offered: dict[str, Any]
) -> None:
    shown = draw("operate/worklist.py", rules=RULE).dataframe[0].value
    assert set(shown["owner"]) == {OWNER}
    whole = offered["list"]()
    assert whole["subject"].str.contains("▒").all()
    assert len(set(whole["subject"])) == 2, "each has a mark of its own"
    assert len(set(whole["finding_id"])) == 2
    own = offered["owner0"]()
    pd.testing.assert_frame_equal(own[whole.columns], whole, check_flags=False)


def test_no_table_shows_the_digest_of_a_key(right: dict[str, bool]) -> None:
    """The id of a finding is made without a secret: whoever has it can try names until one fits."""
    for page, address in (
        ("operate/worklist.py", {"rules": RULE}),
        ("observe/quality.py", {"list": "alerts"}),
    ):
        assert all("finding_id" not in item.value.columns for item in draw(page, **address).dataframe)


def test_lists_of_images_and_files_of_datasets_are_for_those_with_the_right(
    right: dict[str, bool], offered: dict[str, Any]
) -> None:
    test = draw("operate/worklist.py")
    assert "labelling" not in offered
    assert any("which you may not see" in item.value for item in test.caption)
    assert any(item.value.startswith("python -m dashboard worklist export") for item in test.code)
    test = draw("operate/dataset.py")
    assert not [item for item in test.get("download_button") if item.proto.id.endswith("dataset_csv")]
    assert any("which you may not see" in item.value for item in test.caption)
    right["sees"] = True
    draw("operate/worklist.py")
    assert {file.name for file in offered["labelling"]} >= {"labels.csv", "input.manifest"}
    (table,) = [file.make() for file in offered["labelling"] if file.name == "labels.csv"]
    assert NAME.encode() in table
    test = draw("operate/dataset.py")
    assert [item for item in test.get("download_button") if item.proto.id.endswith("dataset_csv")]
    assert any(DATASET_HASH[:12] in item.value for item in test.code)


def test_expressions_on_keys_are_for_those_with_the_right(right: dict[str, bool]) -> None:
    """Counting what matches reads names out letter by letter, whatever the tables mask."""
    pattern = {"split_by": "pattern", "split_part": "(山)"}
    test = draw("operate/dataset.py", **pattern)
    assert not test.metric
    assert any("an expression reads keys" in item.value for item in test.text)
    right["sees"] = True
    assert draw("operate/dataset.py", **pattern).metric


def test_what_a_choice_cuts_out_of_a_key_is_a_mark(right: dict[str, bool]) -> None:
    address = {"step": "name", "split_by": "segment", "split_part": "3"}
    parts = set(draw("operate/dataset.py", **address).dataframe[-1].value["key_part"])
    assert all(part == "" or "▒" in part for part in parts), parts
    right["sees"] = True
    assert {"11", "case-5"} <= set(draw("operate/dataset.py", **address).dataframe[-1].value["key_part"])
