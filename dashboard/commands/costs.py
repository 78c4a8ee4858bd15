"""The command line's `costs`: what comes next, and how the budgets stand."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.errors import ExitCode
from dashboard.settings import load_settings
from dashboard.terminal import FormatOption, SnapshotOption, chosen_format, print_rows

app = typer.Typer(
    help="The bill: what comes next, and how the budgets stand.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def forecast(
    months: Annotated[int, typer.Option(min=1, max=36, help="How many months ahead.")] = 12,
    snapshot: SnapshotOption = None,
    format_: FormatOption = "table",
) -> None:
    """Print the coming months in dollars with the band of past forecasts and their mean error."""
    from dashboard.domain.outlook import following
    from dashboard.warehouse.read import Warehouse

    reader = Warehouse(load_settings())
    end, growth = (
        [dict(zip(names, row, strict=True)) for row in rows]
        for names, rows in (reader.rows(name, None, snapshot) for name in ("costs.month_end", "costs.growth"))
    )
    ahead = following(end, growth, months)
    columns = ("month", "forecast_usd", "low_usd", "high_usd", "past_error_share")
    # The running month ends as its own days say, as on the page.
    amounts = (
        (item.month, ahead.month_end_usd, None, None, None)
        if item.month == ahead.month and ahead.month_end_usd is not None
        else (item.month, item.ahead.usd, item.ahead.low_usd, item.ahead.high_usd, item.ahead.error_share)
        for item in ahead.coming
    )
    print_rows(
        columns,
        [(month, *(None if item is None else round(item, 6) for item in rest)) for month, *rest in amounts],
        chosen_format(format_),
    )


@app.command()
def budgets(
    month: Annotated[str | None, typer.Option(help="As 2026-10; the newest with a bill if left out.")] = None,
    snapshot: SnapshotOption = None,
    format_: FormatOption = "table",
) -> None:
    """Print how the budgets stand, each in its own currency; exit code 4 if one is or will be exceeded."""
    from dashboard.report.monthly import chosen_month, monthly, months
    from dashboard.warehouse.read import Warehouse

    settings = load_settings()
    reader = Warehouse(settings)
    info = reader.info(snapshot)
    newest = next((code for code, _is_estimated in months(reader, info)), None)
    lines = monthly(settings, reader, info, chosen_month(reader, info, month or newest)).budgets
    columns = ("name", "period", "currency", "amount", "spent", "expected", "passed_percent", "state")
    rows = [
        (
            line.budget.name,
            line.budget.period,
            line.budget.currency,
            line.budget.amount,
            *(
                None if item is None else round(item, 0 if line.budget.currency == "JPY" else 2)
                for item in (line.standing.spent, line.standing.expected)
            ),
            line.standing.passed,
            line.standing.state,
        )
        for line in lines
    ]
    print_rows(columns, rows, chosen_format(format_))
    if any(line.standing.state in {"over", "expected_over"} for line in lines):
        raise typer.Exit(int(ExitCode.FINDINGS))
