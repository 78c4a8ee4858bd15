"""What follows a sync: the worklist is brought up to the new snapshot, and people are told what is new.

Nothing here can undo or break the sync: a fault is returned beside what was done.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.errors import DashboardError, ExitCode
from dashboard.operate.follow import Followed, Reader, follow
from dashboard.operate.journal import Journal
from dashboard.operate.notify import notify, summary
from dashboard.settings import Settings


@dataclass
class AfterSync:
    """What followed a sync.

    Attributes:
        followed: None if the worklist knew the snapshot already.
        notes: sentences a person may want to read.
        fault: what went wrong with the journal.
    """

    followed: Followed | None = None
    notes: list[str] = field(default_factory=list)
    fault: DashboardError | None = None


def after_sync(settings: Settings, reader: Reader, journal: Journal | None = None) -> AfterSync:
    """Bring the worklist up to date and send the digests that are due."""
    found = AfterSync()
    journal = journal or Journal(settings.warehouse.folder)
    try:
        found.followed = follow(
            journal, reader, owners=settings.worklist.devices_by_owner, timezone=settings.archive.timezone
        )
        if found.followed is not None:
            found.notes.append(_told(found.followed))
            last = journal.events(limit=1)[0]
            # Kept outside the journal, in the log of the sync: the end of the chain cannot vanish unnoticed.
            found.notes.append(f"Journal: event {last.id}:{last.hash}")
        found.notes += [f"Digest to {text}" for text in summary(notify(settings, journal))]
    except DashboardError as fault:
        found.fault = fault
    except Exception as error:  # nobody foresaw it; the sync has been published all the same
        found.fault = DashboardError(
            ExitCode.FAILED,
            "The worklist was not brought up to date",
            cause="Something happened that it does not know: {kind}",
            next_step="Send this message to the developers; the pages go on, and the next sync tries again",
            locator=str(journal.file),
            kind=type(error).__name__,
        )
    return found


def _told(followed: Followed) -> str:
    if followed.is_first:
        return f"The worklist begins with {followed.opened_count:,} findings"
    return (
        f"Worklist: {followed.opened_count:,} new, {followed.returned_count:,} back, "
        f"{followed.gone_count:,} closed by themselves"
    )
