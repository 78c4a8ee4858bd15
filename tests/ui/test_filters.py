"""Filters in the address and periods on the archive's clock."""

from __future__ import annotations

import datetime as dt
import time

import pytest
import streamlit as st

from dashboard.ui import filters, links

TODAY = dt.date(2026, 3, 30)


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("month", (dt.date(2026, 3, 1), TODAY)),
        ("30d", (dt.date(2026, 3, 1), TODAY)),
        ("last_month", (dt.date(2026, 2, 1), dt.date(2026, 2, 28))),
        ("12m", (dt.date(2025, 4, 1), TODAY)),
        ("all", (None, None)),
        ("2026-01-05..2026-01-06", (dt.date(2026, 1, 5), dt.date(2026, 1, 6))),
    ],
)
def test_periods_count_back_from_the_datas_own_day(
    period: str, days: tuple[dt.date | None, dt.date | None]
) -> None:
    assert filters.days_of(period, TODAY) == days


class FakeState(dict[str, object]):
    def to_dict(self) -> dict[str, object]:
        return self.copy()


class FakeAddress:
    """A browser's address."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    def to_dict(self) -> dict[str, str]:
        return self.said

    def from_dict(self, query: dict[str, str]) -> None:
        self.said = query


def test_codes_that_are_not_on_the_list_are_dropped() -> None:
    assert links.allowed("xray,evil,' OR 1=1,ipad", ["ipad", "xray"]) == ["ipad", "xray"]
    assert links.one_of("evil", ["12m"], "12m") == "12m"


def test_links_carry_codes_and_the_language() -> None:
    target = links.target({"devices": ["xray", "ipad"], "classes": "", "period": "30d"}, "ja")
    assert target == {"lang": "ja", "devices": "xray,ipad", "period": "30d"}


def test_an_address_has_one_order_and_leaves_defaults_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", FakeState())
    monkeypatch.setattr(st, "query_params", FakeAddress())
    links.begin()
    assert links.choose("tax", ["included", "excluded"], "included") == "included"
    links.note("currency", "JPY")
    assert links.here(month="2026-10", tax="included") == {"currency": "JPY", "month": "2026-10"}
    assert list(links.target(links.here(month="2026-10"), "en")) == ["lang", "currency", "month"]


def test_what_we_open_is_no_late_answer_of_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    address = FakeAddress()
    monkeypatch.setattr(st, "session_state", FakeState())
    monkeypatch.setattr(st, "query_params", address)

    def run(**said: str) -> str | None:
        address.said = {"lang": "en", **said}
        links.begin()
        links.note("lang", "en")
        code = links.choose("month", ["11", "10", "09"], "11")
        links.write()
        return code

    assert (run(), run(month="10")) == ("11", "10")
    assert run() == "10", "the browser has not seen our change yet"
    links.leaving(links.here(month="11"), "en")
    assert run() == "11"


@pytest.mark.parametrize(
    ("after", "is_chosen", "month"),
    [
        (0.2, False, "10"),  # sent before our change could arrive
        (1.0, False, "11"),  # nothing was chosen: the browser went back
        (1.0, True, "10"),  # something else was chosen, in a slow browser
        (2.5, True, "11"),  # no browser is that slow
    ],
)
def test_going_back_is_told_from_a_late_answer(
    monkeypatch: pytest.MonkeyPatch, after: float, is_chosen: bool, month: str
) -> None:
    address, state, clock = FakeAddress(), FakeState(), [100.0]
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(st, "query_params", address)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    def run() -> str | None:
        links.begin()
        links.note("lang", "en")
        code = links.choose("month", ["11", "10"], "11")
        links.write()
        return code

    address.said, state[links.state_key("cut")] = {"lang": "en"}, "device"
    assert run() == "11"
    state[links.state_key("month")] = "10"
    assert run() == "10"
    clock[0] += after
    address.said = {"lang": "en"}
    if is_chosen:
        state[links.state_key("cut")] = "class"
    assert run() == month


def test_a_choice_can_be_passed_on_with_one_filter_changed() -> None:
    chosen = filters.Chosen({"devices": None, "classes": ["GLACIER"]}, period="30d")
    assert chosen.but(devices=["xray"]) == {"classes": ["GLACIER"], "period": "30d", "devices": ["xray"]}
    assert filters.Chosen({}, period=filters.DEFAULT_PERIOD).but() == {}


@pytest.mark.parametrize(
    "text", ["", "x..y", "2026-02-01..2026-01-01", "2026-13-01..2026-14-01", "2026-01-01"]
)
def test_days_that_are_none_are_not_taken_from_the_address(text: str) -> None:
    assert filters._read_days(text) == ()
