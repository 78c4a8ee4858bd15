"""`plan rename`: what giving images their proposed names would do."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.commands.plan_options import As, Devices, Months, Units, keep_and_print, opened, who
from dashboard.operate import rename
from dashboard.operate.listed import Listed
from dashboard.terminal import FormatOption, chosen_format


def plan_rename_command(
    every: Annotated[
        bool, typer.Option("--all", help="Every image with a proposed name; has to be said.")
    ] = False,
    device: Devices = None,
    unit: Units = None,
    reason: Annotated[
        list[str] | None, typer.Option("--reason", help="Main reason of the bad name; may be given again.")
    ] = None,
    month: Months = None,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to give misnamed images the names that `show quality.misnamed` proposes; print it with its digest."""
    from dashboard.warehouse.read import Warehouse

    chosen = chosen_format(format_)
    settings, journal = opened()
    which = Listed(devices=device, units=unit, month=month, reasons=reason)
    if not every and which == Listed():
        raise typer.BadParameter("say which images: --device, --unit, --reason, --month, or --all")
    made = rename.make_plan(settings, Warehouse(settings), which, made_by=who(settings, actor))
    keep_and_print(settings, journal, made, chosen)
