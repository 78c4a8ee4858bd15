"""What the archive is called, and where its data, its warehouse and its pages are."""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dashboard.domain import calendar
from dashboard.settings.section import Section


def _known_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {name!r}; use a name like Asia/Tokyo") from error
    return name


def _known_holidays(code: str) -> str:
    if code != calendar.NO_COUNTRY and not calendar.is_known_country(code):
        raise ValueError(
            f"the holidays of {code!r} are not known; use a code like JP, or an empty text for none"
        )
    return code


class Archive(Section):
    """What the archive is called and where its clock stands."""

    name: str = "Image archive"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Tokyo"
    holidays: Annotated[str, AfterValidator(_known_holidays)] = "JP"
    language: Literal["en", "ja"] | None = None
    is_demo: bool = False


class Aws(Section):
    """Where AWS is; everything left out comes from the standard AWS settings."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None


class WarehouseSettings(Section):
    """Where snapshots are kept and what building and reading them may use."""

    folder: Path = Path("warehouse")
    keep_snapshots: int = Field(default=7, ge=2)
    memory_limit: str = Field(default="1GB", pattern=r"^\d+(\.\d+)?\s*[KMGT]i?B$")
    threads: int | None = Field(default=None, ge=1)
    query_timeout_seconds: int = Field(default=20, ge=1)


class Live(Section):
    """Small live looks that no inventory report contains."""

    lifecycle: bool = True
    unfinished_uploads: bool = True
    max_requests_per_run: int = Field(default=2_000, ge=1)


class Serve(Section):
    """Where the pages are served and which host names may reach them."""

    address: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    allowed_hosts: tuple[str, ...] = ()
    behind_proxy: bool = False

    @property
    def is_local(self) -> bool:
        """Whether only this machine can connect."""
        return self.address in {"127.0.0.1", "localhost", "::1"}
