"""`plan restore` and `restore-dataset`: what restoring archived objects would do."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.commands import dataset as of_datasets
from dashboard.commands.plan_options import (
    EVERY_OPTION,
    As,
    Devices,
    Objects,
    keep_and_print,
    on_objects,
    opened,
    who,
)
from dashboard.domain.dataset import Selection
from dashboard.operate import dataset, draft, listed, plans, restore, runs
from dashboard.operate.choice import Choice
from dashboard.settings import Settings
from dashboard.terminal import FormatOption, chosen_format, print_fault

Speed = Annotated[str, typer.Option(help="bulk, standard or expedited.")]
Days = Annotated[int, typer.Option(min=1, max=restore.MOST_DAYS, help="How long the copies stay.")]


@on_objects(*EVERY_OPTION)
def plan_restore_command(
    objects: Objects,
    extend: Annotated[
        str, typer.Option(help="Keep the copies of this run longer, and restore nothing else.")
    ] = "",
    speed: Speed = "standard",
    days: Days = 7,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan a restore of archived objects: by device, class, prefix, list of keys; print it with its digest."""
    from dashboard.warehouse.read import Warehouse

    chosen = chosen_format(format_)
    settings, journal = opened()
    _check(speed)
    by = who(settings, actor)
    if extend:
        digest = plans.find(journal, extend).digest
        items = runs.items_of(journal, digest)
        made = restore.plan_extension(settings, items, days=days, made_by=by, extends=digest)
    else:
        made = restore.make_plan(
            settings, Warehouse(settings), objects.choice(), speed=speed, days=days, made_by=by
        )
    keep_and_print(settings, journal, made, chosen)


def plan_restore_dataset_command(
    frozen: Annotated[
        str,
        typer.Argument(
            help="A frozen dataset, by folder, hash (or its first 8 digits at least) or name: those of its members "
            "that were archived since. Without one, the images that the options choose."
        ),
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Every image; has to be said.")] = False,
    device: Devices = None,
    unit: of_datasets.Units = None,
    extension: of_datasets.Extensions = None,
    names: of_datasets.Names = "",
    label: of_datasets.Labels = None,
    from_day: of_datasets.FromDay = None,
    to_day: of_datasets.ToDay = None,
    speed: Speed = "standard",
    days: Days = 7,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan a restore of what keeps a dataset from being whole: chosen as by `dataset create`, or frozen before."""
    from dashboard.warehouse.read import Warehouse

    chosen = chosen_format(format_)
    settings, journal = opened()
    _check(speed)
    selection = of_datasets.selection_of(device, unit, extension, names, label, from_day, to_day)
    if bool(frozen) + every + (selection != Selection()) != 1:
        raise typer.BadParameter(
            "say which images: a frozen dataset, or --device, --unit, --label, …, or --all"
        )
    reader = Warehouse(settings)
    if frozen:
        keys = _archived_since(settings, frozen)
    else:
        snapshot_id = draft.snapshot_of(draft.basis(settings))
        keys = listed.archived(reader, selection, snapshot_id, settings.operate.max_objects)
    made = restore.make_plan(
        settings, reader, Choice(keys=keys), speed=speed, days=days, made_by=who(settings, actor)
    )
    keep_and_print(settings, journal, made, chosen)


def _check(speed: str) -> None:
    if speed not in restore.SPEEDS:
        raise typer.BadParameter(f"choose one of {', '.join(restore.SPEEDS)}", param_hint="--speed")


def _archived_since(settings: Settings, frozen: str) -> tuple[str, ...]:
    """Members of a frozen dataset that are as they were, but archived now, as s3://bucket/key."""
    found = dataset.find(settings, frozen)
    keys, others = dataset.archived_since(settings, found)
    if drifted := ", ".join(f"{count:,} {kind}" for kind, count in others.items()):
        print_fault(f"{found.name}: no restore brings these members back: {drifted}")
    return keys
