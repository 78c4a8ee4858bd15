"""A quick look whether anything is listed twice, which spares every healthy report the grouping of all its rows."""

from __future__ import annotations

import duckdb
import numpy as np

CHECK = "checks.object_is_listed_once"
"""The query that says which report lists what twice; it is asked only if the quick look finds something."""

SLICE_ROWS = 16_000_000
"""Hashes looked at together: 128 MB, so that memory does not grow with the archive."""


def is_any_listed_twice(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether two rows of staging.objects have the same hash; rows that are the same object always do.

    Sorting plain numbers costs a tenth of what grouping them does.

    Raises:
        duckdb.Error: the reports cannot be read.
    """
    row = connection.execute(
        "SELECT coalesce(sum(row_count), 0)::BIGINT FROM raw.reports WHERE is_current"
    ).fetchone()
    slice_count = 1 + (row[0] if row else 0) // SLICE_ROWS
    for number in range(slice_count):
        chosen = f" WHERE object_hash % {slice_count} = {number}" if slice_count > 1 else ""
        hashes: np.ndarray[tuple[int], np.dtype[np.uint64]] = connection.execute(
            "SELECT object_hash FROM (SELECT hash(report_no, key, version_id) AS object_hash FROM staging.objects)"
            + chosen
        ).fetchnumpy()["object_hash"]
        hashes.sort()
        if (hashes[1:] == hashes[:-1]).any():
            return True
    return False
