"""`plan` and `apply`: say what would be done to the archive, and confirm it."""

from __future__ import annotations

import getpass
import json
import sys
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.errors import ExitCode
from dashboard.operate import plans, restore, runs
from dashboard.operate.journal import Journal
from dashboard.operate.plans import KeptPlan
from dashboard.settings import Settings, load_settings
from dashboard.terminal import FormatOption, chosen_format, print_fault, print_rows

app = typer.Typer(
    help="Say what would be done to which objects and what it costs; nothing is done.", no_args_is_help=True
)

Wanted = Annotated[str, typer.Argument(help="Digest of the plan, or its first 12 digits at least.")]
As = Annotated[str, typer.Option("--as", help="Who does it, for the journal; the system's user if left out.")]
_ITEMS = ("bucket", "key", "version_id", "e_tag", "storage_class", "access_tier", "size_bytes", "refusal")


@app.command("restore")
def plan_restore(
    device: Annotated[list[str] | None, typer.Option(help="Device; may be given again.")] = None,
    storage_class: Annotated[
        list[str] | None, typer.Option("--class", help="Storage class; may be given again.")
    ] = None,
    access_tier: Annotated[
        list[str] | None,
        typer.Option("--tier", help="Access tier in Intelligent-Tiering; may be given again."),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Kind, such as image or noncurrent_version; may be given again.")
    ] = None,
    bucket: Annotated[str | None, typer.Option(help="Only in this bucket.")] = None,
    prefix: Annotated[
        str | None, typer.Option(help="Only keys that begin so; '' means every key, and has to be said.")
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(help="File with one key or s3://bucket/key per line; '-' reads them from the input."),
    ] = None,
    extend: Annotated[
        str, typer.Option(help="Keep the copies of this run longer, and restore nothing else.")
    ] = "",
    speed: Annotated[str, typer.Option(help="bulk, standard or expedited.")] = "standard",
    days: Annotated[int, typer.Option(min=1, max=restore.MOST_DAYS, help="How long the copies stay.")] = 7,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan a restore of archived objects: by device, class, prefix, list of keys; print it with its digest."""
    from dashboard.warehouse.read import Warehouse

    chosen = chosen_format(format_)
    settings, journal = opened()
    if speed not in restore.SPEEDS:
        raise typer.BadParameter(f"choose one of {', '.join(restore.SPEEDS)}", param_hint="--speed")
    by = who(settings, actor)
    if extend:
        items = runs.items_of(journal, plans.find(journal, extend).digest)
        made = restore.plan_extension(settings, items, days=days, made_by=by)
    else:
        choice = restore.Choice(
            _codes(device),
            _codes(storage_class),
            _codes(access_tier),
            _codes(kind),
            bucket,
            prefix or "",
            None if keys is None else tuple(_lines(keys)),
        )
        if prefix is None and choice == restore.Choice():
            raise typer.BadParameter(
                "say which objects: at least one of --device, --class, --prefix, --keys, …"
            )
        made = restore.make_plan(settings, Warehouse(settings), choice, speed=speed, days=days, made_by=by)
    kept = plans.keep(journal, made)
    _print_plan(kept, plans.items(journal, kept, is_refused=True), chosen)


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
        print_rows(_ITEMS, [*plans.items(journal, kept, is_refused=False), *refused], chosen)
    else:
        _print_plan(kept, refused, chosen)


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
    if state == "queued" and runs.is_worker_silent(journal):
        print_fault("no worker is running; start one: python -m dashboard worker")
    if wait:
        _wait(journal, done.plan.digest)


def opened() -> tuple[Settings, Journal]:
    """The settings and the journal of their warehouse."""
    settings = load_settings()
    return settings, Journal(settings.warehouse.folder)


def who(settings: Settings, actor: str) -> str:
    """The name for the journal."""
    return actor.strip() or f"{settings.worklist.operator} ({getpass.getuser()})"


def names_of(settings: Settings) -> frozenset[str] | None:
    """The system's user, where the settings say who may act."""
    return frozenset({getpass.getuser().casefold()}) if settings.operate.operators else None


def _codes(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values else None


def _lines(file: Path) -> Iterator[str]:
    text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    yield from (line.rstrip("\r") for line in text.split("\n") if line.strip())


def _print_plan(kept: KeptPlan, refused: Sequence[tuple[Any, ...]], format_: Any) -> None:
    header = kept.header
    if format_ == "json":
        print(json.dumps({"digest": kept.digest, **header}, ensure_ascii=False, indent=1))
        return
    names = ("what", "place", "amount", "unit", "usd")
    print_rows(names, [[_plain(part[name]) for name in names] for part in header["costs"]], format_)
    if refused:
        print_rows(("refused", "bucket", "key"), [(row[7], row[0], row[1]) for row in refused[:50]], format_)
    usd, unknown_count = kept.usd
    price = f"{_plain(format(usd, 'f'))} USD" + (
        f" and {unknown_count} parts without a known price" if unknown_count else ""
    )
    calls = ", ".join(f"{count:,} {name}" for name, count in header["calls"].items())
    for line in (
        f"{header['action']} {json.dumps(header['params'])}: {kept.object_count:,} objects, {kept.size_bytes:,} bytes",
        f"price: {price}; usually within {_plain(header['hours'])} hours",
        f"calls: {calls}; needs {', '.join(header['permissions'])}",
        f"refused: {json.dumps(header['refused_counts'])}",
        f"rests on snapshot {header['basis']['snapshot'].partition(' ')[0]}; "
        f"may be confirmed until {header['expires_at']}",
        f"To carry it out: python -m dashboard apply {kept.digest} --why REASON",
    ):
        print_fault(line)


def _plain(text: str | None) -> str:
    """A decimal number without digits that say nothing."""
    if text is None or not text.replace(".", "").isdigit():
        return text or "unknown"
    return format(Decimal(text).quantize(Decimal("0.000001")).normalize(), "f")


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
