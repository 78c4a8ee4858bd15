"""The commands `dataset create`, `export`, `verify`, `list`: datasets of any size, from the selection a page has."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.commands.plan_options import Devices
from dashboard.domain.dataset import FORMATS, Selection, Split, read_labels, read_shares, read_split
from dashboard.settings import Settings, load_settings
from dashboard.terminal import FormatOption, chosen_format, print_fault, print_rows

app = typer.Typer(
    help="Freeze images for machine learning, and see later what has drifted.", no_args_is_help=True
)

_SHARES = "0.8,0.1,0.1"

Units = Annotated[list[str] | None, typer.Option("--unit", help="Unit as device/unit; may be given again.")]
Extensions = Annotated[list[str] | None, typer.Option("--extension", help="Extension; may be given again.")]
Names = Annotated[str, typer.Option(help="good or bad: by their names; all, if left out.")]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", help="name=value; may be given again, for one name it means any of the values."),
]
FromDay = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of capture.")
]
ToDay = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of capture.")]


@app.command("create")
def create_command(
    name: Annotated[str, typer.Argument(help="Name of the dataset: small letters, digits, - and _.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the exported file; none is written without.")
    ] = None,
    export_format: Annotated[
        str, typer.Option("--format", help="Of the exported file: jsonl, csv, parquet or source-ref.")
    ] = "jsonl",
    device: Devices = None,
    unit: Units = None,
    extension: Extensions = None,
    names: Names = "",
    label: Labels = None,
    from_day: FromDay = None,
    to_day: ToDay = None,
    split: Annotated[
        str, typer.Option(help="Shares of training, validation and test; 0.8,0.1,0.1 if left out.")
    ] = "",
    split_by: Annotated[
        str,
        typer.Option(help="unit, day, segment:NUMBER, pattern:EXPRESSION with one group, or label:NAME."),
    ] = "",
) -> None:
    """Freeze every image of a selection that is ready, and print what each step of the gate stopped."""
    from dashboard.operate import dataset

    settings = load_settings()
    if export_format not in FORMATS:
        raise typer.BadParameter(f"choose one of {', '.join(FORMATS)}", param_hint="--format")
    selection = selection_of(device, unit, extension, names, label, from_day, to_day)
    sides = _split(settings, split, split_by)
    made = dataset.create(settings, name, selection, sides)
    _print_made(made.definition, sides)
    print(made.folder)
    if out is not None:
        print(dataset.export(settings, made, export_format, out))


@app.command("export")
def export_command(
    wanted: Annotated[str, typer.Argument(help="Folder, hash (or its first 8 digits at least) or name.")],
    out: Annotated[Path, typer.Option(help="Folder for the file.")],
    export_format: Annotated[
        str, typer.Option("--format", help="Of the file: jsonl, csv, parquet or source-ref.")
    ] = "jsonl",
) -> None:
    """Write a frozen dataset as it was frozen, whatever has become of the archive since."""
    from dashboard.operate import dataset

    settings = load_settings()
    if export_format not in FORMATS:
        raise typer.BadParameter(f"choose one of {', '.join(FORMATS)}", param_hint="--format")
    print(dataset.export(settings, dataset.find(settings, wanted), export_format, out))


@app.command("verify")
def verify_command(
    wanted: Annotated[str, typer.Argument(help="Folder, hash (or its first 8 digits at least) or name.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many lines.")] = 1_000,
    format_: FormatOption = "table",
) -> None:
    """Compare a frozen dataset with the current snapshot; ends with 1 if anything is missing or not as it was."""
    from dashboard.operate import dataset

    chosen = chosen_format(format_)
    settings = load_settings()
    found = dataset.verify(settings, dataset.find(settings, wanted), limit=limit)
    columns = ("drift", "bucket", "key", "version_id", "now")
    print_rows(columns, [[row[name] for name in columns] for row in found.rows], chosen)
    counted = ", ".join(f"{count:,} {kind}" for kind, count in found.counts.items()) or "nothing has drifted"
    total = found.dataset.definition["object_count"]
    print_fault(f"{found.dataset.name}: {total:,} objects, against snapshot {found.snapshot_id}: {counted}")
    if found.counts:
        raise typer.Exit(dataset.DRIFTED)


@app.command("list")
def list_command(format_: FormatOption = "table") -> None:
    """List the frozen datasets, the newest first."""
    from dashboard.operate import dataset

    columns = ("name", "dataset_hash", "created_at", "snapshot_id", "object_count", "size_bytes")
    rows = [[item.definition[name] for name in columns] for item in dataset.frozen(load_settings())]
    print_rows(columns, rows, chosen_format(format_))


def selection_of(
    device: list[str] | None,
    unit: list[str] | None,
    extension: list[str] | None,
    names: str,
    label: list[str] | None,
    from_day: datetime | None,
    to_day: datetime | None,
) -> Selection:
    """The selection that these options make."""
    if names not in {"", "good", "bad"}:
        raise typer.BadParameter("choose good or bad", param_hint="--names")
    return Selection(
        devices=tuple(device or ()),
        units=tuple(unit or ()),
        extensions=tuple(extension or ()),
        from_on=_day(from_day),
        to_on=_day(to_day),
        names=names or None,
        labels=_labels(label or []),
    )


def _labels(texts: list[str]) -> tuple[tuple[str, str], ...]:
    try:
        return read_labels(texts)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--label") from error


def _split(settings: Settings, shares: str, by: str) -> Split:
    if shares and not by:
        raise typer.BadParameter("say what is to be on one side: --split-by", param_hint="--split")
    try:
        read_shares((shares or _SHARES).split(","))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--split") from error
    try:
        return read_split(shares or _SHARES, by, settings.dataset.split_key)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--split-by") from error


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _print_made(definition: Any, split: Split) -> None:
    print_rows(
        ("step", "stopped"), [(item["step"], item["object_count"]) for item in definition["gate"]], "table"
    )
    if definition["splits"]:
        columns = ("split", "part_count", "object_count", "size_bytes", "object_share")
        total = definition["object_count"]
        rows = [
            [*(item[name] for name in columns[:-1]), f"{item['object_count'] / total:.4f}"]
            for item in definition["splits"]
        ]
        print_rows(columns, rows, "table")
        print(f"Parts on more than one side: {definition['shared_part_count']}")
        if empty := split.empty_sides(item["split"] for item in definition["splits"]):
            print_fault(
                f"no image is in {', '.join(empty)}: too few parts of the key; split by a smaller one"
            )
    print(f"{definition['object_count']:,} objects, {definition['size_bytes']:,} bytes")
    print(f"sha256 {definition['dataset_hash']}")
