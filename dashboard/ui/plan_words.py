"""What exactly a plan would do, in words: one function per action, from the plan's params."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dashboard.ui import labels
from dashboard.ui.text import _


def of_restore(params: Mapping[str, Any]) -> list[str]:
    """Speed and days."""
    return [labels.name("restore_speed", params["speed"]), _("{days} days").format(days=params["days"])]


WORDS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {"restore": of_restore}
"""By the name of the action."""
