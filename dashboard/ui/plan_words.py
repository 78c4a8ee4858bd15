"""What exactly a plan would do, in words: one function per action, from the plan's params."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dashboard.ui import labels
from dashboard.ui.safe import visible
from dashboard.ui.text import _


def of_labels(params: Mapping[str, Any]) -> list[str]:
    """The labels, and when they will be seen."""
    tags = ", ".join(f"{name}={value}" for name, value in params["tags"].items())
    words = _("set back what run {digest} set") if "undo" in params else _("set {tags}")
    return [
        words.format(tags=visible(tags), digest=str(params.get("undo", ""))[:12]),
        _("other tags stay"),
        _("the dashboard shows the labels after its next sync"),
    ]


def of_restore(params: Mapping[str, Any]) -> list[str]:
    """Speed and days."""
    return [labels.name("restore_speed", params["speed"]), _("{days} days").format(days=params["days"])]


WORDS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "labels": of_labels,
    "restore": of_restore,
}
"""By the name of the action."""


def target(_header: Mapping[str, Any]) -> str:
    """What the targets of a plan's items are."""
    return _("Back to")
