"""Which images are statutory records. A setting, not legal advice."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from dashboard.domain.record_keeping import RecordKeeping
from dashboard.settings.section import Section


class Records(Section):
    """Devices whose images are records that must be readable promptly; left out, any image may be one."""

    devices: tuple[str, ...] | None = None
    readable_within_hours: Decimal = Field(default=Decimal(1), ge=0, le=1000)

    @property
    def keeping(self) -> RecordKeeping:
        """What proposals are held against."""
        return RecordKeeping(self.devices, self.readable_within_hours)
