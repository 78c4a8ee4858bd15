"""Who sees keys in clear, and that nobody else gets one: not from the page, an export, the cache or a fault."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.settings import Privacy, Settings
from dashboard.ui import operator, privacy, source
from dashboard.ui.privacy import Viewer, called, is_allowed, known_by_provider, known_by_proxy
from tests.ui.synthetic_warehouse import PATIENT_KEY, SETTINGS, SyntheticWarehouse

ROOT = Path(__file__).resolve().parents[2]
QUALITY = ROOT / "pages" / "observe" / "quality.py"
NAME = "山田花子"


def serve(**values: Any) -> SyntheticWarehouse:
    warehouse = SyntheticWarehouse(key=PATIENT_KEY, **values.pop("warehouse", {}))
    source.configure(Settings.model_validate(SETTINGS | values), warehouse)
    return warehouse


def everything(test: AppTest) -> str:
    """What the page sends: every element with every value."""
    tables = [item.value.to_csv() for item in test.dataframe]
    return "\n".join([str(test), *tables, *map(str, test.caption), *map(str, test.text)])


@pytest.mark.parametrize(
    ("given", "names", "allowed"),
    [
        ({}, (), False),
        ({}, ("a@example.org",), False),
        ({"anonymous_sees_keys": True}, (), True),
        ({"anonymous_sees_keys": True}, ("a@example.org",), False),
        ({"key_viewers": ["*"]}, (), False),
        ({"key_viewers": ["*"]}, ("a@example.org",), True),
        ({"key_viewers": ["A@Example.org"]}, ("a@example.org",), True),
        ({"key_viewers": ["data-leads"]}, ("b@example.org", "data-leads"), True),
        ({"key_viewers": ["a@example.org"]}, ("b@example.org",), False),
        ({"mask": "none"}, (), True),
        ({"mask": "all"}, (), False),
    ],
)
def test_who_may_see_keys(given: dict[str, Any], names: tuple[str, ...], allowed: bool) -> None:
    assert is_allowed(Privacy(**given), Viewer(frozenset(names))) is allowed


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        ({}, None),
        ({"is_logged_in": False, "email": "a@example.org"}, None),
        ({"email": "a@example.org"}, None),
        ({"is_logged_in": True, "email": "A@example.org", "groups": ["Leads"]}, {"a@example.org", "leads"}),
        ({"is_logged_in": True, "email": "a@example.org", "email_verified": False, "sub": "7"}, {"7"}),
        ({"is_logged_in": True, "sub": "7", "name": "boss@example.org"}, {"7"}),
        ({"is_logged_in": True, "email": "a@b.c", "preferred_username": "boss@b.c"}, {"a@b.c"}),
        ({"is_logged_in": True, "sub": "*"}, None),
    ],
)
def test_what_the_identity_provider_says(claims: dict[str, Any], names: set[str] | None) -> None:
    found = known_by_provider(claims)
    assert (set(found.names) if found else None) == names


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        ({}, None),
        ({"X-User": ["Lead@example.org"]}, {"lead@example.org"}),
        ({"X-User": ["evil@example.org", "lead@example.org"]}, None),
        ({"X-User": [" "]}, None),
        ({"X-User": ["a"], "X-Groups": ["one, two"]}, {"a", "one", "two"}),
        ({"X-Groups": ["one"]}, None),
    ],
)
def test_what_the_proxy_says(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, list[str]], names: set[str] | None
) -> None:
    monkeypatch.setattr(privacy, "_header", lambda name: headers.get(name, []))
    found = known_by_proxy(Privacy(user_header="X-User", groups_header="X-Groups"))
    assert (set(found.names) if found else None) == names
    assert known_by_proxy(Privacy()) is None


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": " a@example.org", "name": "A"}, "a@example.org"),
        ({"email": "b@example.org", "email_verified": False, "name": "Whoever", "sub": "7"}, "Whoever (7)"),
        ({"name": "Somebody Else", "sub": "7"}, "Somebody Else (7)"),
        ({"sub": "7"}, "7"),
        ({}, ""),
    ],
)
def test_nobody_is_two_persons_by_a_name_of_their_own_choice(claims: dict[str, Any], name: str) -> None:
    assert called(claims) == name


def test_whom_the_proxy_names_is_called_so_whatever_name_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Settings.model_validate({"privacy": {"user_header": "X-User"}, "serve": {"behind_proxy": True}})
    monkeypatch.setattr(privacy, "_header", lambda _name: ["sato@example.org"])
    monkeypatch.setattr(source, "settings", lambda: known)
    monkeypatch.setattr(st, "session_state", {"operator_name": "Tanaka"})
    assert operator.name() == "sato@example.org"


def test_a_header_is_believed_only_behind_a_proxy() -> None:
    header = {"user_header": "X-Forwarded-Email"}
    for settings in (
        {"privacy": header},
        {"privacy": header, "serve": {"behind_proxy": True, "address": "0.0.0.0"}},
        {"privacy": {"groups_header": "X-Groups"}, "serve": {"behind_proxy": True}},
    ):
        with pytest.raises(ValueError, match="privacy"):
            Settings.model_validate(settings)
    assert Settings.model_validate({"privacy": header, "serve": {"behind_proxy": True}}).privacy.user_header


@pytest.fixture
def rights(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Who looks at the next page."""
    right = {"sees": False}
    monkeypatch.setattr(privacy, "may_see_keys", lambda: right["sees"])
    return right


