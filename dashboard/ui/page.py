"""The open page: everything a page file needs, so that it is layout and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.errors import DashboardError
from dashboard.ui import (
    banners,
    cards,
    exports,
    faults,
    figures,
    filters,
    formats,
    last_sync,
    leaves,
    links,
    privacy,
    shell,
    source,
    tables,
)
from dashboard.ui.catalogue import entry
from dashboard.ui.last_sync import LastSync
from dashboard.ui.source import Param
from dashboard.ui.text import _, language

LISTING_ROWS = 50


def open_page(page_id: str) -> Page:
    """Open a page: title, freshness, export menu and banners are drawn, the snapshot is chosen.

    Works when the entry script was skipped. When there is nothing to show figures from, the maintenance page is drawn
    and the run ends here.
    """
    shell.ensure_begun(page_id)
    try:
        view = shell.view()
        incomplete = source.frame("shell.incomplete", {}, view.snapshot, sees_keys=privacy.may_see_keys())
    except DashboardError as fault:
        faults.maintenance(fault)
        links.write()
        st.stop()
    page = Page(page_id, view)
    page.draw_head(incomplete)
    return page


class Page:
    """An open page.

    Attributes:
        view: the snapshot and the archive's clock.
        today: the data's own day on that clock.
        sees_keys: whether the viewer of this run sees object keys in clear.
    """

    def __init__(self, page_id: str, view: shell.View) -> None:
        self.id = page_id
        self.view = view
        self.today = view.today
        self._in_panel, self._panel_title = 0, ""
        self._menu: exports.Menu | None = None
        self.sees_keys = privacy.may_see_keys()
        self._masked: set[str] = set()
        self._masked_place: Any = None

    def draw_head(self, incomplete: pd.DataFrame) -> None:
        """Title row and banners; `incomplete` has a row for each source that is not complete."""
        item = entry(self.id)
        with st.container(horizontal=True, vertical_alignment="bottom", key="head"):
            with st.container(width="stretch"):
                st.title(_(item.title), icon=f":material/{item.icon}:", anchor=False)
                st.caption(_(item.subtitle))
            if source.settings().archive.is_demo:
                st.badge(_("Demo data"), icon=":material/science:", color="violet")
            banners.freshness_badge(self.view)
            self._menu = exports.Menu(self.id)
        banners.show(self.view, incomplete)
        self._masked_place = st.empty()

    def filters(
        self, *names: str, options: Mapping[str, Sequence[str]] | None = None, **more: Any
    ) -> filters.Chosen:
        """The filter row; see `filters.CHOICES` for the names, and 'period'; `more` is for `filters.row`.

        Args:
            options: codes by filter, for those that neither a list nor the snapshot knows.
        """
        given = options or {}

        def codes(name: str) -> Sequence[str]:
            return given[name] if name in given else self.frame(f"shell.{name}").iloc[:, 0].astype(str)

        return filters.row(names, today=self.today, options=codes, **more)

    def frame(self, name: str, /, **params: Param) -> pd.DataFrame:
        """The answer of a query, `page.query`, on the snapshot shown; a parameter that is None does not filter.

        A fault is shown in the panel that asked; outside of panels it ends the page.
        """
        try:
            frame = source.frame(name, params, self.view.snapshot, sees_keys=self.sees_keys)
        except DashboardError as fault:
            if self._in_panel:
                raise
            faults.show(fault)
            st.stop()
        return self.told(frame)

    def row(self, name: str, /, **params: Param) -> Any:
        """The answer of a query that has one row. Each value keeps its type: by themselves, counts become floats."""
        return self.frame(name, **params).astype(object).iloc[0]

    def masked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows that come from elsewhere than a page query, with the keys masked that the viewer may not see."""
        return self.told(source.masked(frame, sees_keys=self.sees_keys))

    def told(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame, once the page says how much of it is masked. Its marks leave it: pandas would copy them with each
        column that is read."""
        new = set(frame.attrs.pop("masked", ())) - self._masked
        if new and self._masked_place is not None:
            self._masked |= new
            banners.masked(self._masked_place, len(self._masked))
        return frame

    def columns(self, *weights: float) -> Sequence[Any]:
        """Side by side, stacked on a phone: `left, right = page.columns(3, 2)`."""
        return st.columns(list(weights), gap="small")

    @contextmanager
    def panel(
        self,
        title: str,
        *,
        caption: str = "",
        details: str = "",
        codes: Mapping[str, str | Sequence[str]] | None = None,
        way: str = "",
    ) -> Iterator[None]:
        """A framed part of the page. A fault inside it is shown in it, and the rest of the page goes on.

        Args:
            title, caption: translated.
            details: id of the page that shows more; `codes` are its filters, `way` what the link says.
        """
        with st.container(border=True, height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.header(title, anchor=False)
                if details:
                    shell.link(details, way or _("Details"), codes or {})
            if caption:
                st.caption(caption)
            self._in_panel += 1
            self._panel_title = title
            try:
                yield
            except DashboardError as fault:
                faults.show(fault)
            finally:
                self._in_panel -= 1

    def cards(self, *items: cards.Card) -> None:
        """The row of key figures."""
        cards.row(items)

    def table(
        self,
        frame: pd.DataFrame,
        columns: Sequence[tables.Column],
        *,
        name: str,
        title: str = "",
        select: bool = False,
        height: int | None = None,
        lines: int = 1,
        empty: str = "",
    ) -> dict[str, Any] | None:
        """A whole table, offered in the export menu too.

        Args:
            name: short code, unique on the page; also the file's name.
            title: translated; for the export menu and people who do not see the table. Left out, it is the panel's.
            select: whether a click selects a row.
            lines: of each row; more than one break sentences.
            empty: translated; what a table without rows says where filters are not the reason.

        Returns:
            The row clicked in this very run, by column, else None.
        """
        title = title or self._panel_title
        self.offer(frame, columns, name=name, title=title)
        if frame.empty:
            figures.empty(empty)
            return None
        key = f"{self.id}_{name}"
        return tables.draw(frame, columns, key=key, alt=title, select=select, height=height, lines=lines)

    def offer(
        self, frame: pd.DataFrame, columns: Sequence[tables.Column], *, name: str, title: str = ""
    ) -> None:
        """Offer the figures behind a chart in the export menu; the title is the panel's if it is left out."""
        self.offer_later(columns, name=name, title=title or self._panel_title, fetch=lambda: frame)

    def offer_later(
        self, columns: Sequence[tables.Column], *, name: str, title: str, fetch: Callable[[], pd.DataFrame]
    ) -> None:
        """Offer a table that is made only when somebody asks for it."""
        if self._menu:
            self._menu.offer(name, title, columns, fetch)

    def offer_files(self, name: str, title: str, files: Sequence[exports.File]) -> None:
        """Offer files that are no tables, such as lists for another program, in the export menu."""
        if self._menu:
            self._menu.offer_files(name, title, files)

    def withhold_files(self, name: str, title: str, why: str, command: str) -> None:
        """Say in the export menu why files are not offered to this viewer, and the command that writes them."""
        if self._menu:
            self._menu.withhold(name, title, why, command)

    def last_sync(self) -> LastSync | None:
        """What the last sync did, in words; None before the first."""
        return last_sync.read(source.warehouse().last_sync(), self.view.timezone)

    def snapshots(self) -> None:
        """A button for each snapshot that is kept, newest first: this page, and then every other, as of then."""
        kept = sorted(source.warehouse().snapshots(), key=lambda item: item.built_at, reverse=True)
        for number, snapshot in enumerate(kept):
            moment = formats.when(snapshot.report_at or snapshot.built_at, self.view.timezone)
            is_seen = snapshot.snapshot_id == self.view.snapshot.snapshot_id
            st.button(
                f"{moment} · {snapshot.snapshot_id}",
                key=f"snapshot_{snapshot.snapshot_id}",
                icon=":material/check:" if is_seen else ":material/history:",
                type="tertiary",
                on_click=shell.choose_snapshot,
                args=(snapshot.snapshot_id if number else shell.NEWEST,),
            )

    def zone_caption(self) -> str:
        """Whose clock days and hours follow: to stand under everything that counts by them."""
        return _("Days and hours follow the archive's clock ({zone})").format(zone=self.view.timezone)

    def listing(
        self,
        query: str,
        columns: Sequence[tables.Column],
        *,
        title: str = "",
        select: bool = False,
        rows: int = LISTING_ROWS,
        also: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
        note: Callable[[pd.DataFrame], str] = lambda _frame: "",
        **params: Param,
    ) -> dict[str, Any] | None:
        """A long list, one leaf at a time; the export has all of it.

        Args:
            query: a page query with `row_limit` and `row_offset` (NULL = all); `total_count` counts without them.
            rows: per leaf.
            also: adds columns that the query cannot know, to a leaf or to all rows.
            note: what a leaf says of all rows, to stand below the list; translated.

        Returns:
            The row clicked in this very run, by column, else None.
        """
        name, title, snapshot = query.partition(".")[2], title or self._panel_title, self.view.snapshot
        everything = {**params, "row_limit": None, "row_offset": 0}
        if self._menu:
            # The file is made later on another thread, where nobody can be asked who looks.
            sees_keys = self.sees_keys
            self._menu.offer(
                name,
                title,
                columns,
                lambda: also(source.uncached_frame(query, everything, snapshot, sees_keys=sees_keys)),
            )
        leaf = leaves.number(f"{self.id}_{name}", params)
        frame = self.frame(query, **params, row_limit=rows, row_offset=(leaf - 1) * rows)
        if frame.empty:
            figures.empty()
            return None
        total, frame = int(frame["total_count"].iloc[0]), also(frame)
        clicked = tables.draw(frame, columns, key=f"{self.id}_{name}", alt=title, select=select)
        leaves.foot(f"{self.id}_{name}", params, total=total, rows=rows, note=note(frame))
        return clicked

    def go(self, page_id: str, **codes: str | Sequence[str]) -> None:
        """Open another page with filters set: what a click on a bar or a row leads to."""
        st.switch_page(shell.page_at(page_id), query_params=links.leaving(codes, language()))
