"""Frozen datasets on a page: the button that freezes, the list, and the files to take away."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.domain.dataset import FORMATS, NAME
from dashboard.errors import DashboardError
from dashboard.operate import dataset
from dashboard.operate.dataset import FrozenDataset
from dashboard.ui import faults, formats, links, operator, shell, source
from dashboard.ui.selection import Choice
from dashboard.ui.text import _

_DEFAULT_NAME = "images"
_PICKED = "frozen_dataset"


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
                made = dataset.create_apart(name, choice.arguments())
        except DashboardError as fault:
            faults.tell(fault, "frozen")
            return
        # What was frozen is what one takes away next.
        st.session_state[_PICKED] = made
        faults.tell(_("Frozen: {name}").format(name=f"{name} · {made[:12]}"), "frozen")


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
    every = _every()
    if not every:
        return
    picked = every[_pick(every, _PICKED)]
    shell.link(
        "restore",
        _("Restore what was archived of it since"),
        {"of": "frozen", "frozen": picked.dataset_hash},
    )
    if not sees_keys:
        st.caption(
            _("The files hold object keys in clear, which you may not see. The command line writes them:")
        )
        st.code(_export_command(picked), language=None)
        return
    if picked.definition["object_count"] > source.settings().dataset.page_objects:
        st.caption(_("Too large for a page; the command line writes it:"))
        st.code(_export_command(picked), language=None)
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
    st.code(f"python -m dashboard dataset verify {picked.dataset_hash[:12]}", language=None)


def archived_since() -> tuple[str, Sequence[str]]:
    """A choice of the frozen datasets, kept in the address, and which members of one are archived now: its hash, ''
    where there is none, and s3://bucket/key of each. Told are those that no restore brings back.

    Too large a dataset is left to the command line, as everything of it is.
    """
    every = _every()
    if not every:
        st.caption(_("No dataset is frozen yet."))
        return "", ()
    chosen = links.choose("frozen", every, next(iter(every))) or ""
    _pick(every, links.state_key("frozen"))
    if every[chosen].definition["object_count"] > source.settings().dataset.page_objects:
        st.caption(_("Too large for a page; the command line plans it:"))
        return chosen, ()
    try:
        with st.spinner(_("Held against the newest report…")):
            keys, drifted_count = _archived()(chosen, source.warehouse().current().snapshot_id)
    except DashboardError as fault:
        faults.show(fault)
        return chosen, ()
    st.caption(_("Of these, the images that are as they were frozen, but archived since."))
    if drifted_count:
        said = _("Changed, renamed, labelled otherwise or gone, which no restore brings back: {count}")
        st.caption(said.format(count=formats.count(drifted_count)))
    return chosen, keys


def _export_command(picked: FrozenDataset) -> str:
    return f"python -m dashboard dataset export {picked.dataset_hash[:12]} --format csv --out datasets"


def _every() -> dict[str, FrozenDataset]:
    """The frozen datasets by their hash, the newest first; of those with one content the newest name."""
    every: dict[str, FrozenDataset] = {}
    for item in dataset.frozen(source.settings()):
        every.setdefault(item.dataset_hash, item)
    return every


def _pick(every: dict[str, FrozenDataset], key: str) -> str:
    if st.session_state.get(key) not in every:
        st.session_state.pop(key, None)
    chosen: str = st.selectbox(
        _("Dataset"),
        list(every),
        format_func=lambda code: f"{every[code].name} · {code[:12]}",
        key=key,
        width=340,
        persist_state="session",
    )
    return chosen


@functools.cache
def _archived() -> Callable[[str, str], tuple[Sequence[str], int]]:
    """Kept, since it reads the members and the whole report; made when first used, as `source.frame` is."""

    @st.cache_data(max_entries=4, show_spinner=False)
    def read(dataset_hash: str, snapshot_id: str) -> tuple[Sequence[str], int]:
        keys, others = dataset.archived_apart(dataset.find(source.settings(), dataset_hash))
        return keys, sum(others.values())

    return read


def _bytes(picked: FrozenDataset, format_: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return dataset.export(source.settings(), picked, format_, Path(folder)).read_bytes()
