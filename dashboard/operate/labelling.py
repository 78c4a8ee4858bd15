"""The images that wait for a label, as tasks for a labelling tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboard.domain.labelling import Task
from dashboard.operate.follow import Reader

QUERY = "worklist.unlabelled"
UNLABELLED_RULE = "unlabelled_images"


def tasks(
    reader: Reader,
    *,
    devices: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    buckets: Sequence[str] | None = None,
    months: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    limit: int | None = None,
    snapshot_id: str | None = None,
) -> Iterator[Task]:
    """Every current image that no source says is labelled, in the order of the reports, as it is read.

    Args:
        months: first days, as 2026-10-01.
        groups: subjects of findings of the rule unlabelled_images.
        limit: at most so many.

    Raises:
        DashboardError: of the warehouse.
    """
    chosen: Mapping[str, Any] = {
        "devices": _codes(devices),
        "units": _codes(units),
        "buckets": _codes(buckets),
        "months": _codes(months),
        "groups": _codes(groups),
        "row_limit": limit,
    }
    for batch in reader.batches(QUERY, chosen, snapshot_id):
        for bucket, key, version_id, e_tag, size_bytes, device_id, unit_id, month, storage_class in batch:
            yield Task(
                bucket,
                key,
                version_id or "",
                e_tag or "",
                size_bytes or 0,
                device_id,
                unit_id,
                month,
                storage_class,
            )


def _codes(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
