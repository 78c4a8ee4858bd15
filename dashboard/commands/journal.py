"""`journal`: read what was decided, prove that nothing of it was changed, and copy it; and `notify`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from dashboard.errors import ExitCode
from dashboard.operate import journal_views, notify
from dashboard.operate.journal import Journal
from dashboard.settings import load_settings
from dashboard.terminal import FormatOption, chosen_format, print_fault, print_rows

app = typer.Typer(
    name="journal", help="What was decided, by whom, and the proof of it.", no_args_is_help=True
)


@app.command("list")
def list_command(
    kind: Annotated[
        list[str] | None,
        typer.Option(help='Only this kind; "findings." for all that begin so. May be given again.'),
    ] = None,
    actor: Annotated[
        list[str] | None,
        typer.Option(help='Only what this one did; "worker": any worker. May be given again.'),
    ] = None,
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, archive's clock.")
    ] = None,
    to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, archive's clock.")
    ] = None,
    subject: Annotated[str, typer.Option(help="Only subjects that contain this.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    format_: FormatOption = "table",
) -> None:
    """List events, oldest first."""
    settings = load_settings()
    wanted = journal_views.Wanted.of_days(
        settings.archive.timezone,
        from_ and from_.date(),
        to and to.date(),
        kinds=kind,
        actors=actor,
        subject=subject,
    )
    lines, _count = journal_views.listing(Journal(settings.warehouse.folder), wanted, limit=limit)
    rows = [
        (item.id, item.at, item.actor, item.kind, item.subject, json.dumps(item.payload, ensure_ascii=False))
        for item, _key in reversed(lines)
    ]
    print_rows(("id", "at", "actor", "kind", "subject", "payload"), rows, chosen_format(format_))


@app.command()
def verify(
    expect: Annotated[
        str, typer.Option(help="NUMBER:HASH of an event, noted elsewhere (every sync prints one).")
    ] = "",
    format_: FormatOption = "table",
) -> None:
    """Check every event against the chain of hashes; end with 60 if one was changed, removed or inserted."""
    expected = None
    if expect:
        number, _colon, digest = expect.partition(":")
        if not number.isdigit() or len(digest) != 64:
            raise typer.BadParameter("looks like 12:5feceb66…, with all 64 characters", param_hint="--expect")
        expected = (int(number), digest)
    verdict = _journal().verify(expected)
    rows = [(verdict.event_count, verdict.head, not verdict.faults)]
    print_rows(("event_count", "head", "is_whole"), rows, chosen_format(format_))
    if verdict.let_go_count:
        print_fault(
            f"plans that nobody confirmed, whose objects were let go a month later: {verdict.let_go_count:,}"
        )
    for fault in verdict.faults:
        print_fault(fault)
    if verdict.faults:
        raise typer.Exit(int(ExitCode.JOURNAL_DAMAGED))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")]) -> None:
    """Copy the journal while it is in use; a plain copy of the file would miss its newest events."""
    _journal().back_up(file)


def notify_command(
    test: Annotated[
        bool, typer.Option("--test", help="Send a test message to every address, at once.")
    ] = False,
    format_: FormatOption = "table",
) -> None:
    """Send the digests of new findings that are due; `sync` does it too."""
    settings = load_settings()
    found = notify.test(settings) if test else notify.notify(settings, Journal(settings.warehouse.folder))
    rows = [(item.name, item.status, item.finding_count, item.detail) for item in found]
    print_rows(("name", "status", "finding_count", "detail"), rows, chosen_format(format_))
    if not settings.notify:
        print_fault("The settings have no [[notify]]; dashboard.example.toml shows one")
    if any(item.status in {"failed", "no_address"} for item in found):
        raise typer.Exit(int(ExitCode.NOT_DELIVERED))


def _journal() -> Journal:
    return Journal(load_settings().warehouse.folder)
