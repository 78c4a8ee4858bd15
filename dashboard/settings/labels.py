"""Where labels come from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.settings.section import Section


class ObjectTagLabels(Section):
    """Labels read from object tags: an image is labelled when it carries every one of `required_tags`."""

    kind: Literal["object_tags"] = "object_tags"
    required_tags: tuple[str, ...] = Field(default=("label",), min_length=1)
    buckets: tuple[str, ...] = ()
    max_requests_per_run: int = Field(default=100_000, ge=1)
    requests_per_second: float = Field(default=200, gt=0)
