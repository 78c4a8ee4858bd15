"""`plan undelete`, `bring-back`, `abort-uploads`, `remove-versions`, `-duplicates`, `-junk`: undo and clean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from dashboard.commands.plan_options import (
    As,
    Bucket,
    Devices,
    Keys,
    Prefix,
    choice_of,
    keep_and_print,
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


def undelete_command(
    device: Devices = None,
    bucket: Bucket = None,
    prefix: Prefix = None,
    keys: Keys = None,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to bring deleted objects back by removing the delete markers that hide them."""
    _made(_choice(device, bucket, prefix, keys), actor, format_, undelete.make_plan)


def bring_back_command(
    version: Annotated[
        list[str] | None,
        typer.Option(
            help="Id of a former version; may be given again. Else images that another one overwrote."
        ),
    ] = None,
    device: Devices = None,
    bucket: Bucket = None,
    prefix: Prefix = None,
    keys: Keys = None,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to make former versions current again, each by a copy onto its own key."""
    choice = Choice() if version and not (device or bucket or prefix or keys) else None
    _made(
        choice or _choice(device, bucket, prefix, keys),
        actor,
        format_,
        bring_back.make_plan,
        version_ids=version or None,
    )


def abort_uploads_command(
    device: Devices = None,
    bucket: Bucket = None,
    prefix: Prefix = None,
    keys: Keys = None,
    days: Days = 7,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to abort uploads that were begun and never finished; their parts are gone for good then."""
    _made(_choice(device, bucket, prefix, keys), actor, format_, abort_uploads.make_plan, days=days)


def remove_versions_command(
    device: Devices = None,
    bucket: Bucket = None,
    prefix: Prefix = None,
    keys: Keys = None,
    days: Days = 90,
    keep: Annotated[
        int, typer.Option(min=0, help="The newest so many former versions of each object stay.")
    ] = 1,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to remove former versions for good."""
    _made(
        _choice(device, bucket, prefix, keys), actor, format_, remove_versions.make_plan, days=days, keep=keep
    )


def remove_duplicates_command(
    device: Devices = None,
    bucket: Bucket = None,
    prefix: Prefix = None,
    keys: Keys = None,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to remove exact copies for good; the one that Duplicates names is kept, and looked at before each."""
    _made(_choice(device, bucket, prefix, keys), actor, format_, remove_duplicates.make_plan)


def remove_junk_command(
    device: Devices = None,
    bucket: Bucket = None,
    prefix: Prefix = None,
    keys: Keys = None,
    actor: As = "",
    format_: FormatOption = "table",
) -> None:
    """Plan to remove junk files for good: system and temporary files by their names, and files without a byte."""
    _made(_choice(device, bucket, prefix, keys), actor, format_, remove_junk.make_plan)


COMMANDS: dict[str, Callable[..., None]] = {
    "undelete": undelete_command,
    "bring-back": bring_back_command,
    "abort-uploads": abort_uploads_command,
    "remove-versions": remove_versions_command,
    "remove-duplicates": remove_duplicates_command,
    "remove-junk": remove_junk_command,
}


def _choice(device: Any, bucket: Any, prefix: Any, keys: Any) -> Choice:
    return choice_of(device, None, None, None, bucket, prefix, keys)


def _made(choice: Choice, actor: str, format_: str, make_plan: Callable[..., Plan], **more: Any) -> None:
    from dashboard.warehouse.read import Warehouse

    chosen = chosen_format(format_)
    settings, journal = opened()
    made = make_plan(settings, Warehouse(settings), choice, made_by=who(settings, actor), **more)
    keep_and_print(settings, journal, made, chosen)
