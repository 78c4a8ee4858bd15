"""How a refused settings file is told: one fault, with every problem, its key and its line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from dashboard.domain.naming_language import GrammarError
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings.lines import line_of

Problem = tuple[Sequence[str | int], str]
"""Where, as names of tables and keys and numbers of blocks, and what is wrong there."""


_MOST_TOLD = 20


def not_valid(file: Path, problems: Iterable[Problem]) -> DashboardError:
    """The fault of a settings file that can be read and makes no sense."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        text = ""
    told = []
    for where, what in problems:
        line = line_of(text, where)
        name = ".".join(str(part) for part in where) or "the file"
        told.append(f"{name}: {what}" + (f" (line {line})" if line and where else ""))
    if len(told) > _MOST_TOLD:
        told[_MOST_TOLD:] = [f"and {len(told) - _MOST_TOLD} more"]
    return DashboardError(
        ExitCode.SETTINGS,
        "The settings are not valid",
        cause="{problems}",
        next_step="Mend these keys; dashboard.example.toml explains each of them",
        locator=str(file),
        problems="; ".join(told),
    )


def at_field(error: GrammarError, *before: str | int) -> ValidationError:
    """A grammar's refusal as pydantic's own, so that it names the key and not only the block."""
    kind = PydanticCustomError("grammar", "{problem}", {"problem": str(error)})
    return ValidationError.from_exception_data(
        "grammar", [InitErrorDetails(type=kind, loc=(*before, error.field), input=None)]
    )