def draw() -> AppTest:
    test = AppTest.from_file(str(QUALITY), default_timeout=60)
    test.query_params["lang"] = "en"
    test.query_params["list"] = "names"
    test.run()
    assert not test.exception
    return test


def test_a_page_shows_a_mark_and_says_so() -> None:
    serve()
    test = draw()
    assert NAME not in everything(test)
    assert "xray/…/▒" in everything(test)
    assert any("masked name" in item.value for item in test.caption)


def test_what_is_kept_for_one_viewer_is_not_given_to_another(rights: dict[str, bool]) -> None:
    serve(warehouse={"report_at": dt.datetime(2026, 11, 19, 1, 2, 3)})
    for sees in (True, False, True, False):
        rights["sees"] = sees
        test = draw()
        assert (NAME in everything(test)) is sees
        assert any("masked name" in item.value for item in test.caption) is not sees


def test_an_export_is_as_masked_as_the_page(rights: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    serve()
    made: list[Any] = []
    monkeypatch.setattr(
        "dashboard.ui.exports.Menu.offer", lambda self, name, title, columns, fetch: made.append(fetch)
    )
    draw()
    # Made on a thread of its own, after the run: the viewer is the one who drew the page.
    rights["sees"] = True
    assert made
    assert not any(NAME in fetch().to_csv() for fetch in made)
    made.clear()
    draw()
    assert any(NAME in fetch().to_csv() for fetch in made)


def test_the_last_sync_names_nobody(rights: dict[str, bool]) -> None:
    from dashboard.domain.notes import Note
    from dashboard.errors import DashboardError, ExitCode
    from dashboard.ui import last_sync

    fault = DashboardError(
        ExitCode.CHECK_FAILED, "T", cause="{subject}", next_step="-", locator=PATIENT_KEY, subject=PATIENT_KEY
    )
    serve()
    told = {
        "started_at": "2026-11-22T00:00:00+00:00",
        "exit_code": 47,
        "faults": [fault.as_dict()],
        "notes": [Note("{file} was damaged", file=PATIENT_KEY).as_dict()],
    }
    read = last_sync.read(told, "Asia/Tokyo")
    assert read is not None
    assert NAME not in read.faults.to_csv() + str(read.notes)
    rights["sees"] = True
    read = last_sync.read(told, "Asia/Tokyo")
    assert read is not None
    assert NAME in read.faults.to_csv()


def test_only_one_place_reads_the_warehouse_for_the_pages() -> None:
    """Whoever reads frames past `source.frame` shows them unmasked."""
    readers = [
        path.relative_to(ROOT).as_posix()
        for top in ("dashboard/ui", "pages")
        for path in (ROOT / top).rglob("*.py")
        if "warehouse().frame" in path.read_text("utf-8") or "reader.frame" in path.read_text("utf-8")
    ]
    assert readers == ["dashboard/ui/source.py"]
