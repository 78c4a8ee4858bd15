"""Where the bill comes from: Cost Explorer, and an export in S3 where there is one."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from dashboard.settings.inventory import BUCKET_NAME
from dashboard.settings.section import Section


def _export_location(text: str) -> str:
    url = urlsplit(text)
    is_folder = len(url.path) > 1 and url.path.endswith("/")
    if (
        url.scheme != "s3"
        or not BUCKET_NAME.fullmatch(url.netloc)
        or not is_folder
        or url.query
        or url.fragment
    ):
        raise ValueError("must look like s3://bucket/prefix/name-of-the-export/")
    return text


class CostExport(Section):
    """A CUR 2.0 or FOCUS export of AWS Data Exports, as Parquet or CSV.gz; its columns say which."""

    location: Annotated[str, AfterValidator(_export_location)]
    max_bytes: int = Field(default=8 << 30, ge=1)

    @property
    def bucket(self) -> str:
        return urlsplit(self.location).netloc

    @property
    def prefix(self) -> str:
        return urlsplit(self.location).path.removeprefix("/")


class Costs(Section):
    """What is asked of Cost Explorer, which charges for every request, and what is read instead."""

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
    aws_budgets: bool = False
    aws_forecast: bool = False
    export: CostExport | None = None
