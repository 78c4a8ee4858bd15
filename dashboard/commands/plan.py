"""`plan` and `apply`: say what would be done to the archive, and confirm it."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from dashboard.commands.plan_class import plan_class_command
from dashboard.commands.plan_clean import COMMANDS as CLEAN_COMMANDS
from dashboard.commands.plan_labels import plan_labels_command
from dashboard.commands.plan_lifecycle import plan_lifecycle_command, tell
from dashboard.commands.plan_options import As, Wanted, names_of, opened, print_plan, who
from dashboard.commands.plan_rename import plan_rename_command
from dashboard.commands.plan_restore import plan_restore_command, plan_restore_dataset_command
from dashboard.errors import ExitCode
from dashboard.operate import lifecycle_known, plans, runs
from dashboard.operate.journal import Journal
from dashboard.terminal import FormatOption, chosen_format, print_fault, print_rows

app = typer.Typer(
    help="Say what would be done to which objects and what it costs; nothing is done.", no_args_is_help=True
)
app.command("class")(plan_class_command)
app.command("labels")(plan_labels_command)
app.command("rename")(plan_rename_command)
app.command("restore")(plan_restore_command)
app.command("restore-dataset")(plan_restore_dataset_command)
for name, command in CLEAN_COMMANDS.items():
    app.command(name)(command)
app.command("lifecycle")(plan_lifecycle_command)

_ITEMS = (
    *("bucket", "key", "version_id", "e_tag", "storage_class"),
    *("access_tier", "size_bytes", "refusal", "target"),
)


@app.command("show")
def plan_show(
    wanted: Wanted,
    items: Annotated[bool, typer.Option("--items", help="Print every object instead.")] = False,
    format_: FormatOption = "table",
) -> None:
    """Print a plan that was made before."""
    chosen = chosen_format(format_)
    _settings, journal = opened()
    kept = plans.find(journal, wanted)
    refused = plans.items(journal, kept, is_refused=True)
    if items:
        acted = plans.items(journal, kept, is_refused=False)
        print_rows(_ITEMS, [*acted, *refused], chosen)
        if kept.object_count and not acted:
            print_fault("nobody confirmed it in time, so its list of objects was let go")
    else:
        print_plan(kept, refused, chosen)
        if kept.header["action"] == lifecycle_known.NAME and chosen != "json":
            tell(kept.header["params"])


def apply_command(
    digest: Annotated[str, typer.Argument(help="All 64 digits of the plan that was read.")],
    why: Annotated[str, typer.Option(help="The reason, for the journal.")],
    wait: Annotated[
        bool, typer.Option(help="Wait for the outcome; end with 67 unless everything was done.")
    ] = False,
    actor: As = "",
) -> None:
    """Confirm a plan: the worker carries it out. The same plan runs once, however often it is confirmed."""
    settings, journal = opened()
    done = plans.confirm(
        journal, settings, digest, actor=who(settings, actor), names=names_of(settings), why=why
    )
    state = done.plan.state
    print_fault(
        f"confirmed before, by {done.plan.confirmed_by}; nothing was queued again ({state})"
        if done.is_repeated
        else "waits for a second person to confirm it"
        if state == "waiting"
        else f"queued: {done.plan.object_count:,} objects"
    )
    if until := runs.one(journal, done.plan.digest).begins_after:
        print_fault(
            f"begins after {until:%Y-%m-%d %H:%M:%S} UTC; until then: runs cancel {done.plan.digest[:12]}"
        )
    if state == "queued" and runs.is_worker_silent(journal):
        print_fault("no worker is running; start one: python -m dashboard worker")
    if wait:
        _wait(journal, done.plan.digest)


def _wait(journal: Journal, digest: str) -> None:
    while not (run := runs.one(journal, digest)).is_over and run.state not in {
        "paused",
        "stopped",
        "waiting",
    }:
        time.sleep(0.5)
    counted = ", ".join(f"{count:,} {name}" for name, count in sorted(run.counts.items()))
    print_fault(f"{run.state} {run.cause}".strip() + f": {counted}")
    if run.state != "finished" or set(run.counts) - {"done"}:
        raise typer.Exit(int(ExitCode.RUN_INCOMPLETE))
