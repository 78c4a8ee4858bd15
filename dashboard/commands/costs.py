"""The command line's `costs`: what comes next."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.settings import load_settings
from dashboard.terminal import FormatOption, SnapshotOption, chosen_format, print_rows

app = typer.Typer(help="The bill: what comes next.", no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _group() -> None:
    """A group of commands, although it has one only."""


@app.command()
def forecast(
    months: Annotated[int, typer.Option(min=1, max=36, help="How many months ahead.")] = 12,
    snapshot: SnapshotOption = None,
    format_: FormatOption = "table",
) -> None:
    """Print the coming months in dollars with the band of past forecasts and their mean error."""
    from dashboard.domain.outlook import coming
    from dashboard.warehouse.read import Warehouse

    reader = Warehouse(load_settings())
    names, rows = reader.rows("costs.growth", None, snapshot)
    found = coming([dict(zip(names, row, strict=True)) for row in rows], months)
    columns = ("month", "forecast_usd", "low_usd", "high_usd", "past_error_share")
    amounts = (
        (item.month, item.ahead.usd, item.ahead.low_usd, item.ahead.high_usd, item.ahead.error_share)
        for item in found
    )
    print_rows(
        columns,
        [(month, *(None if item is None else round(item, 6) for item in rest)) for month, *rest in amounts],
        chosen_format(format_),
    )
