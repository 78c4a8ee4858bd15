"""Equal rows found among sorted hashes, which spares healthy reports the grouping of all their rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

import duckdb
import numpy as np

SLICE_ROWS = 16_000_000
"""Hashes looked at together: 128 MB, so that memory does not grow with the archive."""

Hashes: TypeAlias = np.ndarray[tuple[int], np.dtype[np.uint64]]

_THREADS = 4


def is_any_listed_twice(connection: duckdb.DuckDBPyConnection, row_count: int) -> bool:
    """Whether two rows of staging.objects have the same hash; rows that are the same object always do.

    Args:
        row_count: about how many rows there are.

    Raises:
        duckdb.Error: the reports cannot be read.
    """
    select = "SELECT hash(key, version_id) AS row_hash FROM staging.objects"
    return len(repeated_hashes(connection, select, row_count)) > 0


def repeated_hashes(connection: duckdb.DuckDBPyConnection, select: str, row_count: int) -> Hashes:
    """Each value of `row_hash` that two or more rows of a SELECT have, once.

    Sorting plain numbers costs a tenth of what grouping them does.

    Args:
        row_count: about how many rows there are.

    Raises:
        duckdb.Error: the rows cannot be read.
    """
    slice_count = 1 + row_count // SLICE_ROWS
    found: list[Hashes] = []
    with ThreadPoolExecutor(_THREADS) as pool:
        for number in range(slice_count):
            chosen = f" WHERE row_hash % {slice_count} = {number}" if slice_count > 1 else ""
            hashes: Hashes = connection.execute(f"SELECT row_hash FROM ({select}){chosen}").fetchnumpy()[
                "row_hash"
            ]
            # By the highest bits: the remainder above has been chosen by the lowest.
            place = hashes >> np.uint64(62)
            found += pool.map(_repeated, (hashes[place == part] for part in range(_THREADS)))
    return np.concatenate(found)


def _repeated(hashes: Hashes) -> Hashes:
    hashes.sort()
    return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
