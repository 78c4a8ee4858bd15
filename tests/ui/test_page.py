"""Pages run without a browser, with and without the entry script."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.errors import DashboardError, ExitCode
from dashboard.sync.outcome import nothing_listed
from dashboard.ui import banners, source
from dashboard.ui.catalogue import PAGES
from tests.ui.synthetic_warehouse import HOSTILE_KEY, SyntheticWarehouse, broken, settings

ROOT = Path(__file__).resolve().parents[2]
STORAGE = ROOT / "pages" / "observe" / "storage.py"


@pytest.fixture
def serving() -> Callable[..., SyntheticWarehouse]:
    """Serve the synthetic warehouse to the pages of this test."""

    def serve(**more: object) -> SyntheticWarehouse:
        warehouse = SyntheticWarehouse(**more)  # type: ignore[arg-type]
        source.configure(settings(), warehouse)
        return warehouse

    serve()
    return serve


def run(path: Path, **query: str) -> AppTest:
    test = AppTest.from_file(str(path), default_timeout=60)
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def texts(test: AppTest) -> str:
    return "\n".join(item.value for item in test.text)


def test_every_page_of_the_list_is_there_and_has_an_address_of_its_own() -> None:
    assert [item.id for item in PAGES if not item.path.is_file()] == []
    assert len({item.id for item in PAGES}) == len(PAGES)


def test_a_page_works_when_the_entry_was_skipped(serving: Callable[..., SyntheticWarehouse]) -> None:
    test = run(STORAGE, lang="ja", devices="xray,evil")
    assert not test.exception
    assert test.title[0].value == "ストレージ"
    assert test.multiselect(key="filter_devices").value == ["xray"]
    assert test.query_params["lang"] in ("ja", ["ja"])


def test_the_entry_draws_the_sidebar_in_the_language_of_the_address(
    serving: Callable[..., SyntheticWarehouse],
) -> None:
    test = run(ROOT / "dashboard" / "app.py", lang="ja")
    assert not test.exception
    assert test.title[0].value == "概要"
    assert any("データ時点" in item.value for item in test.sidebar.caption)


def test_only_what_the_address_says_newly_is_set_in_the_browser(
    serving: Callable[..., SyntheticWarehouse],
) -> None:
    def news(test: AppTest) -> set[str]:
        controls = [*test.multiselect, *test.get("button_group")]
        return {item.key for item in controls if item.proto.set_value}

    test = run(STORAGE, lang="en", devices="xray")
    assert "filter_devices" in news(test)
    test.multiselect(key="filter_classes").select("STANDARD").run()
    assert news(test) == set(), "the browser would draw every control again"
    assert test.multiselect(key="filter_devices").value == ["xray"]
    test.query_params["devices"] = "ipad"
    assert news(test.run()) == {"filter_devices"}


def test_what_is_counted_is_a_whole_number(serving: Callable[..., SyntheticWarehouse]) -> None:
    test = run(ROOT / "pages" / "observe" / "overview.py", lang="en")
    assert not test.exception
    said = next(item.delta for item in test.metric if "Open findings" in item.label)
    assert re.fullmatch(r"[0-9,]+ high or critical", said), said


def test_figures_are_asked_for_once_per_snapshot(serving: Callable[..., SyntheticWarehouse]) -> None:
    warehouse = serving(report_at=dt.datetime(2026, 11, 20, 3, 4, 5))
    test = run(STORAGE)
    asked = len(warehouse.asked)
    assert asked
    test.run()
    assert len(warehouse.asked) == asked
    test.multiselect(key="filter_devices").set_value(["ipad"]).run()
    assert asked < len(warehouse.asked) <= 2 * asked


def test_a_fault_in_a_panel_leaves_the_rest_of_the_page(serving: Callable[..., SyntheticWarehouse]) -> None:
    def script() -> None:
        import streamlit as st

        from dashboard.ui.page import open_page

        page = open_page("storage")
        with page.panel("One"):
            page.frame("shell.broken")
        with page.panel("Two"):
            st.text("still here")

    test = AppTest.from_function(script, default_timeout=60).run()
    assert not test.exception
    assert "The file wh.000001.duckdb has changed" in texts(test)
    assert "still here" in texts(test)
    assert [item.value for item in test.code] == [HOSTILE_KEY]
    assert all("evil" not in item.value for item in (*test.markdown, *test.caption, *test.error))


def test_a_fault_outside_of_panels_ends_the_page(serving: Callable[..., SyntheticWarehouse]) -> None:
    def script() -> None:
        import streamlit as st

        from dashboard.ui.page import open_page

        page = open_page("storage")
        page.frame("shell.broken")
        st.text("never here")

    test = AppTest.from_function(script, default_timeout=60).run()
    assert not test.exception
    assert "has changed since it was published" in texts(test)
    assert "never here" not in texts(test)


def test_a_list_is_read_leaf_by_leaf(serving: Callable[..., SyntheticWarehouse]) -> None:
    listing = (
        "-- params: row_limit=NULL, row_offset=0\n"
        "SELECT key, count(*) OVER () AS total_count FROM facts.misnamed "
        "ORDER BY key LIMIT $row_limit OFFSET $row_offset"
    )
    serving(extra={"shell.listing": listing})

    def script() -> None:
        from dashboard.ui import tables
        from dashboard.ui.page import open_page

        page = open_page("storage")
        with page.panel("Keys"):
            page.listing("shell.listing", [tables.text("key", "Key")], rows=50)

    test = AppTest.from_function(script, default_timeout=60).run()
    assert not test.exception
    assert len(test.dataframe[0].value) == 50
    assert any(item.value == "130 rows" for item in test.caption)
    assert "\u202e" not in "".join(test.dataframe[0].value["key"])


def test_without_settings_the_page_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DASHBOARD_SETTINGS", str(tmp_path / "none.toml"))
    monkeypatch.setattr(source, "_sources", source._Sources())
    test = run(STORAGE)
    assert not test.exception
    assert "The file none.toml does not exist" in texts(test)


def test_a_damaged_snapshot_is_a_page_of_its_own(serving: Callable[..., SyntheticWarehouse]) -> None:
    serving(fault=broken())
    test = run(STORAGE, lang="en")
    assert not test.exception
    assert test.title[0].value == "The figures cannot be shown"


def test_an_unexpected_error_shows_a_reference_and_no_value(
    serving: Callable[..., SyntheticWarehouse], caplog: pytest.LogCaptureFixture
) -> None:
    def script() -> None:
        from dashboard.ui import faults

        try:
            raise KeyError("secret-key")
        except KeyError as error:
            faults.unexpected(error)

    test = AppTest.from_function(script, default_timeout=60).run()
    assert "tell whoever runs the dashboard" in texts(test)
    assert "secret-key" not in texts(test) + caplog.text
    assert "KeyError" in caplog.text


@pytest.mark.parametrize(
    ("hours", "color"), [(0, "green"), (36, "green"), (37, "orange"), (72, "orange"), (73, "red")]
)
def test_data_ages(hours: int, color: str) -> None:
    assert banners.freshness(dt.timedelta(hours=hours)) == color


def test_headings_go_down_without_leaving_a_level_out(serving: Callable[..., SyntheticWarehouse]) -> None:
    """Who listens to a page goes through it by its headings."""
    serving()
    test = run(STORAGE, lang="en")
    levels = [int(item.proto.tag[1]) for item in test.main if item.type in {"title", "header", "subheader"}]
    assert levels[0] == 1
    assert max(levels) > 1
    assert all(level <= above + 1 for above, level in itertools.pairwise(levels))


def test_icons_of_key_figures_are_not_read_aloud(serving: Callable[..., SyntheticWarehouse]) -> None:
    """The button with a figure's explanation is named by the label: "Help for :material/payments: Cost"."""
    serving()
    drawn = run(ROOT / "pages" / "observe" / "overview.py", lang="en").metric
    assert "Cost, month to date" in [item.label for item in drawn]
    assert ":material/payments:" in [item.proto.icon for item in drawn]


