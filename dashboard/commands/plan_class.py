"""`plan class`: what moving objects to another storage class would do."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.commands.plan_options import (
    EVERY_OPTION,
    As,
    Objects,
    keep_and_print,
    on_objects,
    opened,
    who,
)
from dashboard.operate import class_change
from dashboard.terminal import FormatOption, chosen_format


@on_objects(*EVERY_OPTION)
def plan_class_command(
    to: Annotated[str, typer.Option("--to", help="The class to move to, such as GLACIER_IR.")],
    objects: Objects,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to move objects to another class, each by a copy onto itself: by device, class, prefix, list of keys."""
    from dashboard.warehouse.read import Warehouse

    chosen = chosen_format(format_)
    settings, journal = opened()
    if to not in class_change.TARGETS:
        raise typer.BadParameter(f"choose one of {', '.join(class_change.TARGETS)}", param_hint="--to")
    made = class_change.make_plan(
        settings, Warehouse(settings), objects.choice(), to_class=to, made_by=who(settings, actor)
    )
    keep_and_print(settings, journal, made, chosen)
