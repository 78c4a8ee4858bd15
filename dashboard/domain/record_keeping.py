"""Records that the law wants readable promptly, as the settings say it; this is a setting and no legal advice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class RecordKeeping:
    """Whose images are statutory records, and how soon they must be readable.

    Attributes:
        devices: None if nobody has said it yet: then any image may be a record.
        readable_within_hours: what is slower needs a decision.
    """

    devices: Collection[str] | None = None
    readable_within_hours: Decimal = Decimal(1)

    def forbids(self, device_id: str, hours: Decimal) -> bool:
        """Whether objects of a device may not be made so slow to read without a decision."""
        if hours <= self.readable_within_hours:
            return False
        return self.devices is None or device_id in self.devices
