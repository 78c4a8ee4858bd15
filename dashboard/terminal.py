"""What the command line prints: progress on the error stream, results on the output stream."""

from __future__ import annotations

import csv
import io
import json
import sys
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

import rich.box
import rich.progress
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dashboard.domain.notes import Note

Format = Literal["table", "json", "csv"]

FormatOption = Annotated[str, typer.Option("--format", help="table, json or csv.")]
MaskOption = Annotated[bool, typer.Option(help="Mask keys as the pages do for people who may not see them.")]
SnapshotOption = Annotated[
    str | None,
    typer.Option(help="An earlier snapshot, as `snapshots` lists it; the current one if left out."),
]


_WIDEST = 200


class Bars:
    """Progress as bars on a terminal, and as one line per finished task elsewhere."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=is_quiet)
        self._bars = rich.progress.Progress(
            rich.progress.TextColumn("{task.description}", markup=False),
            rich.progress.BarColumn(),
            rich.progress.TextColumn("{task.fields[done]}", markup=False),
            rich.progress.TimeElapsedColumn(),
            console=self._console,
            disable=is_quiet or not self._console.is_terminal,
        )
        self._tasks: dict[str, rich.progress.TaskID] = {}
        self._counts: dict[str, tuple[int, int | None, str]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def start(self, task: str, total: int | None, unit: str) -> None:
        with self._lock:
            self._counts[task] = (0, total, unit)
            self._tasks[task] = self._bars.add_task(visible(task), total=total, done="")

    def advance(self, task: str, amount: int) -> None:
        with self._lock:
            if task not in self._counts:
                return
            done, total, unit = self._counts[task]
            self._counts[task] = (done + amount, total, unit)
            self._bars.update(self._tasks[task], advance=amount, done=_amount(done + amount, total, unit))

    def finish(self, task: str) -> None:
        with self._lock:
            if task not in self._counts:
                return
            done, total, unit = self._counts.pop(task)
            self._bars.update(
                self._tasks[task], total=max(done, total or 0, 1), completed=max(done, total or 0, 1)
            )
            if not self._console.is_terminal and done:
                self._console.print(Text(f"{visible(task)}: {_amount(done, None, unit)}"), soft_wrap=True)

    def note(self, text: str) -> None:
        self._console.print(Text(visible(text, keep="\n")), soft_wrap=True)


def visible(text: str, keep: str = "") -> str:
    """Text with control and invisible characters written out, so that a key cannot steer the terminal."""
    return "".join(
        char
        if char in keep or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        else f"\\u{{{ord(char):x}}}"
        for char in text
    )


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], format_: Format) -> None:
    """Print the rows of a query; CSV cells that a spreadsheet would run as a formula get an apostrophe."""
    if format_ == "json":
        print(
            json.dumps(
                [dict(zip(columns, map(_json, row), strict=True)) for row in rows],
                ensure_ascii=False,
                indent=1,
            )
        )
    elif format_ == "csv":
        sys.stdout.write(_csv_line(columns))
        sys.stdout.writelines(_csv_line([_csv(value) for value in row]) for row in rows)
    else:
        console = Console()
        table = Table(box=rich.box.SIMPLE_HEAD)
        for name in columns:
            # Folded and never cut: half a key is of no use. A column into a file is as wide as what it holds, but for
            # the key of a thousand characters, which would push everything else out of sight.
            table.add_column(name, overflow="fold", max_width=None if console.is_terminal else _WIDEST)
        for row in rows:
            table.add_row(*(Text(visible(_text(value)), overflow="fold") for value in row))
        if not console.is_terminal:
            console = Console(width=10_000)
        console.print(table)


def masked_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Rows of a query as the pages show them to people who may not see keys."""
    from dashboard.settings import load_settings
    from dashboard.warehouse.masking import Masker

    return Masker(load_settings()).rows(columns, rows)


def print_outcome(outcome: dict[str, Any]) -> None:
    """Print what a sync did, less its faults and notes, which progress has shown already."""
    names = ("location", "status", "report_at", "format", "row_count", "size_bytes", "quarantined_count")
    print_rows(names, [[item.get(name) for name in names] for item in outcome["sources"]], "table")
    state = (
        "published" if outcome["published"] else "unchanged" if outcome["snapshot_id"] else "not published"
    )
    started, finished = (datetime.fromisoformat(outcome[name]) for name in ("started_at", "finished_at"))
    print(
        f"Snapshot {outcome['snapshot_id'] or '-'} {state}: {plural(outcome['row_count'], 'row')} in "
        f"{(finished - started).total_seconds():.1f} s, "
        f"{plural(outcome['paid_request_count'], 'paid Cost Explorer request')}, "
        f"{plural(outcome['label_request_count'], 'request')} for labels"
    )
    for note in outcome["notes"]:
        print_fault(f"note: {Note.from_dict(note)}")
    if outcome["faults"]:
        print_fault(f"{plural(len(outcome['faults']), 'fault')}, exit code {outcome['exit_code']}")


def plural(number: int, noun: str) -> str:
    """`1 fault`, `2 faults`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def print_fault(text: str) -> None:
    """Print an error where errors go."""
    Console(stderr=True).print(Text(visible(text, keep="\n")), soft_wrap=True)


def _amount(done: int, total: int | None, unit: str) -> str:
    if unit == "bytes":
        divisor, name = (2**20, "MiB") if max(done, total or 0) >= 2**20 else (2**10, "KiB")
        shown = f"{done / divisor:,.1f}" + (f" of {total / divisor:,.1f}" if total else "") + f" {name}"
    else:
        shown = f"{done:,}" + (f" of {total:,}" if total else "") + f" {unit}"
    return shown


def _json(value: Any) -> Any:
    """Integers and texts as they are; money as exact text; times in UTC with their zone."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _json(item) for name, item in value.items()}
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    plain = _json(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _csv_line(cells: Sequence[str]) -> str:
    """One line, ending as lines do here. A key may hold a carriage return, which ends a row to many readers."""
    line = io.StringIO(newline="")
    # The writer puts quotes around what holds a character of its own line end, and around no other line end.
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"


def _csv(value: Any) -> str:
    text = _text(value)
    if not isinstance(value, str):
        return text
    start = unicodedata.normalize("NFKC", text).lstrip()[:1]
    return f"'{text}" if start in set("=+-@|%") or text[:1] in set("\t\r\n") else text


def parameters(values: Sequence[str]) -> dict[str, Any]:
    """Values of name=value arguments: JSON where it is JSON, a list where the name is a plural, else text."""
    found: dict[str, Any] = {}
    for item in values:
        name, separator, text = item.partition("=")
        if not separator:
            raise typer.BadParameter(f"{item!r} is not name=value")
        try:
            found[name] = json.loads(text)
        except ValueError:
            found[name] = text.split(",") if name.endswith("s") else text
    return found


def chosen_format(value: str) -> Format:
    """The output format of a command line."""
    if value not in get_args(Format):
        raise typer.BadParameter("choose table, json or csv", param_hint="--format")
    return value  # type: ignore[return-value]
