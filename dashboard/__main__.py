"""The command line: the second front end on the same core as the pages."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from dashboard.commands import costs as costs_commands
from dashboard.commands import dataset as dataset_commands
from dashboard.commands import journal as journal_commands
from dashboard.commands import plan as plan_commands
from dashboard.commands import policy as policy_commands
from dashboard.commands import prices as prices_commands
from dashboard.commands import processes
from dashboard.commands import report as report_commands
from dashboard.commands import rules as rules_commands
from dashboard.commands import runs as runs_commands
from dashboard.commands import savings as savings_commands
from dashboard.commands import snapshots as snapshots_commands
from dashboard.commands import worklist as worklist_commands
from dashboard.commands.around_sync import follow_up, freshness
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import SETTINGS_VARIABLE, Settings, load_settings, settings_file
from dashboard.terminal import (
    Bars,
    FormatOption,
    MaskOption,
    SnapshotOption,
    chosen_format,
    masked_rows,
    parameters,
    print_fault,
    print_outcome,
    print_rows,
)

if TYPE_CHECKING:
    from dashboard.sync import SyncOutcome

app = typer.Typer(
    name="dashboard",
    help="Operations and cost dashboard for an image archive on Amazon S3.",
    epilog=f"The settings are read from the file that {SETTINGS_VARIABLE} names, else from ./dashboard.toml.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(costs_commands.app, name="costs")
app.add_typer(dataset_commands.app, name="dataset")
app.add_typer(rules_commands.app, name="rules")
app.add_typer(prices_commands.app, name="prices")
app.add_typer(savings_commands.app, name="savings")
app.add_typer(worklist_commands.app)
app.add_typer(journal_commands.app)
app.add_typer(plan_commands.app, name="plan")
app.command("apply")(plan_commands.apply_command)
app.add_typer(runs_commands.app, name="runs")
app.command("worker")(runs_commands.worker_command)
app.command("notify")(journal_commands.notify_command)
app.command("report")(report_commands.report_command)
app.command("policy")(policy_commands.policy_command)
app.command("snapshots")(snapshots_commands.snapshots_command)


@app.command("sync")
def sync_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
    force: Annotated[bool, typer.Option(help="Ask again for what is fresh or closed, build anew.")] = False,
    accept_shrink: Annotated[
        bool, typer.Option(help="Believe a report that lists far fewer objects than the one before it.")
    ] = False,
) -> None:
    """Bring inventory reports, costs and labels in and publish a new snapshot."""
    outcome = _sync(processes.started_settings(), is_quiet=as_json, force=force, accept_shrink=accept_shrink)
    if as_json:
        print(json.dumps(outcome.as_dict(), ensure_ascii=False, indent=1))
    else:
        print_outcome(outcome.as_dict())
    raise typer.Exit(int(outcome.exit_code))


@app.command()
def show(
    query: Annotated[str, typer.Argument(help="Page and query, such as storage.by_device_class.")] = "",
    values: Annotated[list[str] | None, typer.Argument(help="Parameters as name=value.")] = None,
    format_: FormatOption = "table",
    snapshot: SnapshotOption = None,
    mask: MaskOption = False,
) -> None:
    """Print the rows of a page query; without a query, the list of queries."""
    from dashboard.warehouse.query import page_queries

    chosen = chosen_format(format_)
    if not query:
        listed = [(item.name, ", ".join(item.params), item.purpose) for item in page_queries().values()]
        print_rows(("query", "params", "purpose"), listed, chosen)
        return
    columns, rows = _warehouse().rows(query, parameters(values or []), snapshot)
    print_rows(columns, masked_rows(columns, rows) if mask else rows, chosen)


@app.command()
def alerts(
    rule: Annotated[str | None, typer.Option(help="Only the findings of this rule.")] = None,
    format_: FormatOption = "table",
    exit_code: Annotated[bool, typer.Option(help="End with 4 if there are findings.")] = False,
    mask: MaskOption = False,
) -> None:
    """Print the findings of the alert rules, the gravest first; JSON and CSV also say what to do."""
    warehouse = _warehouse()
    known = [row[0] for row in warehouse.rows("alerts.rules")[1]]
    if rule is not None and rule not in known:
        _fail(
            DashboardError(
                ExitCode.USAGE,
                "There is no such rule",
                cause="{rule} is none of the alert rules",
                next_step="Choose one of: {known}",
                locator="queries/alerts",
                rule=rule,
                known=", ".join(known),
            )
        )
    columns, rows = warehouse.rows("alerts.findings", {"rule": rule})
    chosen = chosen_format(format_)
    if chosen == "table":
        # A line for each finding: what is the same for all of a rule would leave its key no room.
        places = [place for place, name in enumerate(columns) if name not in ("title", "remedy")]
        columns, rows = (
            [columns[place] for place in places],
            [[row[place] for place in places] for row in rows],
        )
    print_rows(columns, masked_rows(columns, rows) if mask else rows, chosen)
    if rows and exit_code:
        raise typer.Exit(int(ExitCode.FINDINGS))


_UNTRIED = "not tried: it costs money, or cannot be tried without doing it"


@app.command()
def check(format_: FormatOption = "table") -> None:
    """Check settings, credentials, each permission and the age of the data; say what to do about each failure."""
    from dashboard.aws.label_metadata import check_tables
    from dashboard.aws.permissions import check_permissions
    from dashboard.sync.outcome import no_inventory

    settings = processes.started_settings()
    rows: list[tuple[str, bool | None, str, str]] = [("settings", True, str(settings_file()), "")]
    rows.append(rules_commands.examples_row(settings))
    if not settings.inventory:
        rows.append(("inventory", False, (fault := no_inventory()).cause, fault.next_step))
    for source in settings.labels.source:
        if lost := settings.unlisted(source):
            detail = f"no report lists {', '.join(lost)}, so none of its labels finds an image"
            mend = "mend its bucket in the settings, or add an [[inventory]] block for it"
            rows.append((f"labels.source {source.id}", False, detail, mend))
    for item in (*check_permissions(settings), *check_tables(settings)):
        name = f"{item.permission.action} {item.resource}"
        if item.fault is not None:
            rows.append((name, False, item.fault.cause, item.fault.next_step))
        else:
            rows.append((name, item.is_ok, "" if item.is_ok else _UNTRIED, ""))
    rows.append(freshness(settings))
    print_rows(("check", "is_ok", "detail", "next_step"), rows, chosen_format(format_))
    if any(row[1] is False for row in rows):
        raise typer.Exit(int(ExitCode.FINDINGS))


Port = Annotated[
    int | None, typer.Option(min=1, max=65535, help="Serve there instead of at serve.port of the settings.")
]


@app.command()
def serve(
    worker: Annotated[
        bool,
        typer.Option("--worker/--no-worker", help="Carry confirmed plans out too, or leave that to others."),
    ] = True,
    port: Port = None,
) -> None:
    """Serve the pages and carry confirmed plans out, until stopped."""
    settings = processes.started_settings()
    door = port or settings.serve.port
    processes.check_port(settings.serve.address, door)
    print(f"http://{settings.serve.address}:{door}", file=sys.stderr)
    raise typer.Exit(processes.serve(door, with_worker=worker))


@app.command()
def demo(
    serve_pages: Annotated[
        bool,
        typer.Option(
            "--serve/--no-serve", help="Open the dashboard, or leave the archive running without it."
        ),
    ] = True,
    objects: Annotated[int, typer.Option(min=500, help="How many objects the archive holds.")] = 21_000,
    folder: Annotated[Path, typer.Option(help="Where the archive's dashboard.toml and warehouse go.")] = Path(
        "demo"
    ),
    port: Port = None,
) -> None:
    """Start an embedded archive full of invented images, sync it and open the dashboard."""
    from dashboard import demo as embedded
    from dashboard.settings.basics import Serve

    door = port or Serve().port
    if serve_pages:
        processes.check_port(Serve().address, door)
    with Bars() as progress:
        archive = embedded.build(folder, objects=objects, progress=progress)
    os.environ.update(embedded.environment(folder))
    try:
        outcome = _sync(load_settings(archive.settings_file))
        print_outcome(outcome.as_dict())
        if outcome.faults:
            raise typer.Exit(int(outcome.exit_code))
        if serve_pages:
            address = f"http://{Serve().address}:{door}"
            print(f"The demo archive is open at {address} (Ctrl+C ends it)", file=sys.stderr)
            typer.launch(address) if sys.stdout.isatty() else None
            raise typer.Exit(processes.serve(door, with_worker=True))
    finally:
        if serve_pages:
            archive.stop()
    print(f"The archive is running at {archive.endpoint_url}.", file=sys.stderr)
    print(f"Its settings: export {SETTINGS_VARIABLE}={archive.settings_file.absolute()}", file=sys.stderr)


def main() -> None:
    """Run the command line; a fault ends it with its own exit code and without a traceback."""
    # A service manager's stop is a Ctrl+C: what is unfinished is removed before the end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _must_be_text(sys.argv[1:])
        app()
    except DashboardError as fault:
        _fail(fault)
    except KeyboardInterrupt:
        print_fault("Stopped; what was there before is still there")
        sys.exit(int(ExitCode.INTERRUPTED))


def _must_be_text(arguments: list[str]) -> None:
    """No key, name or word is anything else, and neither DuckDB nor the journal takes it."""
    for text in arguments:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise DashboardError(
                ExitCode.USAGE,
                "The command was not understood",
                cause="The bytes of {text} are no UTF-8, and S3 has no such key",
                next_step="Set the terminal to UTF-8, or copy the text from a list",
                locator="-",
                text=text,
            ) from None


def _warehouse() -> Any:
    from dashboard.warehouse.read import Warehouse

    return Warehouse(load_settings())


def _sync(
    settings: Settings, *, is_quiet: bool = False, force: bool = False, accept_shrink: bool = False
) -> SyncOutcome:
    from dashboard.sync import sync

    gc.freeze()  # what the imports made stays: to look through all of it for garbage takes 0.07 s of one core
    try:
        with Bars(is_quiet=is_quiet) as progress:
            outcome = sync(settings, progress, force=force, accept_shrink=accept_shrink)
    finally:
        gc.unfreeze()  # else DuckDB complains at the end of what is still there
    if outcome.snapshot_id is not None:
        follow_up(settings, outcome)
    return outcome


def _fail(fault: DashboardError) -> NoReturn:
    print_fault(str(fault))
    sys.exit(int(fault.code))


if __name__ == "__main__":
    main()
