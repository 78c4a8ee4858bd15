"""Rules made here: from the fields of a form to S3's JSON form, with an ID that says where they come from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.domain.lifecycle import OWN, Configuration, Rule, Scope


@dataclass(frozen=True)
class Wish:
    """What one rule shall do.

    Attributes:
        name: what its ID ends with; '' for a number.
        moves: days after upload and class. `version_moves`: the same after replacement.
        expire_days: delete that long after upload.
        version_days: delete older versions that long after replacement, except the `newer` newest.
        upload_days: drop unfinished uploads that long after their start.
    """

    scope: Scope = field(default_factory=Scope)
    name: str = ""
    moves: Sequence[tuple[int, str]] = ()
    expire_days: int | None = None
    version_moves: Sequence[tuple[int, str]] = ()
    version_days: int | None = None
    newer: int | None = None
    upload_days: int | None = None


def rule_of(wish: Wish, others: Configuration) -> Rule:
    """The rule, in force. Its ID is new, unless the wish names one: then that rule of ours is to be replaced."""
    data: dict[str, Any] = {"ID": _id(wish, others), "Status": "Enabled", "Filter": _filter(wish.scope)}
    if wish.moves:
        data["Transitions"] = [{"Days": days, "StorageClass": to_class} for days, to_class in wish.moves]
    if wish.expire_days is not None:
        data["Expiration"] = {"Days": wish.expire_days}
    newer = {} if wish.newer is None else {"NewerNoncurrentVersions": wish.newer}
    if wish.version_moves:
        data["NoncurrentVersionTransitions"] = [
            {"NoncurrentDays": days, **newer, "StorageClass": to_class}
            for days, to_class in wish.version_moves
        ]
    if wish.version_days is not None:
        data["NoncurrentVersionExpiration"] = {"NoncurrentDays": wish.version_days, **newer}
    if wish.upload_days is not None:
        data["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": wish.upload_days}
    return Rule(data)


def with_rule(configuration: Configuration, rule: Rule) -> Configuration:
    """The configuration with a rule in the place of the one with its ID, or at the end."""
    if configuration.find(rule.id) is None:
        return replace(configuration, rules=(*configuration.rules, rule))
    return replace(
        configuration, rules=tuple(rule if item.id == rule.id else item for item in configuration.rules)
    )


def without_rule(configuration: Configuration, rule_id: str) -> Configuration:
    return replace(configuration, rules=tuple(item for item in configuration.rules if item.id != rule_id))


def with_status(configuration: Configuration, rule_id: str, *, is_enabled: bool) -> Configuration:
    """The configuration with one rule switched on or off; unknown IDs change nothing."""
    found = configuration.find(rule_id)
    return with_rule(configuration, found.with_status(is_enabled=is_enabled)) if found else configuration


def _filter(scope: Scope) -> dict[str, Any]:
    parts: dict[str, Any] = {"Prefix": scope.prefix} if scope.prefix else {}
    if scope.size_over is not None:
        parts["ObjectSizeGreaterThan"] = scope.size_over
    if scope.size_under is not None:
        parts["ObjectSizeLessThan"] = scope.size_under
    tags = [{"Key": key, "Value": value} for key, value in scope.tags]
    if len(parts) + len(tags) < 2:
        return {"Tag": tags[0]} if tags else parts
    return {"And": {**parts, **({"Tags": tags} if tags else {})}}


def _id(wish: Wish, others: Configuration) -> str:
    if wish.name:
        return wish.name if wish.name.startswith(OWN) else OWN + wish.name
    what = (
        "move" if wish.moves else "delete" if wish.expire_days is not None
        else "versions" if wish.version_days is not None or wish.version_moves else "uploads"
    )  # fmt: skip
    where = re.sub(r"[^A-Za-z0-9]+", "-", wish.scope.prefix).strip("-")[:60]
    base = OWN + "-".join(part for part in (what, where) if part)
    taken = {rule.id for rule in others.rules}
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (base, *numbered) if name not in taken)
