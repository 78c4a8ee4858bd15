"""Proposals of savings as their page shows them, with money in dollars and yen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.domain.outlook import add_months
from dashboard.domain.savings import Proposal, Savings, read
from dashboard.domain.savings_reckoning import propose
from dashboard.errors import DashboardError
from dashboard.operate import promises
from dashboard.operate.journal import Journal
from dashboard.ui import faults, formats, labels, price_list, saving_ways, shell, source, stakes, tables
from dashboard.ui.cards import Card
from dashboard.ui.page import Page
from dashboard.ui.text import N_, _, following

_WHYS = {
    "exposed": N_("Billed once all the same, for what is left of the minimum time"),
    "dearer": N_("The new storage would cost more than the present one"),
    "in_hand": N_("A rule in force (lifecycle) does it by itself"),
    "no_evidence": N_("Nobody knows when it was last read"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows.

    Attributes:
        month: of the newest report.
        jpy_per_usd: of the newest month that has a rate; None without one.
    """

    savings: Savings
    entries: list[promises.Entry]
    journal: Journal
    month: date
    jpy_per_usd: Decimal | None
    rate_month: Any
    rate_source: str

    def yen(self, usd: Decimal | None) -> Decimal | None:
        return None if usd is None or self.jpy_per_usd is None else usd * self.jpy_per_usd

    def is_promised(self, proposal_id: str) -> bool:
        return any(
            item.promise.proposal_id == proposal_id and not item.promise.withdrawn_at for item in self.entries
        )


def find(page: Page) -> Found:
    """Proposals of the snapshot shown, and every promise beside its bills."""
    kinds, lots = read(page.frame("savings.lots").to_dict("records"))
    region, book = stakes.known_prices()
    stored = page.frame("savings.stored").to_dict("records")
    savings = propose(kinds, lots, stored, book, region, source.settings().records.keeping)
    clock = page.row("savings.clock")
    rate = None if formats.is_missing(clock.jpy_per_usd) else clock.jpy_per_usd
    journal = Journal(source.settings().warehouse.folder)
    return Found(
        savings,
        _entries(page, journal),
        journal,
        _day(clock.report_at).replace(day=1),
        rate,
        clock.rate_month,
        "" if formats.is_missing(clock.rate_source) else str(clock.rate_source),
    )


def _entries(page: Page, journal: Journal) -> list[promises.Entry]:
    try:
        made = promises.promises(journal)
    except DashboardError as fault:
        faults.show(fault)
        return []
    if not made:
        return []
    rows = page.frame("savings.months")
    months = [
        {str(name): None if formats.is_missing(value) else value for name, value in row.items()}
        | {"month": _day(row["month"])}
        for row in rows.to_dict("records")
    ]
    return promises.beside(made, months)


def key_figures(found: Found) -> list[Card]:
    """The cards of the page."""
    savings = found.savings
    standing = [item for item in found.entries if not item.promise.withdrawn_at]
    promised = sum((item.promise.month_usd for item in standing), Decimal(0))
    latest = max((line.month for item in found.entries for line in item.seen if line.month), default=None)
    seen = None if latest is None else promises.kept_usd(found.entries, latest)
    part = _("At list prices. Each object is counted once; see below how.")
    share = savings.month_usd / savings.stored_usd if savings.stored_usd else Decimal(0)
    of_all = _("{share} of all storage").format(share=formats.share(float(share)))
    told = _("In no bill yet") if latest is None else formats.month(latest)
    return [
        _money(
            _("Could be saved per month"), savings.month_usd, found, note=of_all, help=part, icon="savings"
        ),
        _money(
            _("Once, to do it"), savings.once_usd, found, note=_("requests, minimum times"), icon="payments"
        ),
        _money(_("Promised per month"), promised, found, note=_("accepted proposals"), icon="handshake"),
        _money(
            _("Seen in the bill"),
            seen,
            found,
            note=told,
            help=_(
                "Of what a bill can tell apart: older versions and junk. Of everything else nothing is claimed."
            ),
            icon="receipt_long",
        ),
    ]


def _money(label: str, usd: Decimal | None, found: Found, **more: Any) -> Card:
    if source.settings().money.currency == "JPY" and found.jpy_per_usd is not None:
        return Card(label, found.yen(usd), "yen", **more)
    return Card(label, usd, "money", **more)


def rows_of(found: Found, *, is_counted: bool) -> pd.DataFrame:
    """One row per proposal: those of the total, or the others."""
    chosen = [item for item in found.savings.proposals if (item.standing == "proposed") == is_counted]
    rows = [
        {
            "proposal_id": item.kind.id,
            "saving_standing": item.standing,
            "title": item.kind.title,
            "month_usd": item.month_usd,
            "month_jpy": found.yen(item.month_usd),
            "once_usd": item.once_usd,
            "pays_from": _pays_from(item, found),
            "object_count": item.object_count,
            "size_bytes": item.size_bytes,
            "why": _why(item),
        }
        for item in chosen
    ]
    columns = ("proposal_id", "saving_standing", "title", "month_usd", "month_jpy", "once_usd", "pays_from")
    frame = pd.DataFrame(rows, columns=[*columns, "object_count", "size_bytes", "why"])
    return frame.astype({"month_usd": object, "month_jpy": object, "once_usd": object})


def _pays_from(item: Proposal, found: Found) -> str:
    months = item.break_even_months
    if months is None:
        return formats.NOTHING
    if not months:
        return _("At once")
    return formats.month(add_months(found.month, months)) if months <= 600 else _("After 50 years")


