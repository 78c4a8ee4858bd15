"""`worklist`: list findings, act on them, and take them and the images to label elsewhere."""

from __future__ import annotations

import contextlib
import functools
import getpass
import inspect
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.domain import labelling as forms
from dashboard.domain.storage_classes import STORAGE_CLASSES
from dashboard.errors import DashboardError, ExitCode, not_written
from dashboard.operate import follow, labelling, worklist_views
from dashboard.operate.journal import Journal
from dashboard.operate.selection import STATES, Selection
from dashboard.operate.worklist import Action, act
from dashboard.settings import Settings, load_settings
from dashboard.terminal import FormatOption, chosen_format, plural, print_fault, print_rows

app = typer.Typer(
    name="worklist", help="Findings, who looks after them, and what was done.", no_args_is_help=True
)

Findings = Annotated[
    list[str] | None,
    typer.Argument(help="finding_id of each finding; left out: all that the options choose."),
]
Rules = Annotated[list[str] | None, typer.Option("--rule", help="Only findings of this rule (repeatable).")]
Devices = Annotated[list[str] | None, typer.Option("--device", help="Only of this device (repeatable).")]
Owners = Annotated[
    list[str] | None, typer.Option("--owner", help="Only of this owner; '' is nobody (repeatable).")
]
Severities = Annotated[list[str] | None, typer.Option("--severity", help="Only this severity (repeatable).")]
Months = Annotated[
    list[str] | None,
    typer.Option(
        "--month",
        help="Only this month, as 2026-10 (repeatable); of images also 'other': none of the last 14.",
    ),
]
Everything = Annotated[bool, typer.Option("--all", help="Allow to mean every finding that is to be done.")]
As = Annotated[str, typer.Option("--as", help="Who does it, for the journal; the system's user if left out.")]
_SHOWN = (
    *("finding_id", "severity", "title", "subject", "device_id", "owner", "state", "due_on", "age_days"),
    *("size_bytes", "reason", "month"),
)


@app.command("list")
def list_command(
    rule: Rules = None,
    device: Devices = None,
    owner: Owners = None,
    severity: Severities = None,
    month: Months = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help=f"One of {', '.join(STATES)} (repeatable); left out: open and assigned."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0: all.")] = 200,
    format_: FormatOption = "table",
) -> None:
    """List findings with owner, due date and state, the gravest first."""
    settings, journal = _opened()
    if unknown := set(state or ()) - set(STATES):
        raise typer.BadParameter(f"{sorted(unknown)} is none of {', '.join(STATES)}", param_hint="--state")
    selection = Selection(
        devices=_codes(device),
        rules=_codes(rule),
        owners=_codes(owner),
        severities=_codes(severity),
        months=_codes(month),
        states=_codes(state),
    )
    (columns, rows), total = worklist_views.listing(
        journal, selection, _clock(settings, journal), limit=limit or None
    )
    places = [columns.index(name) for name in _SHOWN]
    print_rows(_SHOWN, [[row[place] for place in places] for row in rows], chosen_format(format_))
    if total > len(rows):
        print_fault(f"{len(rows):,} of {total:,} findings; --limit 0 lists all")


def _on_findings(deed: Callable[..., Action]) -> Callable[..., None]:
    """A command that carries an action out; which findings are meant and who acts is asked alike for all of them.

    Args:
        deed: makes the action from the options of its own.
    """

    def command(
        findings: Findings = None,
        rule: Rules = None,
        device: Devices = None,
        owner: Owners = None,
        severity: Severities = None,
        month: Months = None,
        everything: Everything = False,
        as_: As = "",
        **own: Any,
    ) -> None:
        chosen = Selection(
            rules=_codes(rule),
            devices=_codes(device),
            owners=_codes(owner),
            severities=_codes(severity),
            months=_codes(month),
        )
        if findings:
            chosen = Selection(finding_ids=tuple(findings))
        elif chosen == Selection() and not everything:
            raise typer.BadParameter("name findings, choose some by rule, device, owner, ..., or say --all")
        _act(deed(**own), chosen, as_)

    first, *others, _own = inspect.signature(command, eval_str=True).parameters.values()
    options = inspect.signature(deed, eval_str=True).parameters.values()
    functools.update_wrapper(command, deed).__signature__ = inspect.Signature([first, *options, *others])  # type: ignore[attr-defined]
    return command


@app.command()
@_on_findings
def assign(
    to: Annotated[str | None, typer.Option(help="The new owner; '' takes the name away.")] = None,
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The new due date.")] = None,
    comment: Annotated[str, typer.Option(help="A word about it.")] = "",
) -> Action:
    """Give findings an owner, a due date, or both."""
    return Action("assign", owner=to, due_on=due.date() if due else None, text=comment)


@app.command()
@_on_findings
def close(reason: Annotated[str, typer.Option(help="Why it may stay as it is.")] = "") -> Action:
    """Close findings with a reason; those that are still there are shown as accepted."""
    return Action("close", text=reason)


@app.command()
@_on_findings
def snooze(
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which they come back.")
    ] = None,
    reason: Annotated[str, typer.Option(help="What is waited for.")] = "",
) -> Action:
    """Leave findings alone until a day, with a reason."""
    return Action("snooze", until=until.date() if until else None, text=reason)


