"""Errors as people meet them: what they lost, why, what to do next, and where.

Texts are kept as templates with their arguments, so that a front end can translate the template and fill it in
afterwards. Arguments may hold hostile text (object keys); they are data, never markup.
"""

from __future__ import annotations

import enum
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any


class ExitCode(enum.IntEnum):
    """Exit codes of the command line; also the `code` of every fault in the summary of a sync."""

    OK = 0
    FAILED = 1
    USAGE = 2
    SETTINGS = 3
    FINDINGS = 4
    NO_SNAPSHOT = 5
    MANIFEST_INVALID = 30
    CHECKSUM_MISMATCH = 31
    FILE_MISSING = 32
    GZIP_DAMAGED = 33
    TOO_LARGE = 34
    NO_ROWS = 35
    SCHEMA_MISMATCH = 36
    DUPLICATE_ROWS = 37
    PATH_REFUSED = 38
    FILE_DAMAGED = 39
    SOURCE_UNREACHABLE = 41
    CREDENTIALS = 42
    SYNC_RUNNING = 43
    DISK_FULL = 44
    READ_ONLY = 45
    OUT_OF_MEMORY = 46
    CHECK_FAILED = 47
    REPORT_SHRANK = 48
    SNAPSHOT_DAMAGED = 49
    COST_PAGING = 51
    COST_THROTTLED = 52
    COST_CREDENTIALS = 53
    COST_DENIED = 54
    COST_INVALID = 55
    COST_BUDGET = 56
    ACCESS_DENIED = 57
    JOURNAL_DAMAGED = 60
    JOURNAL_BUSY = 61
    CONFLICT = 62
    NOT_DELIVERED = 63
    WORKER_RUNNING = 64
    PLAN_REFUSED = 65
    PLAN_OUTDATED = 66
    RUN_INCOMPLETE = 67
    INTERRUPTED = 130


class DashboardError(Exception):
    """One fault in the form every front end shows.

    Args:
        code: exit code of a command that ends with this fault.
        title: what the person lost, as a template.
        cause: why, as a template.
        next_step: what to do now, as a template.
        locator: where: an s3:// address, a query name, a settings key. Never translated.
        args: values of the templates.
    """

    def __init__(
        self, code: ExitCode, title: str, *, cause: str, next_step: str, locator: str = "", **args: Any
    ) -> None:
        self.code = code
        self.title_template = title
        self.cause_template = cause
        self.next_step_template = next_step
        self.locator = locator
        self.args_by_name = args
        super().__init__(self.title)

    @property
    def title(self) -> str:
        return self.title_template.format(**self.args_by_name)

    @property
    def cause(self) -> str:
        return self.cause_template.format(**self.args_by_name)

    @property
    def next_step(self) -> str:
        return self.next_step_template.format(**self.args_by_name)

    def masked(self, mask: Callable[[str], str]) -> DashboardError:
        """The same fault with what it tells of the archive put through `mask`: its arguments and its place."""
        return DashboardError(
            self.code,
            self.title_template,
            cause=self.cause_template,
            next_step=self.next_step_template,
            locator=mask(self.locator),
            **{
                name: mask(str(value)) if isinstance(value, (str, Exception)) else value
                for name, value in self.args_by_name.items()
            },
        )

    def as_dict(self) -> dict[str, Any]:
        """The fault as JSON data, with templates and arguments kept apart for translation."""
        return {
            "code": int(self.code),
            "name": self.code.name.lower(),
            "title": self.title_template,
            "cause": self.cause_template,
            "next_step": self.next_step_template,
            "locator": self.locator,
            "args": {name: str(value) for name, value in self.args_by_name.items()},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> DashboardError:
        return cls(
            ExitCode(data["code"]),
            data["title"],
            cause=data["cause"],
            next_step=data["next_step"],
            locator=data["locator"],
            **data["args"],
        )

    def __str__(self) -> str:
        lines = [self.title, f"  why:   {self.cause}", f"  next:  {self.next_step}"]
        if self.locator:
            lines.append(f"  where: {self.locator}")
        return "\n".join(lines)


def not_written(place: Path, error: OSError) -> DashboardError:
    """A file that somebody asked for at a place that takes none."""
    is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    return DashboardError(
        ExitCode.DISK_FULL if is_full else ExitCode.READ_ONLY,
        "The file was not written",
        cause="{place} cannot be written: {problem}",
        next_step="Make room, or name a place that may be written with --out",
        locator=str(place),
        place=place.name or str(place),
        problem=error.strerror or type(error).__name__,
    )
