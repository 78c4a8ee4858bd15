"""The images that wait for a label, as tasks for a labelling tool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from dashboard.domain.labelling import Task
from dashboard.operate.follow import Reader

PLACES, IMAGES = "worklist.places", "worklist.unlabelled"
UNLABELLED_RULE = "unlabelled_images"
SORTED_AT_ONCE = 1_000_000
"""Images that a reader sorts in one piece: a list may be as long as the archive, which does not fit into its memory."""


def tasks(
    reader: Reader,
    *,
    devices: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    buckets: Sequence[str] | None = None,
    months: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    limit: int | None = None,
    today: date | None = None,
    snapshot_id: str | None = None,
) -> Iterator[Task]:
    """Every current image that no source says is labelled, by device, unit, month, bucket and key.

    Args:
        months: first days, as 2026-10-01; 'other' for all outside the 14 months up to `today`.
        groups: subjects of findings of the rule unlabelled_images.
        limit: the first so many.
        today: the report's day, if left out.

    Raises:
        DashboardError: of the warehouse.
    """
    chosen: dict[str, Any] = {
        "devices": _codes(devices),
        "units": _codes(units),
        "months": _codes(months),
        "today": today,
        "groups": _codes(groups),
    }
    snapshot_id = snapshot_id or reader.current().snapshot_id
    _columns, places = reader.rows(PLACES, chosen, snapshot_id)
    left = limit
    for first, last in spans(places, SORTED_AT_ONCE):
        if left == 0:
            return
        asked = {**chosen, "buckets": _codes(buckets), "first": first, "last": last, "row_limit": left}
        for batch in reader.batches(IMAGES, asked, snapshot_id):
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
            left = None if left is None else left - len(batch)


def spans(places: Iterable[tuple[str, int]], most: int) -> Iterator[tuple[str, str]]:
    """First and last place of neighbours that hold up to so many images together; a place is never divided.

    Args:
        places: name and number of images, in order of names; those without images are left out.
    """
    first = last = ""
    held = 0
    for place, count in places:
        if held and held + count > most:
            yield first, last
            held = 0
        if count:
            first, last, held = (first if held else place), place, held + count
    if held:
        yield first, last


def _codes(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
