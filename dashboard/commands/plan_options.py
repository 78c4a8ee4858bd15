"""What the commands about plans share: their options, those that choose objects, and how a plan is printed."""

from __future__ import annotations

import difflib
import functools
import getpass
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from dashboard.domain.plan import Plan
from dashboard.domain.storage_classes import ACCESS_TIERS, STORAGE_CLASSES
from dashboard.operate import plans
from dashboard.operate.choice import Choice
from dashboard.operate.journal import Journal
from dashboard.operate.plans import KeptPlan
from dashboard.operate.rights import require
from dashboard.settings import Settings, load_settings
from dashboard.terminal import print_fault, print_rows


def one_of(what: str, known: Callable[[], Iterable[str]]) -> Callable[[list[str] | None], list[str] | None]:
    """The callback of an option that refuses a value nobody knows: it would choose nothing, and nobody saw why."""

    def checked(values: list[str] | None) -> list[str] | None:
        for value in values or ():
            words = {word.casefold(): word for word in known()}
            if value and value not in words.values():
                near = difflib.get_close_matches(value.casefold(), words, n=1)
                hint = f"; did you mean {words[near[0]]}?" if near else "."
                raise typer.BadParameter(
                    f"{value!r} is no {what}{hint} Known are {', '.join(words.values())}"
                )
        return values

    return checked


def device_ids() -> list[str]:
    """The devices of the settings, and the one of objects that belong to none."""
    return [*(device.id for device in load_settings().device), "unattributed"]


Wanted = Annotated[str, typer.Argument(help="Digest of the plan, or its first 12 digits at least.")]
As = Annotated[str, typer.Option("--as", help="Who does it, for the journal; the system's user if left out.")]
Devices = Annotated[
    list[str] | None,
    typer.Option("--device", callback=one_of("device", device_ids), help="Device; may be given again."),
]
Classes = Annotated[
    list[str] | None,
    typer.Option(
        "--class",
        callback=one_of("storage class", lambda: [*(item.id for item in STORAGE_CLASSES), "UNKNOWN"]),
        help="Storage class; may be given again.",
    ),
]
Tiers = Annotated[
    list[str] | None,
    typer.Option(
        "--tier",
        callback=one_of("access tier of Intelligent-Tiering", lambda: ACCESS_TIERS),
        help="Access tier in Intelligent-Tiering; may be given again.",
    ),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", help="Kind, such as image or noncurrent_version; may be given again."),
]
Bucket = Annotated[str | None, typer.Option(help="Only in this bucket.")]
Prefix = Annotated[
    str | None, typer.Option(help="Only keys that begin so; '' means every key, and has to be said.")
]
Keys = Annotated[
    Path | None,
    typer.Option(help="File with one key or s3://bucket/key per line; '-' reads them from the input."),
]

Units = Annotated[
    list[str] | None, typer.Option("--unit", help="Unit of a device, '' for none; may be given again.")
]
Months = Annotated[
    str | None, typer.Option("--month", help="Month as its first day, such as 2026-10-01, or 'other'.")
]

Sizes = Annotated[
    list[str] | None, typer.Option("--size", help="Size, such as empty or under_128_kib; may be given again.")
]
Before = Annotated[
    datetime | None,
    typer.Option(
        "--uploaded-before",
        formats=["%Y-%m-%d"],
        help="Only what was last modified before this day of the archive's clock.",
    ),
]
OlderThan = Annotated[
    int | None,
    typer.Option(
        "--older-than", min=1, max=36_500, help="Only what was last modified more than so many days ago."
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label", help="Only images with this label, as name=value; given again: or with that one."
    ),
]


@dataclass(frozen=True)
class Objects:
    """The options that choose objects, as they were given: each field is one of them."""

    device: Devices = None
    storage_class: Classes = None
    access_tier: Tiers = None
    kind: Kinds = None
    bucket: Bucket = None
    prefix: Prefix = None
    keys: Keys = None
    label: Labels = None
    size: Sizes = None
    uploaded_before: Before = None
    older_than: OlderThan = None

    def choice(self) -> Choice:
        """The choice that they make; that it is everything has to be said."""
        before = self.uploaded_before
        if before and self.older_than:
            raise typer.BadParameter("say one of them", param_hint="--uploaded-before, --older-than")
        if self.older_than:
            now = datetime.now(ZoneInfo(load_settings().archive.timezone))
            before = now - timedelta(days=self.older_than)
        choice = Choice(
            _codes(self.device),
            _codes(self.storage_class),
            _codes(self.access_tier),
            _codes(self.kind),
            self.bucket,
            self.prefix or "",
            None if self.keys is None else tuple(_lines(self.keys)),
            _codes(self.label),
            _codes(self.size),
            before.date() if before else None,
        )
        if self.prefix is None and choice == Choice():
            raise typer.BadParameter(
                "say which objects: at least one of --device, --class, --prefix, --keys, …"
            )
        return choice


