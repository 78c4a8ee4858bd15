"""`plan restore`: what restoring archived objects would do."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.commands.plan_options import (
    As,
    Bucket,
    Classes,
    Devices,
    Keys,
    Kinds,
    Labels,
    Prefix,
    Tiers,
    choice_of,
    keep_and_print,
    opened,
    who,
)
from dashboard.operate import plans, restore, runs
from dashboard.terminal import FormatOption, chosen_format


def plan_restore_command(
    device: Devices = None,
    storage_class: Classes = None,
    access_tier: Tiers = None,
    kind: Kinds = None,
    bucket: Bucket = None,
    prefix: Prefix = None,
    keys: Keys = None,
    label: Labels = None,
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
        digest = plans.find(journal, extend).digest
        items = runs.items_of(journal, digest)
        made = restore.plan_extension(settings, items, days=days, made_by=by, extends=digest)
    else:
        choice = choice_of(device, storage_class, access_tier, kind, bucket, prefix, keys, label)
        made = restore.make_plan(settings, Warehouse(settings), choice, speed=speed, days=days, made_by=by)
    keep_and_print(settings, journal, made, chosen)
