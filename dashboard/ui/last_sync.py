"""What the last sync did, in the reader's language and ready to be drawn.

Sentences hold addresses: they are text, never Markdown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from dashboard.domain.notes import Note
from dashboard.errors import DashboardError
from dashboard.ui import faults, formats, labels, privacy, source
from dashboard.ui.text import _, fault_texts, n_, said_of

Color = Literal["red", "green", "blue"]
_COLORS: dict[str, Color] = {"failed": "red", "published": "green", "unchanged": "blue"}


@dataclass(frozen=True)
class LastSync:
    """The last sync.

    Attributes:
        outcome, color: of its badge.
        lines: sentences: when it ended, what it asked for, which reports it used.
        notes: what it wants known.
        faults: one row per fault: `title`, `cause`, `next_step`, `locator`.
    """

    outcome: str
    color: Color
    lines: list[str]
    notes: list[str]
    faults: pd.DataFrame


def faults_of(told: Mapping[str, Any] | None) -> list[DashboardError]:
    """The faults that last_sync.json tells of."""
    return [faults.shown(DashboardError.from_dict(item)) for item in (told or {}).get("faults", ())]


def ended_at(told: Mapping[str, Any]) -> dt.datetime:
    """When it ended; when it began if it was cut off (UTC)."""
    return dt.datetime.fromisoformat(told.get("finished_at") or told["started_at"])


def read(told: Mapping[str, Any] | None, zone: str) -> LastSync | None:
    """Put what last_sync.json tells into words.

    Args:
        told: its content; None before the first sync.
        zone: the archive's, for times.
    """
    if not told:
        return None
    code = "failed" if told.get("exit_code") else "published" if told.get("published") else "unchanged"
    lines = [
        said_of(_("Finished"), formats.when(ended_at(told), zone)),
        said_of(_("Paid requests"), formats.count(told.get("paid_request_count", 0))),
        said_of(_("Requests for tags"), formats.count(told.get("label_request_count", 0))),
    ]
    lines += [
        said_of(labels.name("report_state", item["status"]), item["location"])
        for item in told.get("sources", ())
    ]
    rows = [(*fault_texts(fault), fault.locator) for fault in faults_of(told)]
    mask = str if privacy.may_see_keys() else source.masker().told
    return LastSync(
        labels.name("sync_outcome", code),
        _COLORS[code],
        lines,
        [Note.from_dict(note).said(translated, mask) for note in told.get("notes", ())],
        pd.DataFrame(rows, columns=["title", "cause", "next_step", "locator"]),
    )


def translated(text: str, plural: str, count: int) -> str:
    """A template of a note in the language of this run."""
    return n_(text, plural, count) if plural else _(text)
