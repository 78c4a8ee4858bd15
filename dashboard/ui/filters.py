"""One row of filters, the same on every page: codes in the address, names on screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard.ui import finding_labels, labels, links
from dashboard.ui.cost_labels import COST_CATEGORIES
from dashboard.ui.operate_codes import EVENT_GROUPS
from dashboard.ui.text import N_, _

PERIODS: dict[str, str] = {
    "month": N_("Month to date"),
    "30d": N_("Last 30 days"),
    "last_month": N_("Last month"),
    "12m": N_("12 months"),
    "all": N_("All"),
    "custom": N_("Custom"),
}
DEFAULT_PERIOD = "12m"
_IN_A_ROW = 5
"""Filters that fit beside each other on a screen."""
_FIRST_DAY, _LAST_DAY = dt.date(1990, 1, 1), dt.date(2099, 12, 31)


@dataclass(frozen=True)
class Choice:
    """A filter on the codes of one column.

    Attributes:
        name: in the address and of the chosen value.
        column: whose codes they are; names them.
        label, everything: what stands above and inside an empty filter (English).
        codes: fixed codes; None takes them from the snapshot (query `shell.<name>`).
    """

    name: str
    column: str
    label: str
    everything: str
    codes: Callable[[], Sequence[str]] | None = None


CHOICES: dict[str, Choice] = {
    item.name: item
    for item in (
        Choice("devices", "device_id", N_("Devices"), N_("All devices"), labels.device_codes),
        Choice("classes", "storage_class", N_("Storage class"), N_("All classes")),
        Choice("buckets", "source_bucket", N_("Bucket"), N_("All buckets")),
        Choice("kinds", "kind", N_("Kind"), N_("All kinds"), lambda: list(labels.KINDS)[:-1]),
        Choice("labels", "label_text", N_("Label"), N_("Any label")),
        Choice("reasons", "reason", N_("Reason"), N_("All reasons"), lambda: list(finding_labels.REASONS)),
        Choice(
            "severities", "severity", N_("Severity"), N_("All severities"), lambda: list(labels.SEVERITIES)
        ),
        Choice(
            "states", "work_state", N_("State"), N_("To be done"), lambda: list(finding_labels.WORK_STATES)
        ),
        Choice(
            "dues", "due_state", N_("Due date"), N_("Any due date"), lambda: list(finding_labels.DUE_STATES)
        ),
        Choice("ages", "finding_age", N_("Age"), N_("Any age"), lambda: list(finding_labels.FINDING_AGES)),
        Choice("sizes", "size_band", N_("Size"), N_("Any size"), lambda: list(labels.SIZE_BANDS)),
        Choice("rules", "rule_id", N_("Rule"), N_("All rules")),
        Choice("owners", "owner", N_("Owner"), N_("All owners")),
        Choice(
            "events", "event_group", N_("Kind of event"), N_("All kinds of event"), lambda: list(EVENT_GROUPS)
        ),
        Choice("actors", "actor", N_("Who"), N_("Everybody")),
        Choice("categories", "category", N_("Spent on"), N_("Everything"), lambda: list(COST_CATEGORIES)),
    )
}


@dataclass(frozen=True)
class Chosen:
    """What the reader chose.

    Attributes:
        period: code of the period, '' when the page has none.
        from_on, to_on: first and last day of it on the archive's clock; None = open.
        fields: values of the row's own fields, by name.
    """

    codes: dict[str, list[str] | None] = field(default_factory=dict)
    period: str = ""
    from_on: dt.date | None = None
    to_on: dt.date | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> list[str] | None:
        """Codes of a filter; None when nothing is chosen, which means no filter."""
        return self.codes[name]

    def but(self, **codes: list[str]) -> dict[str, str | Sequence[str]]:
        """The same choice with other codes for some filters, for a link or `Page.go`."""
        same = {name: value for name, value in self.codes.items() if value}
        period = {"period": self.period} if self.period not in {"", DEFAULT_PERIOD} else {}
        return {**same, **period, **codes}


def days_of(period: str, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """First and last day of a period that ends with the data's own day.

    Args:
        period: a code, or `2026-01-01..2026-01-31`.
    """
    first = today.replace(day=1)
    if ".." in period:
        start, _dots, end = period.partition("..")
        return dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    if period == "month":
        return first, today
    if period == "30d":
        return today - dt.timedelta(days=29), today
    if period == "last_month":
        last = first - dt.timedelta(days=1)
        return last.replace(day=1), last
    if period == "12m":
        months = first.year * 12 + first.month - 1 - 11
        return dt.date(months // 12, months % 12 + 1, 1), today
    return None, None


def _read_days(text: str) -> tuple[dt.date, ...]:
    start, _dots, end = text.partition("..")
    try:
        days = (dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    except ValueError:
        return ()
    return days if days[0] <= days[1] else ()


def remember(names: Sequence[str], *, options: Callable[[str], Sequence[str]]) -> None:
    """Keep in the address what filters say that are drawn only after it is written; see `row` for the arguments."""
    for name in names:
        _seed(CHOICES[name], options)


def row(
    names: Sequence[str],
    *,
    today: dt.date,
    options: Callable[[str], Sequence[str]],
    place: str = "filters",
    fields: Mapping[str, Callable[[], Any]] | None = None,
) -> Chosen:
    """Draw the filters of a page.

    Args:
        names: keys of CHOICES, and 'period'.
        today: the data's own day.
        options: codes of a filter whose codes come from the snapshot.
        place: key of the row, unique on the page.
        fields: what draws each further field and returns its value, by its name in the address.
    """
    codes: dict[str, list[str] | None] = {}
    period, from_on, to_on = "", None, None
    each = [CHOICES[name] for name in names if name != "period"]
    gone = [labels.name(item.column, code) for item in each for code in _seed(item, options)[2]]
    with st.container(horizontal=True, vertical_alignment="bottom", key=place):
        # Each costs the browser as much as five lines of text; those that do not fit beside the others wait closed.
        further = names[_IN_A_ROW - 1 :] if len(names) > _IN_A_ROW else ()
        for name in names[: len(names) - len(further)]:
            if name == "period":
                period, from_on, to_on = _period(today)
            else:
                codes[name] = _multiselect(CHOICES[name], options, width=180 if further else 210)
        if further:
            count = sum(bool(st.session_state[_seed(CHOICES[name], options)[0]]) for name in further)
            with st.popover(_numbered(_("More filters"), count), key=f"more_{place}"):
                codes |= {name: _multiselect(CHOICES[name], options) for name in further}
        own = {name: draw() for name, draw in (fields or {}).items()}
        active = sum(map(bool, [*codes.values(), *own.values()])) + (period not in {"", DEFAULT_PERIOD})
        st.button(
            _numbered(_("Reset"), active),
            key=f"reset_{place}",
            icon=":material/restart_alt:",
            type="tertiary",
            disabled=not active,
            on_click=_reset,
            args=(tuple(names), tuple(own)),
        )
    links.write()
    if gone:
        said = _("No longer in this archive, so nothing of it is shown: {names}").format(
            names=_(", ").join(gone)
        )
        st.warning(said, icon=":material/visibility_off:")
    return Chosen(codes, period, from_on, to_on, own)


def _numbered(label: str, count: int) -> str:
    return _("{what} ({more})").format(what=label, more=count) if count else label


def day(name: str, label: str, *, width: int = 126) -> dt.date | None:
    """A day or none, kept in the address. One that the field could not hold is none."""

    def read(text: str) -> dt.date | None:
        try:
            said = dt.date.fromisoformat(text)
        except ValueError:
            return None
        return said if _FIRST_DAY <= said <= _LAST_DAY else None

    key = links.seed(name, read, None)
    chosen: dt.date | None = st.date_input(
        label, key=key, format="YYYY/MM/DD", width=width, persist_state="session", min_value=_FIRST_DAY,
        max_value=_LAST_DAY,
    )  # fmt: skip
    links.note(name, chosen.isoformat() if chosen else "")
    return chosen


def _seed(choice: Choice, options: Callable[[str], Sequence[str]]) -> tuple[str, list[str], list[str]]:
    """Key of a filter's widget, whose value can be chosen, the codes that can be, and which of them are gone."""
    available = choice.codes() if choice.codes else options(choice.name)
    codes = sorted(available, key=lambda code: labels.order(choice.column, code))
    # Where settings or snapshot name none of them any more they stay chosen: without, everything would be shown.
    may_go = choice.name in {"devices", "classes", "buckets"}
    key = links.seed(choice.name, lambda text: (links.named if may_go else links.allowed)(text, codes), [])
    known = [code for code in st.session_state[key] if code in codes]
    links.keep(key, known or (st.session_state[key] if may_go else []))
    links.note(choice.name, links.joined(st.session_state[key]))
    gone = [code for code in st.session_state[key] if code not in codes]
    return key, codes + gone, gone


