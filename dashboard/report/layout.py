"""What stands on the page, in words: key figures, bars, small tables, and the whole sheet."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.report.actions import Action


@dataclass(frozen=True)
class Card:
    """A key figure; `tone` is good, bad or plain."""

    label: str
    value: str
    note: str
    tone: str = "plain"


@dataclass(frozen=True)
class Bar:
    """A bar of the chart: `height` is a part of the tallest; `state` is final, estimated or expected."""

    label: str
    value: str
    height: float
    state: str


@dataclass(frozen=True)
class Chart:
    """The bars of the bill.

    Attributes:
        limit: where the budget of a month stands, as a bar's height; None without one in this currency.
        legend: what the states of the bars, and the line of the budget, are called.
    """

    bars: list[Bar]
    limit: float | None
    legend: list[tuple[str, str]]


@dataclass(frozen=True)
class Line:
    """A line of a small table; `tone` as a card's."""

    label: str
    value: str
    tone: str = "plain"


@dataclass(frozen=True)
class Block:
    """A small table with its heading and what must be known of it; without lines, the note says why."""

    title: str
    lines: list[Line]
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """The whole page.

    Attributes:
        notes: what holds for the whole page: rates, tax, where the figures come from.
    """

    language: str
    title: str
    archive: str
    as_of: str
    cards: list[Card]
    chart_title: str
    chart_alt: str
    chart: Chart
    blocks: list[Block]
    actions_title: str
    actions: list[Action]
    no_actions: str
    notes: str
