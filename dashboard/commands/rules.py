"""The command line's `rules`: what the naming grammar is, what it says about a key, and what a change would do."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dashboard.settings import Settings, load_settings
from dashboard.terminal import FormatOption, chosen_format, print_rows, visible

app = typer.Typer(
    help="The naming grammar: show it, try a key, see what a change would do, have one suggested.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
_EXITS = {"good": 0, "bad": 1, "out_of_scope": 3}


@app.command()
def show(format_: FormatOption = "table") -> None:
    """Print the compiled grammar: one row per device, with the version of the whole."""
    from dashboard.warehouse.grammar import grammar_version
    from dashboard.warehouse.judge import check_examples

    settings = load_settings()
    check_examples(settings)
    version = grammar_version(settings)
    columns = (
        "device_id",
        "folder",
        "names",
        "parts",
        "units",
        "extensions",
        "in_use",
        "sequence",
        "pattern",
    )
    rows = [
        (
            device.id,
            device.folder,
            device.key or device.pattern,
            {name: list(kind) if isinstance(kind, tuple) else kind for name, kind in device.parts.items()},
            list(device.units),
            list(device.extensions),
            f"{device.in_use_from}/{device.in_use_to or ''}",
            device.sequence
            if device.sequence_last is None
            else f"{device.sequence} up to {device.sequence_last}",
            device.grammar.pattern,
            version,
        )
        for device in settings.device
    ]
    print_rows((*columns, "grammar_version"), rows, chosen_format(format_))


@app.command("try")
def try_key(
    key: Annotated[str, typer.Argument(help="A whole key, without bucket.")],
    format_: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """Explain the verdict on one key part by part; ends with 0 if it is good, 1 if bad, 3 if out of scope.

    The settings alone decide: no snapshot and no AWS is needed.
    """
    from dashboard.warehouse.grammar import explain, grammar_version
    from dashboard.warehouse.judge import check_examples, judge

    if format_ not in {"table", "json"}:
        raise typer.BadParameter("choose table or json", param_hint="--format")
    settings = load_settings()
    check_examples(settings)
    found = judge(settings, key)
    parts = explain(settings, found.device_id, key) if found.kind == "image" else []
    if format_ == "json":
        print(
            json.dumps(
                {
                    "key": key,
                    "verdict": found.verdict,
                    "kind": found.kind,
                    "device_id": found.device_id,
                    "reasons": list(found.reasons),
                    "proposed_key": found.proposed_key,
                    "parts": [
                        {
                            "part": item.part,
                            "expected": item.expected,
                            "found": item.found,
                            "is_ok": item.is_ok,
                            "problem": item.problem,
                        }
                        for item in parts
                    ],
                    "grammar_version": grammar_version(settings),
                },
                ensure_ascii=False,
                indent=1,
            )
        )
    else:
        rows = [("verdict", found.verdict.replace("_", " ")), ("device", found.device_id)]
        rows += [("reason" if not number else "also", code) for number, code in enumerate(found.reasons)]
        rows += [("proposed key", found.proposed_key)] if found.proposed_key else []
        print_rows(("", "key"), [("", key), *rows], "table")
        # What stands between the parts is worth a line only where it is wrong.
        told = [
            item for item in parts if item.part.startswith(("{", "(?P<")) or (item.problem and item.found)
        ]
        if told:
            print_rows(
                ("part", "expected", "found", "is_ok", "why not"),
                [(item.part, item.expected, item.found, item.is_ok, item.problem) for item in told],
                "table",
            )
    raise typer.Exit(_EXITS[found.verdict])


@app.command()
def impact(
    settings_file: Annotated[
        Path | None,
        typer.Option("--settings", help="A draft of the settings; left out, the settings as they are now."),
    ] = None,
    format_: FormatOption = "table",
) -> None:
    """Count the objects of the current snapshot that would get another verdict under a changed grammar."""
    from dashboard.warehouse.impact import impact as measure
    from dashboard.warehouse.judge import check_examples

    chosen = chosen_format(format_)
    settings = load_settings()
    draft = load_settings(settings_file) if settings_file else settings
    check_examples(draft, settings_file)
    found = measure(settings, draft)
    if chosen == "json":
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        return
    print_rows(
        ("device_id", "before", "after", "object_count", "size_bytes", "device_before", "samples"),
        [
            (
                item.device_id,
                item.before,
                item.after,
                item.object_count,
                item.size_bytes,
                item.device_before if item.device_before != item.device_id else "",
                "  ".join(item.samples) if chosen == "table" else list(item.samples),
            )
            for item in found.changes
        ],
        chosen,
    )
    if chosen == "table":
        print(
            f"{found.changed_count:,} of {found.object_count:,} objects of snapshot {found.snapshot_id} would get "
            f"another verdict (grammar {found.version_before} -> {found.version_after})"
        )


@app.command()
def suggest(
    prefix: Annotated[str, typer.Argument(help="What the keys begin with, such as a folder.")],
    format_: Annotated[str, typer.Option("--format", help="toml or json.")] = "toml",
) -> None:
    """Suggest a device's block of the settings from the keys that the current snapshot has under a prefix."""
    from dashboard.warehouse.suggest import suggest as propose

    if format_ not in {"toml", "json"}:
        raise typer.BadParameter("choose toml or json", param_hint="--format")
    found = propose(load_settings(), prefix)
    if format_ == "json":
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1, default=str))
    else:
        print(visible(found.toml, keep="\n"), end="")


def examples_row(settings: Settings) -> tuple[str, bool | None, str, str]:
    """The line of `check` about the good and bad names."""
    from dashboard.warehouse.judge import examples_fault

    fault = examples_fault(settings)
    return ("naming grammar", fault is None, fault.cause if fault else "", fault.next_step if fault else "")
