"""What a kind of action has to say, so that one worker carries all of them out. Each action is one module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from dashboard.domain.plan import Item


@dataclass(frozen=True)
class Look:
    """What is to be done with an item, after a look at the object.

    Attributes:
        step: "call": do it; "done": it is already as it shall be; "stale": it is not what was planned.
        code: why, for the record.
    """

    step: Literal["call", "done", "stale"]
    code: str = ""


class Action(Protocol):
    """One action on the items of one run. Used by several threads at once."""

    def look(self, item: Item) -> Look:
        """Compare the object with the plan by reading it, before a call and after one in doubt; raises CallFault."""

    def call(self, item: Item) -> tuple[str, str]:
        """Do it, with one request; returns the outcome's code and the request id. Raises CallFault."""
