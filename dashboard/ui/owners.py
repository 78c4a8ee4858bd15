"""Whose a finding is, for pages that read a snapshot: the findings lie there, their owners in the journal."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd

from dashboard.errors import DashboardError
from dashboard.operate import worklist_views
from dashboard.operate.follow import has_begun
from dashboard.operate.journal import Journal
from dashboard.operate.worklist_views import Clock
from dashboard.ui import source
from dashboard.ui.finding_labels import NOBODY
from dashboard.ui.page import Page

Answer = TypeVar("Answer")


def codes() -> list[str]:
    """Everybody who can own a finding, and nobody; none before the worklist has begun."""
    return _of_journal(lambda journal: [NOBODY, *named(journal)], [])


def named(journal: Journal) -> list[str]:
    """Everybody who owns a finding in this journal or may by the settings."""
    return sorted(
        {*worklist_views.owners(journal), *(item.name for item in source.settings().worklist.owners)}
    )


def beside(page: Page, frame: pd.DataFrame) -> pd.DataFrame:
    """Add `owner` and `state` to rows with a `finding_id`; None where the worklist knows none."""
    clock = Clock(dt.datetime.now(dt.UTC), page.view.timezone)
    ids = list(frame["finding_id"])
    known = _of_journal(
        lambda journal: worklist_views.beside(journal, ids, clock), dict[str, tuple[str, str]]()
    )
    found = [known.get(finding, (None, None)) for finding in ids]
    return frame.assign(owner=[owner for owner, _state in found], state=[state for _owner, state in found])


def params(owners: Sequence[str] | None) -> dict[str, Any]:
    """The findings of some owners as parameters of a query, separated by spaces.

    Nobody's are all that no one else owns, those included that the worklist does not know yet.
    """
    if owners is None:
        return {"finding_ids": None, "other_finding_ids": None}
    is_of_others = NOBODY in owners
    names = [name for name in owners if name != NOBODY]
    ids = _of_journal(
        lambda journal: worklist_views.owned(journal, names, is_of_others=is_of_others), list[str]()
    )
    listed = " ".join(ids)
    return {
        "finding_ids": None if is_of_others else listed,
        "other_finding_ids": listed if is_of_others else None,
    }


def _of_journal(look: Callable[[Journal], Answer], otherwise: Answer) -> Answer:
    """An answer of the journal; the worklist page says what is wrong with one that cannot be read."""
    with contextlib.suppress(DashboardError):
        journal = Journal(source.settings().warehouse.folder)
        if has_begun(journal):
            return look(journal)
    return otherwise
