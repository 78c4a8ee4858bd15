"""A plan: what is to be done to which objects, what it costs and what it rests on; frozen, with a digest of all of it.

What is shown, confirmed and carried out is this one object. Dollars are Decimal; None is a price that is not known.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

FORM = "archive-plan-1"
"""What a digest is made of begins with this line."""
_LINES_AT_ONCE = 10_000


class Item(NamedTuple):
    """One object (or version) of a plan, as the report told of it.

    Attributes:
        version_id: '' where the bucket keeps no versions.
        e_tag: '' if the report has none.
        refusal: why nothing will be done to it; '' for what will be acted on.
        target: what an action needs for this object alone, such as its new key; '' if nothing.
    """

    bucket: str
    key: str
    version_id: str
    e_tag: str
    storage_class: str
    access_tier: str
    size_bytes: int
    refusal: str = ""
    target: str = ""


@dataclass(frozen=True)
class Cost:
    """One part of what a plan costs; `usd` is None where a price is not known."""

    what: str
    place: str
    amount: Decimal
    unit: str
    usd: Decimal | None


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    Attributes:
        action: such as "restore".
        params: of the action, JSON values.
        basis: what the plan rests on by name: snapshot, prices, settings. If one of them changes, it is planned anew.
        calls: how often each operation of AWS will be called, at least.
        permissions: what the worker needs for it.
        hours: until the last object can be read, usually.
        removes: whether something would be deleted or expire by it; then it always takes two persons.
        items: to be acted on and refused ones, in the order of bucket, key and version.
    """

    action: str
    params: Mapping[str, Any]
    basis: Mapping[str, str]
    calls: Mapping[str, int]
    permissions: tuple[str, ...]
    costs: tuple[Cost, ...]
    hours: Decimal
    made_by: str
    made_at: datetime
    expires_at: datetime
    items: tuple[Item, ...]
    removes: bool = False

    def header(self) -> dict[str, Any]:
        """Everything but the items, as JSON data, with their counts and a digest of them."""
        refused: dict[str, int] = {}
        count = size_bytes = 0
        for item in self.items:
            if item.refusal:
                refused[item.refusal] = refused.get(item.refusal, 0) + 1
            else:
                count += 1
                size_bytes += item.size_bytes
        return {
            "action": self.action,
            "params": dict(self.params),
            "basis": dict(self.basis),
            "calls": dict(self.calls),
            "permissions": list(self.permissions),
            "costs": [
                {
                    "what": part.what,
                    "place": part.place,
                    "amount": format(part.amount, "f"),
                    "unit": part.unit,
                    "usd": None if part.usd is None else format(part.usd, "f"),
                }
                for part in self.costs
            ],
            "hours": format(self.hours, "f"),
            "removes": self.removes,
            "made_by": self.made_by,
            "made_at": self.made_at.astimezone(UTC).isoformat(),
            "expires_at": self.expires_at.astimezone(UTC).isoformat(),
            "object_count": count,
            "size_bytes": size_bytes,
            "refused_counts": refused,
            "items_digest": digest_of_items(self.items),
        }


def digest_of(header: Mapping[str, Any]) -> str:
    """The digest of a plan, from its header: SHA-256 of its canonical form, 64 hexadecimal digits."""
    text = json.dumps(header, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{FORM}\n{text}".encode()).hexdigest()


def digest_of_items(items: Iterable[Sequence[Any]]) -> str:
    """SHA-256 over items in their order. One without a target is written as it was before there were targets."""
    return digest_of_lines(row if row[-1] else row[:-1] for row in items)


def digest_of_lines(rows: Iterable[Sequence[Any]]) -> str:
    """SHA-256 over rows of JSON values in their order."""
    digest = hashlib.sha256()
    rows = iter(rows)
    while batch := list(itertools.islice(rows, _LINES_AT_ONCE)):
        # One call for many rows: the encoder is quick, calling it is not.
        digest.update(json.dumps(batch, separators=(",", ":"))[1:-1].encode() + b",")
    return digest.hexdigest()


def total(costs: Iterable[Mapping[str, Any]]) -> tuple[Decimal, int]:
    """The sum of the costs in a header that are known, and how many are not."""
    amounts = [part["usd"] for part in costs]
    return sum((Decimal(usd) for usd in amounts if usd is not None), Decimal(0)), amounts.count(None)


def key_refusal(key: str) -> str:
    """Why an object with this key is not touched, '' if it may be.

    What lies between us and S3 may shorten a path with dots, and then another object would be meant. Control
    characters do not reach S3 unchanged in every form of a request.
    """
    if any(part in {".", ".."} for part in key.split("/")):
        return "dotted_key"
    return "control_key" if any(unicodedata.category(char) == "Cc" for char in key) else ""
