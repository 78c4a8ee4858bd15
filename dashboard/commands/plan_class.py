"""`plan class`: what moving objects to another storage class would do."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.commands.plan_options import (
    As,
    Before,
    Bucket,
    Classes,
    Devices,
    Keys,
    Kinds,
    Labels,
    OlderThan,
    Prefix,
    Sizes,
    Tiers,
    choice_of,
    keep_and_print,
    opened,
    who,
)
from dashboard.operate import class_change
from dashboard.terminal import FormatOption, chosen_format


def plan_class_command(
    to: Annotated[str, typer.Option("--to", help="The class to move to, such as GLACIER_IR.")],
    device: Devices = None,
    storage_class: Classes = None,
    access_tier: Tiers = None,
    kind: Kinds = None,
    bucket: Bucket = None,
    prefix: Prefix = None,
    keys: Keys = None,
    label: Labels = None,
    size: Sizes = None,
    uploaded_before: Before = None,
    older_than: OlderThan = None,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to move objects to another class, each by a copy onto itself: by device, class, prefix, list of keys."""
    from dashboard.warehouse.read import Warehouse

    chosen = chosen_format(format_)
    settings, journal = opened()
    if to not in class_change.TARGETS:
        raise typer.BadParameter(f"choose one of {', '.join(class_change.TARGETS)}", param_hint="--to")
    choice = choice_of(
        device,
        storage_class,
        access_tier,
        kind,
        bucket,
        prefix,
        keys,
        label,
        size,
        uploaded_before,
        older_than,
    )
    made = class_change.make_plan(
        settings, Warehouse(settings), choice, to_class=to, made_by=who(settings, actor)
    )
    keep_and_print(settings, journal, made, chosen)
