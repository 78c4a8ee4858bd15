"""Who is told about new findings, when, and how."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from dashboard.settings.section import Section

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class Notify(Section):
    """One address that gets a digest of new findings; its URL, which may hold a secret, is in the environment."""

    name: str = Field(default="data leads", min_length=1, max_length=60)
    url_env: str = Field(default="NOTIFY_URL", pattern=r"^[A-Z][A-Z0-9_]*$")
    min_severity: Literal["critical", "high", "medium", "low"] = "high"
    quiet_hours: str = ""
    digest: Literal["daily", "each_sync"] = "daily"
    language: Literal["en", "ja"] = "en"
    monthly_report: bool = False
    restores: bool = False
    page_url: str = Field(default="", pattern=r"^$|^https?://\S+$")

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        if value and not _HOURS.fullmatch(value):
            raise ValueError('must look like "20:00-07:00", or be empty')
        return value

    @model_validator(mode="after")
    def _not_always_quiet(self) -> Self:
        if self.quiet_hours and len(set(self.quiet_hours.split("-"))) == 1:
            raise ValueError("quiet_hours that end when they begin would never let a message out")
        return self

    def is_quiet_at(self, moment: datetime, zone: str) -> bool:
        """Whether nothing may be sent at a moment, by the clock of a zone."""
        return self.is_quiet(moment.astimezone(ZoneInfo(zone)).time())

    def is_quiet(self, at: time) -> bool:
        """Whether nothing may be sent at a time of the archive's clock."""
        if not self.quiet_hours:
            return False
        begin, end = (time.fromisoformat(part) for part in self.quiet_hours.split("-"))
        return begin <= at < end if begin < end else at >= begin or at < end
