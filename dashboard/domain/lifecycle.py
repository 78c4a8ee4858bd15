"""Lifecycle configurations of a bucket: rules as S3 gives them, kept word for word, and read as typed steps.

A rule is its JSON form; what is said of it is read from that form each time. So nothing that this program does not know
can be lost between reading and writing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal, NamedTuple

OWN = "archive-dashboard-"
"""What the IDs of rules begin with that were made here."""
MINIMUM_SIZES = ("all_storage_classes_128K", "varies_by_storage_class")
"""What a bucket may say about moving objects under 128 KiB; the first one is S3's own since September 2024."""
SMALL_BYTES = 128 << 10

StepKind = Literal[
    "transition", "expiration", "expire_marker", "noncurrent_transition", "noncurrent_expiration", "abort_upload",
]  # fmt: skip
REMOVING: frozenset[str] = frozenset({"expiration", "expire_marker", "noncurrent_expiration", "abort_upload"})
_FIELDS: dict[str, frozenset[str]] = {
    "": frozenset({
        "ID", "Status", "Filter", "Prefix", "Transitions", "Expiration", "NoncurrentVersionTransitions",
        "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload",
    }),
    "Filter": frozenset({"Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And"}),
    "And": frozenset({"Prefix", "Tags", "ObjectSizeGreaterThan", "ObjectSizeLessThan"}),
    "Transitions": frozenset({"Days", "Date", "StorageClass"}),
    "Expiration": frozenset({"Days", "Date", "ExpiredObjectDeleteMarker"}),
    "NoncurrentVersionTransitions": frozenset({"NoncurrentDays", "NewerNoncurrentVersions", "StorageClass"}),
    "NoncurrentVersionExpiration": frozenset({"NoncurrentDays", "NewerNoncurrentVersions"}),
    "AbortIncompleteMultipartUpload": frozenset({"DaysAfterInitiation"}),
}  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """Which objects a rule is about. Sizes are bytes; both bounds are exclusive."""

    prefix: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    size_over: int | None = None
    size_under: int | None = None

    @property
    def has_size(self) -> bool:
        return self.size_over is not None or self.size_under is not None

    def holds(self, other: Scope) -> bool:
        """Whether every object of another scope is in this one, too."""
        return (
            other.prefix.startswith(self.prefix)
            and set(self.tags) <= set(other.tags)
            and (
                self.size_over is None or (other.size_over is not None and other.size_over >= self.size_over)
            )
            and (
                self.size_under is None
                or (other.size_under is not None and other.size_under <= self.size_under)
            )
        )


class Step(NamedTuple):
    """One action of a rule.

    Attributes:
        after_days: since upload, since a version was replaced, or since an upload was begun.
        on_date: instead of days.
        newer: noncurrent versions that are kept whatever their age.
    """

    kind: StepKind
    after_days: int | None = None
    on_date: date | None = None
    to_class: str = ""
    newer: int | None = None


