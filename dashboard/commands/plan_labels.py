"""`plan labels`: what setting labels on objects would do."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from dashboard.commands.plan_options import (
    EVERY_OPTION,
    As,
    Months,
    Objects,
    Units,
    keep_and_print,
    on_objects,
    opened,
    who,
)
from dashboard.operate import draft, label_change, listed
from dashboard.operate.choice import Choice
from dashboard.operate.listed import Listed
from dashboard.terminal import FormatOption, chosen_format


@on_objects(*(name for name in EVERY_OPTION if name != "label"))  # it names what is to be set
def plan_labels_command(
    label: Annotated[
        list[str] | None, typer.Option("--label", help="name=value to be set; may be given again.")
    ] = None,
    unlabelled: Annotated[
        bool, typer.Option("--unlabelled", help="The images without a label of --device, --unit and --month.")
    ] = False,
    unit: Units = None,
    month: Months = None,
    *,
    objects: Objects,
    undo: Annotated[
        str, typer.Option(help="Give what the run with this digest set its former values, and nothing else.")
    ] = "",
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to add or change labels (tags) of objects: by device, class, prefix, list of keys; other tags stay."""
    from dashboard.warehouse.read import Warehouse

    chosen = chosen_format(format_)
    settings, journal = opened()
    by = who(settings, actor)
    if undo:
        keep_and_print(settings, journal, label_change.plan_undo(settings, journal, undo, made_by=by), chosen)
        return
    if (unit or month) and not unlabelled:
        raise typer.BadParameter("belong to --unlabelled", param_hint="--unit, --month")
    if unlabelled and replace(objects, device=None, bucket=None, prefix=None) != Objects():
        raise typer.BadParameter(
            "goes with --device, --unit, --month, --bucket and --prefix alone", param_hint="--unlabelled"
        )
    reader, tags = Warehouse(settings), dict(_tag(text) for text in label or ())
    if unlabelled:
        which = Listed(devices=objects.device, units=unit, month=month)
        snapshot_id = draft.snapshot_of(draft.basis(settings))
        choice = Choice(
            keys=listed.unlabelled(reader, which, snapshot_id, settings.operate.max_objects),
            bucket=objects.bucket,
            prefix=objects.prefix or "",
        )
    else:
        choice = objects.choice()
    made = label_change.make_plan(settings, reader, choice, tags=tags, made_by=by)
    keep_and_print(settings, journal, made, chosen)


def _tag(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter("give name=value", param_hint="--label")
    return name, value
