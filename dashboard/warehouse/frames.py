"""Answers of queries as frames. Imported where one is made: pandas and Arrow take half a process's memory, and neither
the worker nor most commands make frames."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd
import pyarrow as pa

# A relation, which DuckDB recommends instead, is planned twice: a fifth of what a page asks, of few rows to copy.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)


def frame_of(table: pa.Table) -> pd.DataFrame:
    """A table as a frame: integers as int64 (Int64 where values are missing), DECIMAL as Decimal."""
    frame = table.to_pandas()
    for field in table.schema:
        if pa.types.is_integer(field.type) and table.column(field.name).null_count:
            frame[field.name] = table.column(field.name).to_pandas(types_mapper=_nullable)
    return frame


def _nullable(type_: pa.DataType) -> Any:
    return pd.Int64Dtype() if pa.types.is_integer(type_) else None
