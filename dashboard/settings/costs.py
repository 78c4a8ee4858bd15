"""What is asked of Cost Explorer."""

from __future__ import annotations

from pydantic import Field

from dashboard.settings.section import Section


class Costs(Section):
    """What is asked of Cost Explorer, which charges for every request."""

    enabled: bool = True
    services: tuple[str, ...] = (
        "Amazon Simple Storage Service",
        "Amazon Glacier",
        "Amazon S3 Glacier Deep Archive",
    )
    months: int = Field(default=14, ge=1, le=38)
    daily_days: int = Field(default=62, ge=0, le=400)
    tags: tuple[str, ...] = ()
    by_account: bool = False
    refresh_hours: int = Field(default=8, ge=0)
    max_requests_per_run: int = Field(default=60, ge=1)
    max_requests_per_day: int = Field(default=200, ge=1)
