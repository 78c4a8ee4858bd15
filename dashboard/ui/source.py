"""Where pages get their figures: the settings, the warehouse, and frames cached by snapshot."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd
import streamlit as st

from dashboard.errors import DashboardError
from dashboard.settings import Settings, load_settings

if TYPE_CHECKING:
    from dashboard.warehouse.masking import Masker

Param = str | int | float | date | list[str] | None


class Snapshot(Protocol):
    """What the pages need to know of a published snapshot."""

    @property
    def snapshot_id(self) -> str: ...

    @property
    def built_at(self) -> datetime: ...

    @property
    def report_at(self) -> datetime | None: ...


class Reader(Protocol):
    """The warehouse as the pages see it; raises DashboardError."""

    def current(self) -> Any: ...

    def frame(
        self, name: str, params: dict[str, Any] | None = None, snapshot_id: str | None = None
    ) -> pd.DataFrame: ...

    def rows(
        self, name: str, params: Mapping[str, Any] | None = None, snapshot_id: str | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]: ...

    def last_sync(self) -> dict[str, Any] | None: ...

    def snapshots(self) -> list[Any]: ...

    def damage(self) -> DashboardError | None: ...


class _Sources:
    """Settings and warehouse of this process, made once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.settings: Settings | None = None
        self.reader: Reader | None = None
        self.masker: Masker | None = None


_sources = _Sources()


def configure(settings: Settings, reader: Reader | None = None) -> None:
    """Serve these settings (and this warehouse) instead of the ones the environment names."""
    with _sources.lock:
        _sources.settings = settings
        _sources.reader = reader
        _sources.masker = None


def settings() -> Settings:
    """The settings of this process.

    Raises:
        DashboardError: SETTINGS.
    """
    with _sources.lock:
        if _sources.settings is None:
            _sources.settings = load_settings()
        return _sources.settings


def warehouse() -> Reader:
    """The warehouse of this process."""
    known = settings()
    with _sources.lock:
        if _sources.reader is None:
            from dashboard.warehouse.read import Warehouse

            _sources.reader = Warehouse(known)
        return _sources.reader


def masker() -> Masker:
    """What stands between the warehouse and people who may not see keys."""
    known = settings()
    with _sources.lock:
        if _sources.masker is None:
            from dashboard.warehouse.masking import Masker

            _sources.masker = Masker(known)
        return _sources.masker


@functools.cache
def _cached() -> Callable[..., pd.DataFrame]:
    """The cached reader, made when first used: Streamlit chooses its store by the server that is running then."""

    @st.cache_data(max_entries=512, show_spinner=False)
    def read(asked: str, _ask: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        return _ask()

    return read


def frame(name: str, params: Mapping[str, Param], snapshot: Snapshot, *, sees_keys: bool) -> pd.DataFrame:
    """The answer of a page query on one snapshot, kept until newer answers push it out.

    Args:
        sees_keys: whether the viewer sees object keys in clear. What is kept for one is never given to the other.

    Returns:
        The rows; `attrs["masked"]` are the marks that stand for keys.

    Raises:
        DashboardError: the snapshot is gone or damaged, or the query took too long.
    """
    masked_as = "" if sees_keys else masker().mode
    folder, built_at = settings().warehouse.folder, snapshot.built_at.isoformat()
    asked = repr((name, sorted(params.items()), snapshot.snapshot_id, built_at, str(folder), masked_as))
    # By name: for an argument that is given by place Streamlit takes the function's signature apart, each time.
    return _cached()(asked=asked, _ask=lambda: uncached_frame(name, params, snapshot, sees_keys=sees_keys))


def uncached_frame(
    name: str, params: Mapping[str, Param], snapshot: Snapshot, *, sees_keys: bool
) -> pd.DataFrame:
    """The answer of a page query, not kept: for exports, which are large and asked for once.

    Raises:
        DashboardError: as `frame`.
    """
    return masked(warehouse().frame(name, dict(params), snapshot.snapshot_id), sees_keys=sees_keys)


def masked(frame: pd.DataFrame, *, sees_keys: bool) -> pd.DataFrame:
    """Rows from wherever, without the keys that the viewer may not see. `attrs["masked"]` as in `frame`."""
    return frame if sees_keys else masker().frame(frame)
