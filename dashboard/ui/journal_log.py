"""The Journal page's parts: its filters, what each event says in words, and the proof of the chain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.domain.plan import total
from dashboard.errors import DashboardError
from dashboard.operate import journal_views
from dashboard.operate.journal import Verdict
from dashboard.operate.journal_views import Line, Wanted
from dashboard.ui import faults, figures, filters, formats, labels, leaves, links, source, tables
from dashboard.ui.page import LISTING_ROWS, Page
from dashboard.ui.plan_panel import journal
from dashboard.ui.text import N_, _, said_of

_VERDICT = "journal_verdict"
_TEXTS: dict[str, str] = {
    "why": N_("Reason"),
    "reason": N_("Reason"),
    "text": N_("Words"),
    "note": N_("Words"),
    "owner": N_("Owner"),
    "due_on": N_("Due date"),
    "until": N_("Until"),
    "month": N_("Month"),
}
_COUNTS: dict[str, str] = {
    "finding_count": N_("Findings"),
    "seen_count": N_("Findings"),
    "opened_count": N_("Found"),
    "returned_count": N_("Found again, reopened"),
    "gone_count": N_("No longer found, closed by itself"),
    "object_count": N_("Objects"),
}


def wanted(page: Page) -> Wanted:
    """The filters of the page, kept in the address."""
    zone = ZoneInfo(page.view.timezone)
    names = ("events", "actors", "period")
    # The journal goes on after the newest report: its days end today.
    chosen = filters.row(
        names,
        today=dt.datetime.now(zone).date(),
        options=lambda _name: journal_views.actors(journal()),
        fields={"subject": _subject},
    )
    groups = chosen["events"]
    return Wanted.of_days(
        page.view.timezone,
        chosen.from_on,
        chosen.to_on,
        kinds=groups and [f"{group}." for group in groups],
        actors=chosen["actors"],
        subject=chosen.fields["subject"],
        sees_keys=page.sees_keys,
    )


def _subject() -> str:
    key = links.seed("subject", lambda text: text[:1024], "")
    given = st.text_input(
        _("Subject contains"), key=key, persist_state="session", max_chars=1024, width=300,
        placeholder=_("A digest, a snapshot, a key"),
    )  # fmt: skip
    links.note("subject", given)
    return str(given)


def events(page: Page, chosen: Wanted) -> dict[str, Any] | None:
    """The list, one leaf at a time; the export menu has all of it. Returns the row clicked in this very run."""
    columns = [
        tables.count("id", _("No."), width=48),
        tables.time("at", _("When"), width=124),
        tables.text("actor", _("Who"), width=110),
        tables.code("event_kind", _("Event"), width=250),
        tables.text("subject", _("Subject"), width=110),
        tables.text("says", _("What it says"), width="large"),
        tables.text("hash", _("Hash"), width=120),
    ]
    sees_keys, log = page.sees_keys, journal()

    def whole() -> pd.DataFrame:
        return _frame(
            journal_views.listing(log, chosen)[0], lambda frame: source.masked(frame, sees_keys=sees_keys)
        )

    page.offer_later(columns, name="events", title=_("Journal"), fetch=whole)
    params = {"wanted": repr(chosen)}
    leaf = leaves.number("journal_events", params)
    lines, count = journal_views.listing(log, chosen, limit=LISTING_ROWS, offset=(leaf - 1) * LISTING_ROWS)
    if not lines:
        figures.empty(_("Nothing was written down that matches these filters."))
        return None
    frame = _frame(lines, page.masked)
    # A list that has grown is another list: the row chosen before may be another one now.
    key = f"journal_events_{lines[0].event.id}_{leaf}"
    clicked = tables.draw(frame, columns, key=key, alt=_("Events"), select=True)
    leaves.foot("journal_events", params, total=count, rows=LISTING_ROWS)
    return clicked


def run_of(row: Mapping[str, Any]) -> str:
    """The digest of the plan or run that a row is about; '' for other rows."""
    return str(row["subject"]) if str(row["event_kind"]).startswith(("plan.", "run.")) else ""


def proof() -> None:
    """Whether the chain is whole, the end of it to be noted elsewhere, and how to copy the journal."""
    log = journal()
    last = log.events(limit=1)
    if not last:
        figures.empty(_("Nothing was written down yet."))
        return
    head = f"{last[0].id}:{last[0].hash}"
    st.button(_("Check the chain"), icon=":material/verified:", key="verify", on_click=_verify)
    told = st.session_state.get(_VERDICT)
    if isinstance(told, DashboardError):
        faults.show(told)
    elif told is not None:
        _say(*told)
    st.text(_("The last event, as number and hash. Note it where nobody who may write here can change it:"))
    st.code(head, language=None, wrap_lines=True)
    st.text(_("Later this proves that nothing was changed or cut off since:"))
    st.code(f"python -m dashboard journal verify --expect {head}", language=None, wrap_lines=True)
    st.text(_("Copy the journal while it is in use (a plain copy of the file would miss its newest events):"))
    st.code("python -m dashboard journal backup FILE", language=None, wrap_lines=True)


def _verify() -> None:
    try:
        verdict = journal().verify()
    except DashboardError as fault:
        st.session_state[_VERDICT] = fault
        return
    st.session_state[_VERDICT] = (verdict, dt.datetime.now(dt.UTC))


def _say(verdict: Verdict, at: dt.datetime) -> None:
    when = formats.when(at, source.settings().archive.timezone)
    if verdict.let_go_count:
        said = _("Plans that nobody confirmed, whose objects were let go a month later: {count}")
        st.caption(said.format(count=formats.count(verdict.let_go_count)))
    if not verdict.faults:
        said = _("Whole: {count} events, each as it was written. Checked {moment}.")
        st.success(
            said.format(count=formats.count(verdict.event_count), moment=when), icon=":material/verified:"
        )
        return
    st.error(
        _("Not whole. Somebody or something changed the file. Checked {moment}.").format(moment=when),
        icon=":material/gpp_bad:",
    )
    for fault in verdict.faults:
        st.text(fault)
    st.text(_("Keep the file as it is, and compare it with the last backup."))


def _frame(lines: list[Line], mask: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """Events as rows: id, at, actor, event_kind, subject, says, hash."""
    # Only what people wrote and keys are masked; a digest may look like anything.
    written = [
        {"key": line.key, **{name: str(line.event.payload.get(name) or "") for name in _TEXTS}}
        for line in lines
    ]
    said = mask(pd.DataFrame(written, columns=["key", *_TEXTS])).to_dict("records")
    rows = [
        {
            "id": event.id,
            "at": event.at.astimezone(dt.UTC).replace(tzinfo=None),
            "actor": event.actor,
            "event_kind": event.kind,
            "subject": words["key"] if key else event.subject,
            "says": _says(event.payload, words),
            "hash": event.hash,
        }
        for (event, key), words in zip(lines, said, strict=True)
    ]
    return pd.DataFrame(rows, columns=["id", "at", "actor", "event_kind", "subject", "says", "hash"])


def _says(payload: Mapping[str, Any], written: Mapping[Any, Any]) -> str:
    """What an event says, in words; digests and what it rests on are for the command line."""
    parts = []
    if "action" in payload:
        parts.append(labels.name("action", payload["action"]))
    parts += [said_of(_(label), written[name]) for name, label in _TEXTS.items() if written[name]]
    parts += [
        said_of(_(label), formats.count(payload[name]))
        for name, label in _COUNTS.items()
        if payload.get(name)
    ]
    if "size_bytes" in payload:
        parts.append(formats.size(payload["size_bytes"]))
    if "costs" in payload:
        parts.append(said_of(_("Price"), formats.money(total(payload["costs"])[0])))
    if "month_usd" in payload:
        parts.append(said_of(_("Per month"), formats.money(Decimal(payload["month_usd"]))))
    if payload.get("cause"):
        cause, _space, detail = str(payload["cause"]).partition(" ")
        parts.append(f"{labels.name('run_cause', cause)} {detail}".strip())
    for state, codes in payload.get("outcome_counts", {}).items():
        parts.append(f"{labels.name('item_state', state)}: {formats.count(sum(codes.values()))}")
    return " · ".join(parts)
