"""What to do while the settings describe no device: every image is one of no device then, and no name can be good."""

from __future__ import annotations

import streamlit as st

from dashboard.ui import source
from dashboard.ui.text import _

EXAMPLE = "python -m dashboard rules suggest FOLDER/"


def tell_how_to_describe() -> bool:
    """Say it, in the place of what cannot be shown; returns whether there was anything to say."""
    if source.settings().device:
        return False
    st.caption(
        _(
            "No device is described in dashboard.toml, so no name can be judged and every image counts as misnamed. "
            "This writes a block of the settings from the keys of a folder; after it, run a sync:"
        )
    )
    st.text(EXAMPLE)  # `st.code` would load half a megabyte to colour one line
    return True