@app.command()
def comment(
    findings: Annotated[list[str], typer.Argument(help="finding_id of each finding.")],
    text: Annotated[str, typer.Option(help="What is to be said.")],
    as_: As = "",
) -> None:
    """Say something about findings."""
    _act(Action("comment", text=text), Selection(finding_ids=tuple(findings)), as_)


@app.command()
def reopen(
    findings: Annotated[list[str], typer.Argument(help="finding_id of each finding.")],
    comment: Annotated[str, typer.Option(help="A word about it.")] = "",
    as_: As = "",
) -> None:
    """Take back that findings were closed or snoozed."""
    _act(Action("reopen", text=comment), Selection(finding_ids=tuple(findings)), as_)


@app.command()
def history(
    finding: Annotated[str, typer.Argument(help="finding_id.")], format_: FormatOption = "table"
) -> None:
    """Print what happened to one finding."""
    journal = _opened()[1]
    columns, rows = worklist_views.history(journal, finding)
    print_rows(columns, rows, chosen_format(format_))


@app.command()
def export(
    format_: Annotated[
        str,
        typer.Option(
            "--format", help=f"csv: the open findings. {', '.join(forms.FORMS)}: unlabelled images."
        ),
    ] = "csv",
    device: Devices = None,
    unit: Annotated[list[str] | None, typer.Option(help="Images of this unit (repeatable).")] = None,
    bucket: Annotated[list[str] | None, typer.Option(help="Images of this bucket (repeatable).")] = None,
    month: Months = None,
    owner: Owners = None,
    rule: Rules = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0: all.")] = 0,
    out: Annotated[Path | None, typer.Option(help="File to write; standard output if left out.")] = None,
) -> None:
    """Write the open findings, or the images without a label as tasks for a labelling tool."""
    settings, journal = _opened()
    if format_ == "csv":
        selection = Selection(
            devices=_codes(device), rules=_codes(rule), owners=_codes(owner), months=_codes(month)
        )
        (columns, rows), _total = worklist_views.listing(
            journal, selection, _clock(settings, journal), limit=limit or None
        )
        places = [columns.index(name) for name in _SHOWN]
        # People open it in Excel, which takes a file without the mark for one in its own code page.
        with _into(out, "utf-8-sig"):
            print_rows(_SHOWN, [[row[place] for place in places] for row in rows], "csv")
        return
    if format_ not in forms.FORMS:
        raise typer.BadParameter(f"choose csv, {', '.join(forms.FORMS)}", param_hint="--format")
    counts = {"all": 0, "archived": 0}
    archived = {item.id for item in STORAGE_CLASSES if item.is_archive}

    def counted(tasks: Iterator[forms.Task]) -> Iterator[forms.Task]:
        for task in tasks:
            counts["all"] += 1
            counts["archived"] += task.storage_class in archived
            yield task

    tasks = labelling.tasks(
        _reader(settings),
        devices=device,
        units=unit,
        buckets=bucket,
        months=[item if item == "other" else f"{item}-01" for item in month] if month else None,
        limit=limit or None,
    )
    try:
        with _into(out) as stream:
            stream.writelines(forms.written(format_, counted(tasks)))
    except ValueError as error:
        if out is not None:
            out.unlink()
        raise typer.BadParameter(f"{error}; name one", param_hint="--bucket") from None
    print_fault(f"{counts['all']:,} images, {counts['archived']:,} of them archived (restore those first)")
    if caution := forms.FORMS[format_].caution:
        print_fault(caution)


@contextlib.contextmanager
def _into(out: Path | None, encoding: str = "utf-8") -> Iterator[Any]:
    """Standard output, or the file that takes its place."""
    if out is None:
        yield sys.stdout
        return
    try:
        with out.open("w", encoding=encoding, newline="") as stream, contextlib.redirect_stdout(stream):
            yield stream
    except OSError as error:
        raise not_written(out, error) from error


def _act(action: Action, selection: Selection, actor: str) -> None:
    settings, journal = _opened()
    clock = _clock(settings, journal)
    who = actor.strip() or f"{settings.worklist.operator} ({getpass.getuser()})"
    done = act(journal, selection, action, actor=who, today=clock.today)
    print_fault(f"{plural(done.finding_count, 'finding')}, event {done.event.id}")


def _opened() -> tuple[Settings, Journal]:
    """The settings and the journal, brought up to the newest snapshot if there is one."""
    settings = load_settings()
    journal = Journal(settings.warehouse.folder)
    try:
        follow.follow(
            journal,
            _reader(settings),
            owners=settings.worklist.devices_by_owner,
            timezone=settings.archive.timezone,
        )
    except DashboardError as fault:
        if fault.code is not ExitCode.NO_SNAPSHOT or not journal.exists():
            raise
    return settings, journal


def _reader(settings: Settings) -> follow.Reader:
    from dashboard.warehouse.read import Warehouse

    return Warehouse(settings)


def _clock(settings: Settings, journal: Journal) -> worklist_views.Clock:
    return worklist_views.Clock(journal.now().astimezone(UTC), settings.archive.timezone)


def _codes(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values else None