@dataclass(frozen=True)
class Rule:
    """One rule; `data` is its JSON form with dates as ISO text."""

    data: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.data.get("ID") or "")

    @property
    def is_enabled(self) -> bool:
        return self.data.get("Status") == "Enabled"

    @property
    def is_own(self) -> bool:
        """Whether it was made here."""
        return self.id.startswith(OWN)

    @property
    def scope(self) -> Scope:
        """`Filter`, or `Prefix` beside it as old rules have it."""
        chosen = self.data.get("Filter") or {}
        both = chosen.get("And") or {}
        tags = [chosen["Tag"]] if chosen.get("Tag") else both.get("Tags") or []
        return Scope(
            chosen.get("Prefix") or both.get("Prefix") or self.data.get("Prefix") or "",
            tuple((tag["Key"], tag["Value"]) for tag in tags),
            chosen.get("ObjectSizeGreaterThan", both.get("ObjectSizeGreaterThan")),
            chosen.get("ObjectSizeLessThan", both.get("ObjectSizeLessThan")),
        )

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps())

    def _steps(self) -> Iterator[Step]:
        for move in self.data.get("Transitions") or []:
            yield Step("transition", move.get("Days"), _day(move.get("Date")), move.get("StorageClass") or "")
        expiration = self.data.get("Expiration") or {}
        if expiration.get("Days") is not None or expiration.get("Date") is not None:
            yield Step("expiration", expiration.get("Days"), _day(expiration.get("Date")))
        if expiration.get("ExpiredObjectDeleteMarker"):
            yield Step("expire_marker")
        for move in self.data.get("NoncurrentVersionTransitions") or []:
            yield Step(
                "noncurrent_transition",
                move.get("NoncurrentDays"),
                to_class=move.get("StorageClass") or "",
                newer=move.get("NewerNoncurrentVersions"),
            )
        if gone := self.data.get("NoncurrentVersionExpiration"):
            yield Step(
                "noncurrent_expiration", gone.get("NoncurrentDays"), newer=gone.get("NewerNoncurrentVersions")
            )
        if abort := self.data.get("AbortIncompleteMultipartUpload"):
            yield Step("abort_upload", abort.get("DaysAfterInitiation"))

    @property
    def unknown(self) -> tuple[str, ...]:
        """Fields that this program does not know: what they do is neither shown nor counted, but kept."""
        return tuple(sorted(_unknown(self.data, "")))

    @property
    def canonical(self) -> str:
        """Text that is equal for rules that say the same: the order of fields, steps and tags does not count."""
        # S3 may give an empty filter back as an empty prefix.
        data = {**self.data, "Filter": {}} if self.data.get("Filter") == {"Prefix": ""} else self.data
        return json.dumps(_ordered(data), sort_keys=True)

    def with_status(self, *, is_enabled: bool) -> Rule:
        return Rule({**self.data, "Status": "Enabled" if is_enabled else "Disabled"})


@dataclass(frozen=True)
class Configuration:
    """All rules of a bucket.

    Attributes:
        minimum_size: one of MINIMUM_SIZES; None where the server says nothing of it.
    """

    rules: tuple[Rule, ...] = ()
    minimum_size: str | None = None

    def as_data(self) -> dict[str, Any]:
        """As S3's JSON form."""
        data: dict[str, Any] = {"Rules": [dict(rule.data) for rule in self.rules]}
        if self.minimum_size is not None:
            data["TransitionDefaultMinimumObjectSize"] = self.minimum_size
        return data

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form, 64 hexadecimal digits: the order of rules, steps and tags does not count."""
        text = json.dumps([self._canonical(), self.minimum_size], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def is_same(self, other: Configuration) -> bool:
        """Whether both say the same; where one side is silent about small objects, that is no difference."""
        return self._canonical() == other._canonical() and (
            None in {self.minimum_size, other.minimum_size} or self.minimum_size == other.minimum_size
        )

    def find(self, rule_id: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def _canonical(self) -> list[str]:
        return sorted(rule.canonical for rule in self.rules)


def parse(data: Mapping[str, Any]) -> Configuration:
    """A configuration from S3's JSON form, as an answer of the SDK, a kept file or the AWS command line has it.

    Raises:
        ValueError: it has no list of rules.
    """
    rules = data.get("Rules")
    if not isinstance(rules, list) or not all(isinstance(rule, Mapping) for rule in rules):
        raise ValueError("a lifecycle configuration has a list of Rules")
    return Configuration(
        tuple(Rule(_as_json(rule)) for rule in rules),
        data.get("TransitionDefaultMinimumObjectSize") or None,
    )


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _as_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _day(text: Any) -> date | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _ordered(item) for name, item in value.items()}
    if isinstance(value, list):
        return sorted((_ordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def _unknown(data: Mapping[str, Any], name: str) -> Iterator[str]:
    for key, value in data.items():
        if key not in _FIELDS[name]:
            yield key
        elif key in _FIELDS:
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Mapping):
                    yield from _unknown(item, key)
