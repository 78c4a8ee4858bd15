"""What follows a sync: the worklist is brought up to the new snapshot, and people are told what is new.

Nothing here can undo or break the sync: a fault is returned beside what was done.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.domain.notes import Note
from dashboard.errors import DashboardError, ExitCode
from dashboard.operate.follow import Followed, Reader, follow
from dashboard.operate.journal import Journal
from dashboard.operate.letting_go import let_go
from dashboard.operate.notify import notify, summary
from dashboard.settings import Settings


@dataclass
class AfterSync:
    """What followed a sync.

    Attributes:
        followed: None if the worklist knew the snapshot already.
        notes: what a person may want to know.
        fault: what went wrong with the journal.
    """

    followed: Followed | None = None
    notes: list[Note] = field(default_factory=list)
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
            found.notes.append(Note("Journal: event {event}", event=f"{last.id}:{last.hash}"))
        found.notes += summary(notify(settings, journal))
        if count := let_go(journal.writing) if journal.exists() else 0:
            found.notes.append(
                Note(
                    "Journal: the objects of {count} plan that nobody confirmed were let go",
                    "Journal: the objects of {count} plans that nobody confirmed were let go",
                    count=count,
                )
            )
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


def _told(followed: Followed) -> Note:
    if followed.is_first:
        count = followed.opened_count
        return Note(
            "The worklist begins with {count} finding",
            "The worklist begins with {count} findings",
            count=count,
        )
    return Note(
        "Worklist: {opened} new, {returned} back, {gone} closed by themselves",
        opened=followed.opened_count,
        returned=followed.returned_count,
        gone=followed.gone_count,
    )