EVERY_OPTION = tuple(field.name for field in fields(Objects))


def on_objects(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of Objects in the place of its parameter `objects`, which holds what was given.

    Args:
        names: the options that it takes.
    """

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        offered = inspect.signature(Objects, eval_str=True).parameters
        options = [offered[name].replace(kind=inspect.Parameter.KEYWORD_ONLY) for name in names]

        def taken(**given: Any) -> None:
            command(objects=Objects(**{name: given.pop(name) for name in names}), **given)

        shown: list[inspect.Parameter] = []
        for own in inspect.signature(command, eval_str=True).parameters.values():
            shown += options if own.name == "objects" else [own.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
        functools.update_wrapper(taken, command).__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
        return taken

    return decorated


def keep_and_print(settings: Settings, journal: Journal, made: Plan, format_: Any) -> None:
    """Keep a plan and print it with its digest.

    Raises:
        DashboardError: ACCESS_DENIED, or of the journal.
    """
    require(settings, "operate", names_of(settings), made.made_by)
    kept = plans.keep(journal, made)
    print_plan(kept, plans.items(journal, kept, is_refused=True), format_)


def opened() -> tuple[Settings, Journal]:
    """The settings and the journal of their warehouse."""
    settings = load_settings()
    return settings, Journal(settings.warehouse.folder)


def who(settings: Settings, actor: str) -> str:
    """The name for the journal. Where the settings name who may act, it is the system's and no other.

    Raises:
        BadParameter: another name was given then: one person could be two.
    """
    if settings.roles.are_named and actor.strip():
        raise typer.BadParameter(
            "the settings name who may act, so it is the system's user", param_hint="--as"
        )
    return actor.strip() or f"{settings.worklist.operator} ({getpass.getuser()})"


def names_of(settings: Settings) -> frozenset[str] | None:
    """The system's user, where the settings say who may act."""
    return frozenset({getpass.getuser().casefold()}) if settings.roles.are_named else None


def _codes(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values else None


def _lines(file: Path) -> Iterator[str]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="--keys") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file} is not UTF-8; save it as that", param_hint="--keys") from error
    text = text.removeprefix("\ufeff")  # with which Excel begins what it saves as UTF-8
    yield from (line.rstrip("\r") for line in text.split("\n") if line.strip())


def print_plan(kept: KeptPlan, refused: Sequence[tuple[Any, ...]], format_: Any) -> None:
    """Print a plan: its price, what it leaves alone, what it rests on, and how to confirm it."""
    header = kept.header
    if format_ == "json":
        print(json.dumps({"digest": kept.digest, **header}, ensure_ascii=False, indent=1))
        return
    names = ("what", "place", "amount", "unit", "usd")
    print_rows(names, [[_plain(part[name]) for name in names] for part in header["costs"]], format_)
    if refused:
        print_rows(("refused", "bucket", "key"), [(row[7], row[0], row[1]) for row in refused[:50]], format_)
    usd, unknown_count = kept.usd
    price = f"{_plain(format(usd, 'f'))} USD" + (
        f" and {unknown_count} parts without a known price" if unknown_count else ""
    )
    calls = ", ".join(f"{count:,} {name}" for name, count in header["calls"].items())
    # Whole configurations are told as sentences; --format json has them word for word.
    params = {
        name: value for name, value in header["params"].items() if name not in {"before", "after", "effect"}
    }
    for line in (
        f"{header['action']} {json.dumps(params)}: {kept.object_count:,} objects, {kept.size_bytes:,} bytes",
        f"price: {price}; usually within {_plain(header['hours'])} hours",
        f"calls: {calls}; needs {', '.join(header['permissions'])}",
        f"refused: {json.dumps(header['refused_counts'])}",
        f"rests on snapshot {header['basis']['snapshot'].partition(' ')[0]}; "
        f"may be confirmed until {header['expires_at']}",
        f"To carry it out: python -m dashboard apply {kept.digest} --why REASON",
    ):
        print_fault(line)


def _plain(text: str | None) -> str:
    """A decimal number without digits that say nothing."""
    if text is None:
        return "unknown"
    if not text.replace(".", "").isdigit():
        return text
    return format(Decimal(text).quantize(Decimal("0.000001")).normalize(), "f")
