"""The command line's `savings`: what could be saved, ranked, with what it costs and risks; and what was promised."""

from __future__ import annotations

import getpass
from decimal import Decimal
from typing import Annotated, Any

import typer

from dashboard.domain.savings import Savings
from dashboard.settings import Settings, load_settings
from dashboard.terminal import FormatOption, SnapshotOption, chosen_format, print_fault, print_rows

app = typer.Typer(
    help="What could be saved, and what was promised.",
    pretty_exceptions_enable=False,
    invoke_without_command=True,
)

COLUMNS = (
    "proposal_id",
    "standing",
    "title",
    "month_usd",
    "month_jpy",
    "once_usd",
    "break_even_months",
    "object_count",
    "size_bytes",
    "days_left",
    "missing_prices",
    "action",
    "deed",
    "risk",
    "basis",
)
_IN_A_TABLE = COLUMNS[:10]
LEDGER = (
    *(
        "number",
        "proposal_id",
        "accepted_at",
        "withdrawn_at",
        "actor",
        "month",
        "promised_usd",
        "seen_usd",
        "verdict",
    ),
    *("why", "seen_jpy", "former_usd", "billed_usd", "is_estimated"),
)
As = Annotated[str, typer.Option("--as", help="Who does it, for the journal; the system's user if left out.")]


@app.callback()
def savings(
    context: typer.Context,
    snapshot: SnapshotOption = None,
    format_: FormatOption = "table",
) -> None:
    """Print every proposal: the counted ones first, the largest first; JSON and CSV also say how and what it risks."""
    if context.invoked_subcommand is not None:
        return
    settings, form = load_settings(), chosen_format(format_)
    found, clock = found_in(settings, snapshot)
    columns = _IN_A_TABLE if form == "table" else COLUMNS
    print_rows(
        columns, [[row[name] for name in columns] for row in as_rows(found, clock["jpy_per_usd"])], form
    )
    if form == "table":
        print_fault(
            f"Counted: ${found.month_usd:,.2f} a month, of ${found.stored_usd:,.2f} for storage at list prices"
            + (f"; {found.unpriced_bytes:,} bytes have no known price" if found.unpriced_bytes else "")
        )


def found_in(settings: Settings, snapshot: str | None) -> tuple[Savings, dict[str, Any]]:
    """All proposals of a snapshot, and the row of `savings.clock`."""
    from dashboard.operate.savings import proposals
    from dashboard.settings.price_files import price_book
    from dashboard.warehouse.read import Warehouse

    reader = Warehouse(settings)
    book = price_book(settings.warehouse.folder)
    found = proposals(reader, book, settings.aws.region, settings.records.keeping, snapshot)
    names, rows = reader.rows("savings.clock", None, snapshot)
    return found, dict(zip(names, rows[0], strict=True))


def as_rows(found: Savings, jpy_per_usd: Decimal | None) -> list[dict[str, Any]]:
    """One row per proposal; yen at the newest rate, None without one."""
    return [
        {
            "proposal_id": item.kind.id,
            "standing": item.standing,
            "title": item.kind.title,
            "month_usd": item.month_usd,
            "month_jpy": _yen(item.month_usd, jpy_per_usd),
            "once_usd": item.once_usd,
            "break_even_months": item.break_even_months,
            "object_count": item.object_count,
            "size_bytes": item.size_bytes,
            "days_left": item.days_left,
            "missing_prices": list(item.missing),
            "action": item.kind.action,
            "deed": item.kind.deed,
            "risk": item.kind.risk,
            "basis": item.kind.basis,
        }
        for item in found.proposals
    ]


def _yen(usd: Decimal | None, jpy_per_usd: Decimal | None) -> Decimal | None:
    return None if usd is None or jpy_per_usd is None else round(usd * jpy_per_usd, 4)


@app.command()
def accept(
    proposal: Annotated[str, typer.Argument(help="proposal_id of a counted proposal.")],
    note: Annotated[str, typer.Option(help="Kept with the promise.")] = "",
    as_: As = "",
    snapshot: SnapshotOption = None,
) -> None:
    """Promise what a proposal saves: the journal keeps it, and later bills are held against it."""
    from dashboard.operate import promises
    from dashboard.operate.journal import Journal
    from dashboard.operate.savings import asked
    from dashboard.warehouse.read import Warehouse

    settings = load_settings()
    reader = Warehouse(settings)
    used = snapshot or reader.current().snapshot_id
    found, _clock = found_in(settings, used)
    event = promises.accept(
        Journal(settings.warehouse.folder),
        found,
        proposal,
        asked(reader, "savings.followed", used),
        snapshot_id=used,
        region=settings.aws.region,
        actor=as_ or getpass.getuser(),
        note=note,
    )
    print_fault(f"Promised as number {event.id}: ${Decimal(event.payload['month_usd']):,.2f} a month")


@app.command()
def withdraw(
    number: Annotated[int, typer.Argument(help="Of the promise, as `savings ledger` lists it.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the promise.")],
    as_: As = "",
) -> None:
    """Take a promise back; it stays in the ledger with what was seen until then."""
    from dashboard.operate import promises
    from dashboard.operate.journal import Journal

    promises.withdraw(
        Journal(load_settings().warehouse.folder), number, actor=as_ or getpass.getuser(), reason=reason
    )


@app.command()
def ledger(format_: FormatOption = "table") -> None:
    """Print every promise beside each full month after it: promised, seen in the bill, or why that cannot be told."""
    from dashboard.operate import promises
    from dashboard.operate.journal import Journal
    from dashboard.warehouse.read import Warehouse

    settings = load_settings()
    entries = promises.ledger(Warehouse(settings), Journal(settings.warehouse.folder))
    rows = [
        (
            entry.promise.number,
            entry.promise.proposal_id,
            entry.promise.accepted_at.replace(tzinfo=None),
            entry.promise.withdrawn_at and entry.promise.withdrawn_at.replace(tzinfo=None),
            entry.promise.actor,
            line.month,
            line.promised_usd,
            line.seen_usd,
            line.verdict,
            line.why,
            _yen(line.seen_usd, line.jpy_per_usd),
            line.former_usd,
            line.billed_usd,
            line.is_estimated,
        )
        for entry in entries
        for line in entry.seen
    ]
    print_rows(LEDGER, rows, chosen_format(format_))
