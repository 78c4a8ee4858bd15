"""From when on something is worth a finding."""

from __future__ import annotations

from pydantic import Field

from dashboard.settings.section import Section


class Findings(Section):
    """Thresholds of the alert rules, in days."""

    late_after_days: int = Field(default=14, ge=1)
    overwritten_within_days: int = Field(default=7, ge=1)
    new_within_days: int = Field(default=30, ge=1)
