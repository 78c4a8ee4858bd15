"""What a kind of action has to say, so that one worker carries all of them out. Each action is one module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from dashboard.aws.objects import Seen
from dashboard.aws.versions import NULL
from dashboard.domain.plan import Item


@dataclass(frozen=True)
class Look:
    """What is to be done with an item, after a look at the object.

    Attributes:
        step: "call": do it; "done": it is already as it shall be; "stale": it is not what was planned.
        code: why, for the record.
        before: what stands there now and would be overwritten, as JSON; it is written down before `call`.
    """

    step: Literal["call", "done", "stale"]
    code: str = ""
    before: str = ""


class Done(NamedTuple):
    """An item that was carried out.

    Attributes:
        code: what exactly was done.
        request_id: AWS's, of the request that did it.
        before: what stood there before, as JSON, if nothing else keeps it.
    """

    code: str
    request_id: str = ""
    before: str = ""


def difference(item: Item, seen: Seen | None, *, in_class: bool = True) -> str:
    """Why an object is not what was planned, as a code of outcomes; '' if it is.

    Args:
        in_class: whether its storage class counts, too.
    """
    if seen is None:
        return "gone"
    is_version = item.version_id in {"", seen.version_id or NULL}
    is_content = item.e_tag in {"", seen.e_tag} and seen.size_bytes == item.size_bytes
    if not (is_version and is_content):
        return "changed"
    return "other_class" if in_class and seen.storage_class != item.storage_class else ""


class Action(Protocol):
    """One action on the items of one run. Used by several threads at once."""

    leaves_copies: bool
    """Whether objects have to be asked later what became of their temporary copies."""

    def look(self, item: Item) -> Look:
        """Compare the object with the plan by reading it, before a call and after one in doubt; raises CallFault."""

    def call(self, item: Item) -> Done:
        """Do it. Raises CallFault; one that is doubtful may have been carried out in part, and `look` must see that."""
