"""Frozen datasets on a page: the button that freezes, the list, and the files to take away."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.domain.dataset import FORMATS, NAME
from dashboard.errors import DashboardError
from dashboard.operate import dataset
from dashboard.operate.dataset import FrozenDataset
from dashboard.ui import faults, formats, links, operator, source
from dashboard.ui.selection import Choice
from dashboard.ui.text import _

_DEFAULT_NAME = "images"


def freeze(choice: Choice, ready_count: int) -> None:
    """A name and a button, up to the number of objects that the settings allow a page; else the command line."""
    largest = source.settings().dataset.page_objects
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = links.seed(
            "dataset", lambda text: text if NAME.fullmatch(text) else _DEFAULT_NAME, _DEFAULT_NAME
        )
        name = st.text_input(_("Name of the dataset"), key=key, width=260, persist_state="session")
        name = (name or "").strip()
        is_good = bool(NAME.fullmatch(name))
        clicked = st.button(
            _("Freeze"),
            icon=":material/ac_unit:",
            disabled=not is_good or not 0 < ready_count <= largest,
            key="freeze",
        )
    if not is_good:
        st.caption(_("Small letters, digits, - and _, at most 64 of them"))
        return
    if ready_count > largest:
        said = _("More than {count} objects are frozen on the command line:")
        st.caption(said.format(count=formats.count(largest)))
    else:
        st.caption(_("The same on the command line:"))
    # Plain text: a code block would load half a megabyte of highlighting with the first visit.
    st.text(choice.command(name))
    if clicked:
        try:
            operator.acting("lead")
            with st.spinner(_("Freezing")):
                dataset.create_apart(name, choice.arguments())
        except DashboardError as fault:
            faults.show(fault)


def listed() -> pd.DataFrame:
    """The frozen datasets, the newest first: name, dataset_hash, created_at, object_count, size_bytes, snapshot_id."""
    names = ["name", "dataset_hash", "created_at", "object_count", "size_bytes", "snapshot_id"]
    rows = [[item.definition[name] for name in names] for item in dataset.frozen(source.settings())]
    frame = pd.DataFrame(rows, columns=names)
    times = pd.to_datetime(frame["created_at"], format="ISO8601", utc=True)
    return frame.assign(created_at=times.dt.tz_localize(None))


def downloads(*, sees_keys: bool) -> None:
    """A choice of the frozen datasets and a button for each format; larger ones are exported on the command line.

    Args:
        sees_keys: whether the viewer sees object keys in clear. The files hold nothing else, so others get none.
    """
    every = {f"{item.name}/{item.dataset_hash}": item for item in dataset.frozen(source.settings())}
    if not every:
        return
    chosen = st.selectbox(
        _("Dataset"),
        list(every),
        format_func=lambda code: f"{every[code].name} · {every[code].dataset_hash[:12]}",
        key="frozen_dataset",
        width=340,
    )
    picked = every[chosen]
    if not sees_keys:
        st.caption(
            _("The files hold object keys in clear, which you may not see. The command above writes them with --out, "
              "and on the server the folder of the dataset holds them as Parquet.")
        )  # fmt: skip
        return
    if picked.definition["object_count"] > source.settings().dataset.page_objects:
        st.caption(_("Too large for a page; the folder of the dataset holds it as Parquet:"))
        st.code(str(picked.folder), language=None)
        return
    with st.container(horizontal=True):
        for format_ in FORMATS:
            st.download_button(
                {"jsonl": "JSON Lines", "csv": "CSV", "parquet": "Parquet", "source-ref": "source-ref"}[
                    format_
                ],
                lambda format_=format_: _bytes(picked, format_),  # type: ignore[misc]
                f"{picked.name}-{picked.dataset_hash[:12]}.{FORMATS[format_]}",
                "application/octet-stream",
                key=f"dataset_{format_}",
                icon=":material/download:",
                on_click="ignore",
            )
    st.caption(_("Later, this says what has drifted:"))
    st.code(f"python -m dashboard dataset verify {picked.dataset_hash[:12]}", language="bash")


def _bytes(picked: FrozenDataset, format_: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return dataset.export(source.settings(), picked, format_, Path(folder)).read_bytes()
