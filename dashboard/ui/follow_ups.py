"""What can be planned from a run that is over: its undoing, or that its copies stay longer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import streamlit as st

from dashboard.domain.plan import Plan
from dashboard.errors import DashboardError
from dashboard.operate import copies, label_change, plans, restore, runs
from dashboard.operate.runs import Run
from dashboard.ui import faults, lifecycle_effect, operator, source
from dashboard.ui.plan_panel import journal
from dashboard.ui.text import _

Planned = tuple[str, str]
"""The page that shows a plan, and its digest."""


def draw(run: Run) -> Planned | None:
    """The button of what can follow a run; where to read the plan, once it was clicked."""
    offer = _OFFERS.get(run.header["action"])
    if offer is None or not run.is_over or not run.header["object_count"]:
        return None
    page, draft = offer(run)
    if draft is None:
        return None
    try:
        return page, plans.keep(journal(), draft()).digest
    except DashboardError as fault:
        faults.show(fault)
        return None


Draft = Callable[[], Plan] | None


def _labels(run: Run) -> tuple[str, Draft]:
    said = _(
        "Plans to give the labels that it set their former values; nothing is done before that is confirmed"
    )
    if not st.button(_("Undo…"), key="run_undo", icon=":material/undo:", help=said):
        return "change", None
    return "change", lambda: label_change.plan_undo(
        source.settings(), journal(), run.digest, made_by=operator.acting("operate")
    )


def _restore(run: Run) -> tuple[str, Draft]:
    if not copies.counts(journal(), run.digest, datetime.now(UTC)).get("ready"):
        return "restore", None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        days = st.number_input(
            _("Days from now"), 1, restore.MOST_DAYS, 7, key="extend_days", width=180, persist_state="session"
        )
        said = _("Plans to keep the copies longer; nothing is done before that is confirmed")
        if not st.button(
            _("Keep the copies longer…"), key="run_extend", icon=":material/more_time:", help=said
        ):
            return "restore", None
    return "restore", lambda: restore.plan_extension(
        source.settings(),
        runs.items_of(journal(), run.digest),
        days=int(days),
        made_by=operator.acting("operate"),
        extends=run.digest,
    )


def _lifecycle(run: Run) -> tuple[str, Draft]:
    # What failed may have been written all the same, and then the way back is needed most.
    if not (run.counts.get("done") or run.counts.get("failed") or run.counts.get("unknown")):
        return "lifecycle", None
    return "lifecycle", lifecycle_effect.way_back(run.digest)


_OFFERS: Mapping[str, Callable[[Run], tuple[str, Draft]]] = {
    "labels": _labels,
    "lifecycle": _lifecycle,
    "restore": _restore,
}
