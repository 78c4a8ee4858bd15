"""What may go into a dataset for machine learning."""

from __future__ import annotations

from pydantic import Field

from dashboard.settings.section import Section


class Datasets(Section):
    """The label that permits use, and how datasets are split and frozen."""

    permit_tag: str | None = Field(default=None, min_length=1)
    permit_values: tuple[str, ...] = Field(default=("yes",), min_length=1)
    split_key: str = Field(default="archive", min_length=1)
    page_objects: int = Field(default=50_000, ge=1)