def _multiselect(
    choice: Choice, options: Callable[[str], Sequence[str]], *, width: int = 210
) -> list[str] | None:
    key, codes, _gone = _seed(choice, options)
    chosen = st.multiselect(
        _(choice.label),
        codes,
        format_func=lambda code: labels.name(choice.column, code),
        key=key,
        placeholder=_(choice.everything),
        persist_state="session",
        select_all=False,
        width=width,
    )
    links.note(choice.name, links.joined(chosen))
    return list(chosen) or None


def _period(today: dt.date) -> tuple[str, dt.date | None, dt.date | None]:
    text = links.said("period")
    days_key = links.state_key("period_days")
    if text and ".." in text and (days := _read_days(text)):
        st.session_state[days_key] = days
        st.session_state[links.state_key("period")] = "custom"
        key = links.state_key("period")
    else:
        key = links.seed(
            "period", lambda said: links.one_of(said, list(PERIODS), DEFAULT_PERIOD), DEFAULT_PERIOD
        )
    chosen = st.segmented_control(
        _("Period"),
        list(PERIODS),
        format_func=lambda code: _(PERIODS[code]),
        key=key,
        required=True,
        persist_state="session",
    )
    code = chosen or DEFAULT_PERIOD
    if code == "custom":
        # A link may name days to come, and an older snapshot ends before days that were chosen on a newer one.
        held = st.session_state.get(days_key, days_of("30d", today))
        possible = tuple(min(day, today) for day in held)
        if st.session_state.get(days_key) != possible:
            st.session_state[days_key] = possible
        picked = st.date_input(
            _("From and to"),
            key=days_key,
            max_value=today,
            format="YYYY/MM/DD",
            persist_state="session",
            width=240,
        )
        if isinstance(picked, tuple) and len(picked) == 2:
            code = f"{picked[0].isoformat()}..{picked[1].isoformat()}"
        else:
            code = "30d"
    links.note("period", "" if code == DEFAULT_PERIOD else code)
    return (code, *days_of(code, today))


def _reset(names: tuple[str, ...], fields: tuple[str, ...]) -> None:
    for name in names:
        st.session_state[links.state_key(name)] = DEFAULT_PERIOD if name == "period" else []
    for key in map(links.state_key, fields):
        st.session_state[key] = "" if isinstance(st.session_state.get(key), str) else None
