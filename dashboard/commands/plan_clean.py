"""`plan undelete`, `bring-back`, `abort-uploads`, `remove-versions`, `-duplicates`, `-junk`: undo and clean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from dashboard.commands.plan_options import (
    As,
    Objects,
    keep_and_print,
    on_objects,
    opened,
    who,
)
from dashboard.domain.plan import Plan
from dashboard.operate import (
    abort_uploads,
    bring_back,
    remove_duplicates,
    remove_junk,
    remove_versions,
    undelete,
)
from dashboard.operate.choice import Choice
from dashboard.terminal import FormatOption, chosen_format

Days = Annotated[int, typer.Option(min=1, help="Only what is older than so many days.")]
_in_place = on_objects("device", "bucket", "prefix", "keys")


@_in_place
def undelete_command(
    objects: Objects,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to bring deleted objects back by removing the delete markers that hide them."""
    _made(objects.choice(), actor, format_, undelete.make_plan)


@_in_place
def bring_back_command(
    version: Annotated[
        list[str] | None,
        typer.Option(
            help="Id of a former version; may be given again. Else images that another one overwrote."
        ),
    ] = None,
    *,
    objects: Objects,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to make former versions current again, each by a copy onto its own key."""
    _made(
        Choice() if version and objects == Objects() else objects.choice(),
        actor,
        format_,
        bring_back.make_plan,
        version_ids=version or None,
    )


@_in_place
def abort_uploads_command(
    objects: Objects,
    days: Days = 7,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to abort uploads that were begun and never finished; their parts are gone for good then."""
    _made(objects.choice(), actor, format_, abort_uploads.make_plan, days=days)


@_in_place
def remove_versions_command(
    objects: Objects,
    days: Days = 90,
    keep: Annotated[
        int, typer.Option(min=0, help="The newest so many former versions of each object stay.")
    ] = 1,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to remove former versions for good."""
    _made(objects.choice(), actor, format_, remove_versions.make_plan, days=days, keep=keep)


@_in_place
def remove_duplicates_command(
    objects: Objects,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to remove exact copies for good; the one that Duplicates names is kept, and looked at before each."""
    _made(objects.choice(), actor, format_, remove_duplicates.make_plan)


@_in_place
def remove_junk_command(
    objects: Objects,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to remove junk files for good: system and temporary files by their names, and files without a byte."""
    _made(objects.choice(), actor, format_, remove_junk.make_plan)


COMMANDS: dict[str, Callable[..., None]] = {
    "undelete": undelete_command,
    "bring-back": bring_back_command,
    "abort-uploads": abort_uploads_command,
    "remove-versions": remove_versions_command,
    "remove-duplicates": remove_duplicates_command,
    "remove-junk": remove_junk_command,
}


def _made(choice: Choice, actor: str, format_: str, make_plan: Callable[..., Plan], **more: Any) -> None:
    from dashboard.warehouse.read import Warehouse

    chosen = chosen_format(format_)
    settings, journal = opened()
    made = make_plan(settings, Warehouse(settings), choice, made_by=who(settings, actor), **more)
    keep_and_print(settings, journal, made, chosen)
