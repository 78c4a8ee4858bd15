"""The command line's `savings`: what could be saved, ranked, with what it costs and risks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import typer

from dashboard.domain.savings import Savings
from dashboard.settings import Settings, load_settings
from dashboard.terminal import FormatOption, SnapshotOption, chosen_format, print_fault, print_rows

app = typer.Typer(help="What could be saved.", pretty_exceptions_enable=False, invoke_without_command=True)

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
        stored = "unknown" if found.stored_usd is None else f"${found.stored_usd:,.2f}"
        print_fault(f"Counted: ${found.month_usd:,.2f} a month, of {stored} for all storage at list prices")


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
            "month_jpy": None
            if item.month_usd is None or jpy_per_usd is None
            else round(item.month_usd * jpy_per_usd, 4),
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
