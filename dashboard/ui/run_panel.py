"""The Runs page's parts: the list, one run that moves, its copies, and the buttons that hold it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.errors import DashboardError
from dashboard.operate import batch_jobs, copies, runs
from dashboard.operate.batch_jobs import Job
from dashboard.operate.runs import Deed, Run
from dashboard.ui import faults, formats, labels, links, operator, plan_words, source, tables
from dashboard.ui.plan_panel import SHOWN_ITEMS, journal
from dashboard.ui.text import N_, _, language, said_of, speak

EVERY_SECONDS = 2
_TOLD = "runs_told"
DEEDS: dict[Deed, tuple[str, str]] = {
    "pause": (N_("Pause"), "pause"),
    "resume": (N_("Resume"), "play_arrow"),
    "cancel": (N_("Cancel the run"), "cancel"),
}
_OFFERED: dict[str, tuple[Deed, ...]] = {
    "waiting": ("cancel",),
    "queued": ("pause", "cancel"),
    "running": ("pause", "cancel"),
    "paused": ("resume", "cancel"),
    "stopped": ("resume", "cancel"),
}


def listed() -> pd.DataFrame:
    """Plans and runs, the newest first."""
    rows = [
        {
            "digest": run.digest,
            "action": run.header["action"],
            "run_state": run.state,
            "made_at": _plain(datetime.fromisoformat(run.header["made_at"])),
            "object_count": run.header["object_count"],
            "size_bytes": run.header["size_bytes"],
            "done_count": run.counts.get("done", 0),
            "other_count": sum(run.counts.get(state, 0) for state in ("failed", "stale", "unknown", "left")),
            "confirmed_by": run.confirmed_by,
            "approved_by": run.approved_by,
            "why": run.why,
        }
        for run in runs.listed(journal())
    ]
    names = (
        "digest",
        "action",
        "run_state",
        "made_at",
        "object_count",
        "size_bytes",
        "done_count",
        "other_count",
    )
    return pd.DataFrame(rows, columns=[*names, "confirmed_by", "approved_by", "why"])


def worker_note() -> None:
    """Say so when no worker is at work."""
    if runs.is_worker_silent(journal()):
        st.warning(
            _("No worker is at work, so confirmed plans wait. Start one: `python -m dashboard worker`"),
            icon=":material/warning:",
        )


def chosen() -> Run | None:
    """The run that the address names, if there is one."""
    faults.tell(st.session_state.pop(_TOLD, None), "run")
    key = links.seed("run", str, "")
    if not st.session_state[key]:
        return None
    try:
        run = runs.one(journal(), str(st.session_state[key]))
    except DashboardError as fault:
        faults.show(fault)
        return None
    links.note("run", run.digest)
    return run


def follow(run: Run) -> None:
    """Progress of a run, renewed by itself until it is over, and its buttons."""
    code = language()

    @st.fragment(run_every=None if run.is_over or not run.state else EVERY_SECONDS)
    def live() -> None:
        speak(code)
        now = runs.one(journal(), run.digest)
        total = int(run.header["object_count"])
        waiting = sum(now.counts.get(state, 0) for state in ("todo", "calling"))
        over = total - waiting if now.counts else 0
        jobs = batch_jobs.of_run(journal(), run.digest)
        # S3 has done these already; which ones they are stands in its report.
        over += sum(job.succeeded_count + job.failed_count for job in jobs if not job.is_over)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(labels.name("run_state", now.state), color=_COLORS.get(now.state, "gray"))
            st.text(_("{over} of {total}").format(over=formats.count(over), total=formats.count(total)))
        st.progress(over / total if total else 0.0)
        if now.cause:
            cause, _space, detail = now.cause.partition(" ")
            if now.begins_after:
                detail = formats.when(now.begins_after, source.settings().archive.timezone)
            st.text(f"{labels.name('run_cause', cause)} {detail}".strip())
        for job in jobs:
            st.text(_job(job))
        counts = copies.counts(journal(), run.digest, datetime.now(UTC))
        st.text(
            " · ".join(
                said_of(labels.name(column, state), formats.count(count))
                for column, found in (("item_state", now.counts), ("copy_state", counts))
                for state, count in sorted(found.items())
            )
        )
        if now.is_over and not run.is_over:
            st.rerun()

    live()
    offered: tuple[Deed, ...] = ("cancel",) if run.begins_after else _OFFERED.get(run.state, ())
    if offered:
        may = operator.may("operate") or operator.may("approve")
        with st.container(horizontal=True):
            for deed in offered:
                name, icon = DEEDS[deed]
                st.button(
                    _(name), key=f"run_{deed}", icon=f":material/{icon}:", disabled=not may, on_click=_want,
                    args=(run.digest, deed),
                )  # fmt: skip


def _job(job: Job) -> str:
    """One job of S3 Batch Operations: which, how far, and what S3 says."""
    words = [_("Job {job_id}").format(job_id=job.job_id or job.number), labels.name("job_state", job.state)]
    if job.job_id:
        done = formats.count(job.succeeded_count + job.failed_count)
        words.append(_("{over} of {total}").format(over=done, total=formats.count(job.object_count)))
    if job.failed_count:
        words.append(_("{count} failed").format(count=formats.count(job.failed_count)))
    return " · ".join([*words, job.cause] if job.cause else words)


_COLORS: dict[str, Any] = {
    "finished": "green",
    "running": "blue",
    "queued": "blue",
    "paused": "orange",
    "stopped": "red",
    "waiting": "orange",
}


def outcomes(run: Run) -> pd.DataFrame:
    """The first objects of a run with what became of each."""
    rows = runs.outcomes(journal(), run.digest, limit=SHOWN_ITEMS)
    names = {"bucket": "source_bucket", "target": "target_key", "state": "item_state", "code": "outcome_code"}
    frame = pd.DataFrame(
        rows,
        columns=list(rows[0])
        if rows
        else [*names, "key", "size_bytes", "copy_state", "ready_until", "checked_at", "request_id"],
    )
    for name in ("ready_until", "checked_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.tz_localize(None)
    return frame.rename(columns=names)


def columns(run: Run) -> list[tables.Column]:
    """Columns of the objects of a run: what became of each, and for its action what else is of interest."""
    action = run.header["action"]
    shown = [
        tables.text("key", _("Key"), width=330),
        tables.size("size_bytes", _("Size")),
        tables.code("item_state", _("State"), width=110),
        tables.code("outcome_code", _("Outcome"), width=230),
    ]
    if action == "rename":
        shown.insert(1, tables.text("target_key", plan_words.target(run.header), width=330))
    if action == "restore":
        shown.append(tables.code("copy_state", _("Copy")))
        shown += [tables.time("ready_until", _("Ready until")), tables.time("checked_at", _("Asked at"))]
    return [*shown, tables.text("request_id", _("Request id")), tables.text("source_bucket", _("Bucket"))]


def _want(digest: str, deed: Deed) -> None:
    try:
        runs.want(journal(), source.settings(), digest, deed, actor=operator.name(), names=operator.names())
    except DashboardError as fault:
        st.session_state[_TOLD] = fault


def _plain(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
