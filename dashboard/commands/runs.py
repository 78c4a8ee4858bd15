"""`runs` and `worker`: what became of confirmed plans, and the process that carries them out."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime
from typing import Annotated

import typer

from dashboard.commands.plan_options import As, Wanted, names_of, opened, who
from dashboard.commands.processes import started_settings
from dashboard.operate import batch_jobs, copies, runs
from dashboard.terminal import FormatOption, chosen_format, print_fault, print_rows

app = typer.Typer(help="What became of confirmed plans.", no_args_is_help=True)


@app.command("list")
def runs_list(
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    format_: FormatOption = "table",
) -> None:
    """List plans and their runs, the newest first."""
    names = (
        "digest",
        "action",
        "state",
        "cause",
        "object_count",
        "done",
        "failed",
        "stale",
        "unknown",
        "confirmed_by",
        "confirmed_at",
        "why",
    )
    rows = [
        (
            run.digest,
            run.header["action"],
            run.state or "planned",
            run.cause,
            run.header["object_count"],
            *(run.counts.get(state, 0) for state in ("done", "failed", "stale", "unknown")),
            run.confirmed_by,
            run.confirmed_at,
            run.why,
        )
        for run in runs.listed(opened()[1], limit=limit)
    ]
    print_rows(names, rows, chosen_format(format_))


@app.command("show")
def runs_show(
    wanted: Wanted,
    state: Annotated[
        list[str] | None,
        typer.Option(help="Only items in this state: done, failed, stale, …; may be given again."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0: all.")] = 200,
    format_: FormatOption = "table",
) -> None:
    """Print what became of each object of a run, and how far its copy is."""
    _settings, journal = opened()
    run = runs.one(journal, wanted)
    rows = runs.outcomes(journal, run.digest, states=tuple(state or ()), limit=limit or None)
    names = (
        "bucket",
        "key",
        "version_id",
        "size_bytes",
        "state",
        "code",
        "copy_state",
        "ready_until",
        "checked_at",
        "request_id",
    )
    print_rows(names, [[row[name] for name in names] for row in rows], chosen_format(format_))
    for job in batch_jobs.of_run(journal, run.digest):
        print_fault(
            f"job {job.job_id or job.number}: {job.state} {job.cause}".strip()
            + f", {job.succeeded_count:,} done and {job.failed_count:,} failed of {job.object_count:,}"
        )
    counted = ", ".join(f"{count:,} {name}" for name, count in sorted(run.counts.items())) or "nothing yet"
    copied = copies.counts(journal, run.digest, datetime.now(UTC))
    board = ", ".join(f"{count:,} {name}" for name, count in sorted(copied.items()))
    print_fault(
        f"{run.state or 'planned'} {run.cause}".strip()
        + f": {counted}"
        + (f"; copies: {board}" if board else "")
    )


def _deed_command(deed: runs.Deed, words: str) -> None:
    def command(wanted: Wanted, actor: As = "") -> None:
        settings, journal = opened()
        run = runs.want(journal, settings, wanted, deed, actor=who(settings, actor), names=names_of(settings))
        print_fault(f"{deed}: wanted; the run is {run.state}")

    command.__doc__ = words
    app.command(deed)(command)


_deed_command("pause", "Let a run rest; requests that are under way are finished.")
_deed_command("resume", "Let a run that rests or was stopped go on.")
_deed_command("cancel", "End a run; what was asked for already stays asked for.")


def worker_command(
    until_idle: Annotated[bool, typer.Option(help="End when nothing is queued.")] = False,
) -> None:
    """Carry confirmed plans out, until stopped. One runs for a warehouse; it may be ended at any moment."""
    from dashboard.operate.worker import work

    settings = started_settings()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(settings, stop, until_idle=until_idle)