def _why(item: Proposal) -> str:
    """Why a proposal is not counted, translated; '' for one that is."""
    if item.standing == "unpriced":
        names = _(", ").join(price_list.name(key) for key in item.missing)
        return _("No known price: {names}").format(names=names)
    if item.standing == "decide":
        hours = formats.count(float(item.hours))
        said = _("Readable only after up to {hours} hours; the settings (records) do not allow it")
        return said.format(hours=hours)
    if item.standing == "no_evidence" and item.kind.id == "exact_duplicate":
        return _("In another bucket, perhaps as a backup")
    return _(_WHYS[item.standing]) if item.standing in _WHYS else ""


def columns(found: Found) -> list[tables.Column]:
    """The columns of the counted proposals."""
    yen = [tables.money("month_jpy", _("Yen per month"), width=98)] if found.jpy_per_usd is not None else []
    what, month, once, *amounts = _both()
    both = [*yen, month] if source.settings().money.currency == "JPY" else [month, *yen]
    return [what, *both, once, tables.text("pays_from", _("Pays from"), width="small"), *amounts]


def other_columns() -> list[tables.Column]:
    """The columns of the others."""
    what, *rest = _both(230)
    standing = tables.code("saving_standing", _("Because"), width=110)
    return [what, standing, *rest, tables.text("why", _("Why"), width=280)]


def _both(title_width: int = 200) -> list[tables.Column]:
    return [
        tables.phrase("title", _("What to do"), width=title_width),
        tables.money("month_usd", _("Per month")),
        tables.money(
            "once_usd",
            _("Once"),
            help=_("Requests, bringing back, copies brought back, minimum times not kept"),
        ),
        tables.count("object_count", _("Objects")),
        tables.size("size_bytes", _("Size")),
    ]


def total_note(found: Found) -> None:
    """How the total is made, and at which prices and rate."""
    said = _(
        "Reckoned in this order: unfinished uploads, junk, older versions, copies, small files, cheaper storage; each "
        "on what those before it leave, so no object and no gigabyte is counted twice."
    )
    stored, unpriced = _money("", found.savings.stored_usd, found), found.savings.unpriced_bytes
    amount = formats.amount(stored.value, stored.measure)
    whole = _("All storage at list prices: {usd} a month.").format(usd=amount)
    without = _("Without a known price: {size}.").format(size=formats.size(unpriced)) if unpriced else ""
    rate = ""
    if found.jpy_per_usd is not None:
        rate = _("{rate} yen per dollar ({month}).").format(
            rate=f"{found.jpy_per_usd.normalize():f}", month=formats.month(_day(found.rate_month))
        )
    st.caption(following(said, whole, without, rate).replace("$", r"\$"))
    st.caption(stakes.sources())


def details(item: Proposal) -> None:
    """How a proposal is done, what it risks and what it rests on."""
    texts = {_("How"): item.kind.deed, _("Risk"): item.kind.risk, _("Rests on"): item.kind.basis}
    for name, words in texts.items():
        st.markdown(f"**{name}**")
        st.text(_(words))
    if why := _why(item):
        st.text(why)
    if item.days_left:
        said = _("In {days} nothing is billed for deleting early any more.")
        st.text(said.format(days=formats.days(item.days_left)))


def lots(page: Page, item: Proposal) -> None:
    """Where the objects of a proposal lie, and the way to their list."""
    rows = pd.DataFrame(
        [
            {
                "source_bucket": priced.lot.source_bucket,
                "device_id": priced.lot.device_id,
                "place": stakes.place(priced.lot.storage_class, priced.lot.access_tier),
                "object_count": priced.lot.object_count,
                "size_bytes": priced.lot.size_bytes,
                "month_usd": priced.month_usd,
                "once_usd": priced.once_usd,
            }
            for priced in item.lots
        ]
    ).astype({"month_usd": object, "once_usd": object})
    shown = [
        tables.code("device_id", _("Device")),
        tables.text("place", _("Class")),
        tables.money("month_usd", _("Per month")),
        tables.money("once_usd", _("Once")),
        tables.count("object_count", _("Objects")),
        tables.size("size_bytes", _("Size")),
        tables.text("source_bucket", _("Bucket")),
    ]
    page.table(rows, shown, name="lots", title=_("Where it lies"))
    target, codes = saving_ways.LISTS[item.kind.id]
    with st.container(horizontal=True):
        shell.link(target, _("List the objects"), codes)
        if deed := saving_ways.deed(item, page.today):
            shell.link(deed[0], _(saving_ways.WORDS[item.kind.id]), deed[1])
        if then := saving_ways.afterwards(item):
            shell.link(then[0], _(saving_ways.AFTERWARDS), then[1])
        if rule := saving_ways.RULES.get(item.kind.id):
            largest = max(item.lots, key=lambda priced: priced.lot.size_bytes)
            shell.link("lifecycle", _(rule), {"bucket": largest.lot.source_bucket})
    if command := saving_ways.command(item):
        said = _("The dashboard does not switch it on. Whoever looks after the bucket does it once, with:")
        st.caption(said)
        st.code(command, language=None, wrap_lines=True)


def choice(found: Found) -> dict[str, str]:
    """The proposals to look at, by code."""
    return {
        f"{item.kind.id}.{item.standing}": _("{what} ({more})").format(
            what=_(item.kind.title), more=labels.name("saving_standing", item.standing)
        )
        for item in found.savings.proposals
    }


def chosen(found: Found, code: str) -> Proposal:
    """The proposal with a code of `choice`."""
    return next(item for item in found.savings.proposals if f"{item.kind.id}.{item.standing}" == code)


def _day(value: Any) -> date:
    """A day of a frame, which has it as a time in some columns and as a date in others."""
    day: date = value.date() if hasattr(value, "date") else value
    return day
