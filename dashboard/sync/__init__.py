"""Floor 2: bring data in."""

from dashboard.sync.outcome import SyncOutcome
from dashboard.sync.run import sync

__all__ = ["SyncOutcome", "sync"]