def test_no_snapshot_shows_the_way_to_one(serving: Callable[..., SyntheticWarehouse]) -> None:
    serving(
        fault=DashboardError(
            ExitCode.NO_SNAPSHOT,
            "There is nothing to show yet",
            cause="No sync",
            next_step="Run `python -m dashboard sync`",
        )
    )
    test = run(STORAGE, lang="en")
    assert [item.value for item in test.header] == [
        "1. Name the reports",
        "2. Describe the devices",
        "3. Check access",
        "4. Bring the data in",
    ]


def test_no_snapshot_after_a_sync_says_what_went_wrong_with_it(
    serving: Callable[..., SyntheticWarehouse],
) -> None:
    empty = DashboardError(ExitCode.NO_SNAPSHOT, "There is nothing to show yet", cause="-", next_step="Sync")
    warehouse = serving(fault=empty)
    told = nothing_listed(["s3://inventory/reports/clinic-images/daily/"]).as_dict()
    warehouse.last = {"exit_code": 32, "faults": [told]}
    test = run(STORAGE, lang="en")
    shown = [item.value for item in test.text]
    assert "There is nothing to load yet" in shown
    assert "There is nothing to show yet" not in shown, "it would send people back to what they just did"
    assert any("clinic-images/daily" in item.value for item in test.code)
