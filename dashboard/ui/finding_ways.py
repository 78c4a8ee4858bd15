"""Where what a rule finds is put right: the page that plans it, and its filters."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.ui import shell
from dashboard.ui.finding_labels import REASONS
from dashboard.ui.text import _

WAYS: dict[str, tuple[str, dict[str, str]]] = {
    **{reason: ("change", {"do": "rename", "reasons": reason}) for reason in REASONS},
    "overwritten_image": ("clean", {"do": "bring_back"}),
    "exact_duplicate": ("clean", {"do": "remove_duplicates"}),
    "unfinished_upload": ("clean", {"do": "abort_uploads"}),
    "junk_object": ("clean", {"do": "remove_junk"}),
    "unlabelled_images": ("change", {"do": "labels", "of": "unlabelled"}),
}
"""By rule. A bad name has the rule of its reason."""


def offer(rules: Sequence[str] | None, devices: Sequence[str] | None) -> None:
    """The way to a plan about the findings of one rule on some devices, if there is one.

    Args:
        rules, devices: chosen; None = all.
    """
    if rules is None or len(rules) != 1 or rules[0] not in WAYS:
        return
    page_id, codes = WAYS[rules[0]]
    shell.link(page_id, _("Plan it…"), {**codes, "devices": devices or ""})
