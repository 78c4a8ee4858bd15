"""The worklist as its page sees it: views of the journal as frames, kept until the journal grows."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import pandas as pd
import streamlit as st

from dashboard.errors import DashboardError
from dashboard.operate import worklist_views
from dashboard.operate.follow import follow, has_begun, is_behind
from dashboard.operate.journal import Journal
from dashboard.operate.labelling import UNLABELLED_RULE
from dashboard.operate.selection import Selection
from dashboard.operate.worklist_views import Clock
from dashboard.ui import (
    faults,
    figures,
    finding_labels,
    leaves,
    links,
    operator,
    owners,
    shell,
    source,
    tables,
)
from dashboard.ui.filters import Chosen
from dashboard.ui.page import LISTING_ROWS, Page
from dashboard.ui.text import N_, _, language

ORDERS = {
    "severity": N_("Most severe first"),
    "oldest": N_("Oldest first"),
    "largest": N_("Largest first"),
    "due": N_("Due first"),
}
VIEWS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (N_("All to be done"), "checklist", {}),
    (N_("Nobody's"), "person_off", {"owners": finding_labels.NOBODY}),
    (N_("Overdue"), "event_busy", {"dues": "overdue"}),
    (N_("New this week"), "fiber_new", {"ages": "under_7_days"}),
    (N_("Snoozed"), "snooze", {"states": "snoozed"}),
    (N_("Accepted"), "verified", {"states": "accepted"}),
    (N_("Closed by itself"), "auto_awesome", {"states": "gone"}),
)


def open_worklist(page: Page) -> Work:
    """The worklist of a page; before the first one the page says how it begins, and the run ends here."""
    journal = Journal(source.settings().warehouse.folder)
    try:
        if not has_begun(journal):
            _first_visit(journal)
        if not page.view.is_newest:
            st.caption(_("The worklist is as of now, whichever snapshot is open: it stands in the journal."))
        elif is_behind(journal, page.view.snapshot):
            _behind(journal)
        return Work(page, journal)
    except DashboardError as fault:
        _give_up(fault)


@dataclass(frozen=True)
class Listed:
    """A list as it stands on the page.

    Attributes:
        chosen: the rows that are chosen, by column. Their subjects are masked for viewers who may not see keys: what is
            done to a finding goes by its finding_id.
        total: how many rows there are on all leaves.
        place: above the list, for what can be done with it.
    """

    chosen: list[dict[str, Any]]
    total: int
    place: Any


class Work:
    """An open worklist.

    Attributes:
        head: number of the journal's last event; what is shown is as of then.
    """

    def __init__(self, page: Page, journal: Journal) -> None:
        self.page = page
        self.journal = journal
        self.clock = Clock(dt.datetime.now(dt.UTC), page.view.timezone)
        self.head = journal.head()
        self.owners = owners.named(journal)

    def views(self) -> None:
        """Ready-made choices; any other is kept as a bookmark, because the address holds the filters."""
        mine = operator.name()
        own = [(N_("Mine"), "person", {"owners": mine})] if mine in self.owners else []
        with st.container(horizontal=True, key="worklist_views"):
            for title, icon, codes in (*VIEWS[:1], *own, *VIEWS[1:]):
                st.page_link(
                    shell.page_at(self.page.id),
                    label=_(title),
                    icon=f":material/{icon}:",
                    query_params=links.target(codes, language()),
                )

    def filters(self) -> Chosen:
        """The filter row, with the owners and rules that the worklist knows."""
        options = {
            "owners": [finding_labels.NOBODY, *self.owners],
            "rules": worklist_views.rules(self.journal),
        }
        first = ("devices", "rules", "severities", "owners")
        return self.page.filters(*first, "states", "dues", "ages", "sizes", options=options)

    def selection(self, chosen: Chosen) -> Selection:
        """What the filters choose."""

        def codes(name: str) -> tuple[str, ...] | None:
            return None if chosen[name] is None else tuple(chosen[name] or ())

        names = codes("owners")
        return Selection(
            devices=codes("devices"),
            rules=codes("rules"),
            severities=codes("severities"),
            owners=names and tuple("" if name == finding_labels.NOBODY else name for name in names),
            states=codes("states"),
            due_states=codes("dues"),
            age_bands=codes("ages"),
            size_bands=codes("sizes"),
        )

    def figures(self, selection: Selection) -> dict[str, Any]:
        """The key figures; see `worklist_views.figures`."""
        found: dict[str, Any] = self._cached("figures", selection, worklist_views.figures)
        return found

    def weeks(self, selection: Selection) -> pd.DataFrame:
        """`week_on`, `work_event`, `finding_count`."""
        return _frame(*self._cached("weeks", selection, worklist_views.weeks))

    def weeks_by_owner(self, selection: Selection) -> pd.DataFrame:
        """`week_on`, `owner`, `closed_count`, `gone_count`, `median_days`."""
        return _frame(*self._cached("owners", selection, worklist_views.weeks_by_owner))

    def history(self, finding_id: str) -> pd.DataFrame:
        """What happened to one finding, oldest first."""
        return self.page.masked(_frame(*worklist_views.history(self.journal, finding_id)))

    def listing(self, selection: Selection, columns: Sequence[tables.Column], *, title: str) -> Listed:
        """The list, one leaf at a time; the export menu has all of it, and that of each owner."""
        self.page.offer_later(columns, name="list", title=title, fetch=lambda: self._whole(selection))
        for number, name in enumerate(self.owners[:12]):
            own = Selection(owners=(name,))
            self.page.offer_later(
                columns,
                name=f"owner{number}",
                title=_("To be done by {owner}").format(owner=name),
                fetch=functools.partial(self._whole, own),
            )
        place = st.container(key="worklist_panel")
        order = self._order()
        params = {"selection": repr(selection), "order": order}
        leaf = leaves.number("worklist_list", params)
        offset = (leaf - 1) * LISTING_ROWS

        def look(journal: Journal, chosen: Selection, clock: Clock) -> Any:
            rows, total = worklist_views.listing(
                journal, chosen, clock, order=order, limit=LISTING_ROWS, offset=offset
            )
            return source.masked(shown(_frame(*rows)), sees_keys=self.page.sees_keys), total

        # What is kept for one who sees keys is never given to another.
        found, total = self._cached(f"list {order} {offset} {self.page.sees_keys}", selection, look)
        frame = self.page.told(found)
        if frame.empty:
            figures.empty(_("Nothing matches these filters, or everything is done."))
            return Listed([], 0, place)
        # A list that has changed is another list: rows chosen before may be others now.
        key = f"worklist_list_{self.head}_{leaf}_{abs(hash(repr(params)))}"
        rows_chosen = tables.choose(frame, columns, key=key, alt=title)
        leaves.foot("worklist_list", params, total=total, rows=LISTING_ROWS)
        chosen = [{str(name): value for name, value in frame.iloc[row].items()} for row in rows_chosen]
        return Listed(chosen, total, place)

    def label_groups(self, selection: Selection, listed: Listed) -> list[str] | None:
        """Which groups of images without a label are meant: of the rows chosen, else of all that the filters choose;
        None where nothing narrows them but the device."""
        picked = [str(row["subject"]) for row in listed.chosen if row["rule_id"] == UNLABELLED_RULE]
        if picked or replace(selection, devices=None) == Selection():
            return picked or None
        if UNLABELLED_RULE not in (selection.rules or (UNLABELLED_RULE,)):
            return []
        of_rule = replace(selection, rules=(UNLABELLED_RULE,))
        (columns, rows), _total = self._cached("groups", of_rule, worklist_views.listing)
        place = columns.index("subject")
        return [str(row[place]) for row in rows]

    def _order(self) -> Any:
        key = links.seed("order", lambda text: links.one_of(text, list(ORDERS), "severity"), "severity")
        code = st.segmented_control(
            _("Order"),
            list(ORDERS),
            format_func=lambda code: _(ORDERS[code]),
            key=key,
            required=True,
            persist_state="session",
            label_visibility="collapsed",
        )
        links.note("order", "" if code == "severity" else str(code))
        links.write()
        return code

    def _whole(self, selection: Selection) -> pd.DataFrame:
        """All of a list, for a file; made on another thread, so nobody is told there how much is masked."""
        found = shown(_frame(*worklist_views.listing(self.journal, selection, self.clock)[0]))
        return source.masked(found, sees_keys=self.page.sees_keys)

    def _cached(self, view: str, selection: Selection, look: Callable[..., Any]) -> Any:
        try:
            return _cache()(
                view,
                repr(selection),
                f"{self.journal.file} {self.head} {self.clock.now:%Y-%m-%d %H}",
                lambda: look(self.journal, selection, self.clock),
            )
        except DashboardError as fault:
            _give_up(fault)


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """A list as people may see it: what a reason counts stands apart from its words, which are translated."""
    reasons = frame["reason"].astype(str)
    words = frame["rule_id"].where(reasons.str.match(r"\d"), reasons)
    return frame.assign(
        finding_reason=words.mask(reasons.str.endswith(" together"), "together"),
        reason_count=pd.to_numeric(reasons.str.extract(r"^(\d+)", expand=False)).astype("Int64"),
    )


@functools.cache
def _cache() -> Callable[..., Any]:
    @st.cache_data(max_entries=256, show_spinner=False)
    def read(view: str, selection: str, moment: str, _look: Callable[[], Any]) -> Any:
        return _look()

    return read


def _frame(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(names))


def _first_visit(journal: Journal) -> NoReturn:
    with st.container(border=True, key="worklist_begin"):
        st.header(_("There is no worklist yet"), anchor=False)
        st.text(
            _(
                "It begins with the findings of the newest snapshot. From then on each sync adds what is new and "
                "closes what is gone; who looks after a finding, by when and why it was closed stays in the journal."
            )
        )
        operator.ask()
        st.button(_("Begin the worklist"), key="begin", type="primary", on_click=_bring_up, args=(journal,))
        st.caption(_("The next sync does it too:"))
        st.code("python -m dashboard sync", language=None)
    st.stop()


def _behind(journal: Journal) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(_("A newer snapshot is there than this list knows."), icon=":material/update:")
        st.button(_("Bring the list up to date"), key="catch_up", on_click=_bring_up, args=(journal,))


def _bring_up(journal: Journal) -> None:
    settings = source.settings()
    reader: Any = source.warehouse()
    try:
        follow(
            journal,
            reader,
            owners=settings.worklist.devices_by_owner,
            timezone=settings.archive.timezone,
            actor=operator.name(),
        )
    except DashboardError as fault:
        faults.show(fault)


def _give_up(fault: DashboardError) -> NoReturn:
    faults.show(fault)
    st.stop()
