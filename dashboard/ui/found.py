"""What the snapshot has of a choice, before a plan is made of it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.ui.text import n_


class Found:
    """What of a choice is archived.

    Args:
        rows: of restore.choices.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        is_archived = rows["storage_class"] != ""
        self.archived = rows[is_archived & (rows["object_count"] > 0)]
        self.object_count = int(self.archived["object_count"].sum())
        self.size_bytes = int(self.archived["size_bytes"].sum())
        self.readable_count = int(rows[~is_archived]["object_count"].sum())
        self.readable_bytes = int(rows[~is_archived]["size_bytes"].sum())
        self.unsized_count = int(rows["unsized_count"].sum())

    def say_unsized(self) -> None:
        """That there is more, of unknown size."""
        if self.unsized_count:
            told = n_(
                "Not counted: {count} object whose size the report does not tell. A plan refuses it; add Size to the "
                "optional fields of the S3 Inventory.",
                "Not counted: {count} objects whose size the report does not tell. A plan refuses them; add Size to "
                "the optional fields of the S3 Inventory.",
                self.unsized_count,
            )
            st.caption(told.format(count=f"{self.unsized_count:,}"))
