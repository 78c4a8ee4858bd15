"""A quick look whether anything is listed twice, which spares every healthy report the grouping of all its rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import duckdb
import numpy as np

SLICE_ROWS = 16_000_000
"""Hashes looked at together: 128 MB, so that memory does not grow with the archive."""

_THREADS = 4


def is_any_listed_twice(connection: duckdb.DuckDBPyConnection, row_count: int) -> bool:
    """Whether two rows of staging.objects have the same hash; rows that are the same object always do.

    Sorting plain numbers costs a tenth of what grouping them does.

    Args:
        row_count: about how many rows there are.

    Raises:
        duckdb.Error: the reports cannot be read.
    """
    slice_count = 1 + row_count // SLICE_ROWS
    with ThreadPoolExecutor(_THREADS) as pool:
        for number in range(slice_count):
            chosen = f" WHERE object_hash % {slice_count} = {number}" if slice_count > 1 else ""
            hashes: np.ndarray[tuple[int], np.dtype[np.uint64]] = connection.execute(
                "SELECT object_hash FROM (SELECT hash(key, version_id) AS object_hash FROM staging.objects)"
                + chosen
            ).fetchnumpy()["object_hash"]
            # By the highest bits: the remainder above has been chosen by the lowest.
            place = hashes >> np.uint64(62)
            if any(pool.map(_is_any_repeated, (hashes[place == part] for part in range(_THREADS)))):
                return True
    return False


def _is_any_repeated(hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> bool:
    hashes.sort()
    return bool((hashes[1:] == hashes[:-1]).any())
