"""Where the inventory reports are."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from dashboard.settings.section import Section

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
CONFIG_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")


class InventoryLocation(Section):
    """One inventory configuration: `s3://destination-bucket/prefix/source-bucket/config-id/`."""

    location: str
    destination_bucket: str = ""
    prefix: str = ""
    source_bucket: str = ""
    config_id: str = ""
    bucket_owner: str | None = Field(default=None, pattern=r"^\d{12}$")
    history_reports: int = Field(default=30, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _split(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "location" not in data:
            return data
        extra = set(data) & {"destination_bucket", "prefix", "source_bucket", "config_id"}
        if extra:
            raise ValueError(f"{', '.join(sorted(extra))} follow from location; leave them out")
        url = urlsplit(str(data["location"]))
        parts = [part for part in url.path.split("/") if part]
        if url.scheme != "s3" or len(parts) < 2 or url.query or url.fragment:
            raise ValueError("must look like s3://destination-bucket/prefix/source-bucket/config-id/")
        *prefix, source_bucket, config_id = parts
        for name, value, pattern in (
            ("destination bucket", url.netloc, BUCKET_NAME),
            ("source bucket", source_bucket, BUCKET_NAME),
            ("configuration id", config_id, CONFIG_ID),
        ):
            if not pattern.fullmatch(value):
                raise ValueError(f"{value!r} cannot be a {name}")
        if any(part in {".", ".."} for part in prefix):
            raise ValueError("'.' and '..' are not allowed in the prefix")
        return {
            **data,
            "destination_bucket": url.netloc,
            "prefix": "".join(f"{part}/" for part in prefix),
            "source_bucket": source_bucket,
            "config_id": config_id,
        }

    @property
    def root(self) -> str:
        """Key prefix under which this configuration's manifests lie, ending in a slash."""
        return f"{self.prefix}{self.source_bucket}/{self.config_id}/"
