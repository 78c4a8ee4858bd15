"""Equal rows found among sorted hashes, which spares healthy reports the grouping of all their rows."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

import duckdb

if TYPE_CHECKING:
    import numpy as np

SLICE_ROWS = 16_000_000
"""Hashes looked at together: 128 MB, so that memory does not grow with the archive."""

Hashes: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.uint64]]"


@contextmanager
def sought(connection: duckdb.DuckDBPyConnection, select: str, row_count: int) -> Iterator[Future[Hashes]]:
    """What `repeated_hashes` finds, on a core of its own while something else is made; raises what that does."""
    with connection.cursor() as cursor, ThreadPoolExecutor(1) as beside:
        yield beside.submit(repeated_hashes, cursor, select, row_count)


def repeated_hashes(connection: duckdb.DuckDBPyConnection, select: str, row_count: int) -> Hashes:
    """Each value of `row_hash` that two or more rows of a SELECT have, once.

    Sorting plain numbers costs a tenth of what grouping them does.

    Args:
        row_count: about how many rows there are.

    Raises:
        duckdb.Error: the rows cannot be read.
    """
    import numpy as np

    slice_count = 1 + row_count // SLICE_ROWS
    found: list[Hashes] = []
    for number in range(slice_count):
        chosen = f" WHERE row_hash % {slice_count} = {number}" if slice_count > 1 else ""
        # Of a statement that is executed DuckDB would keep the rows for itself first.
        hashes: Hashes = connection.sql(f"SELECT row_hash FROM ({select}){chosen}").fetchnumpy()["row_hash"]
        hashes.sort()
        found.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    return np.concatenate(found)
