"""What a dataset is made of: which images are chosen, how they are split, and the words of both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""What a dataset may be called: it is the name of a folder too."""

HASH = re.compile(r"[0-9a-f]{64}")
SPLITS = ("train", "validation", "test")
STEPS = ("name", "label", "reading", "duplicate", "identity", "permit", "part")
"""The steps of the readiness gate, in the order in which they are asked."""

FORMATS = {"jsonl": "jsonl", "csv": "csv", "parquet": "parquet", "source-ref": "manifest"}
"""Formats of an export, with the endings of their files."""

_MILLION = 1_000_000
_NOT_RE2 = re.compile(r"\(\?(?:[=!>(#]|<[=!]|P=)|\\[1-9]|[*+?}]\+")
"""What Python knows in expressions and DuckDB, whose RE2 never runs without end, does not."""


@dataclass(frozen=True)
class Selection:
    """Which images are asked for; None is no filter.

    Attributes:
        units: as `device/unit`.
        from_on, to_on: first and last day of capture, as the names say.
        names: 'good' or 'bad'.
        labels: (name, value) pairs; one of the values of each name has to be there, '' stands for no value.
    """

    devices: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    from_on: date | None = None
    to_on: date | None = None
    names: str | None = None
    labels: tuple[tuple[str, str], ...] = ()

    def params(self) -> dict[str, Any]:
        """Values of the parameters of the dataset queries."""
        return {
            "devices": list(self.devices) or None,
            "units": list(self.units) or None,
            "extensions": list(self.extensions) or None,
            "from_on": self.from_on,
            "to_on": self.to_on,
            "names": self.names,
            "label_names": sorted({name for name, _value in self.labels}) or None,
            "labels": [f"{name}={value}" for name, value in self.labels] or None,
        }

    def as_dict(self) -> dict[str, Any]:
        """The selection as it stands in a definition."""
        return {
            "devices": sorted(self.devices),
            "units": sorted(self.units),
            "extensions": sorted(self.extensions),
            "from_on": self.from_on.isoformat() if self.from_on else None,
            "to_on": self.to_on.isoformat() if self.to_on else None,
            "names": self.names,
            "labels": sorted(f"{name}={value}" for name, value in self.labels),
        }


@dataclass(frozen=True)
class Split:
    """How a dataset is split, so that nothing of one part of the key stands on both sides.

    Attributes:
        by: unit, day, segment, pattern or label; '' for no split.
        part: number of the segment from 1, the pattern, or the label's name.
        shares: of training, validation and test; their sum is 1.
        key: text that the hash is keyed with; another one deals the parts out anew.
    """

    by: str = ""
    part: str = ""
    shares: tuple[Decimal, ...] = (Decimal("0.8"), Decimal("0.1"), Decimal("0.1"))
    key: str = "archive"

    def part_params(self) -> dict[str, Any]:
        """Values of the parameters that say which part of the key counts: all that the gate asks for."""
        return {
            "split_by": self.by or None,
            "split_segment": int(self.part) if self.by == "segment" else 1,
            "split_pattern": self.part if self.by == "pattern" else "()",
            "split_label": self.part if self.by == "label" else None,
        }

    def params(self) -> dict[str, Any]:
        """Values of all parameters of the split in the dataset queries."""
        first = int(self.shares[0] * _MILLION)
        until = {"train_until": first, "validation_until": first + int(self.shares[1] * _MILLION)}
        return {**self.part_params(), "split_key": self.key, **until}

    def empty_sides(self, filled: Iterable[str]) -> list[str]:
        """Sides that were to have a share and got no image: of few parts a hash puts none there."""
        got = set(filled)
        shares = zip(SPLITS, self.shares, strict=True) if self.by else ()
        return [side for side, share in shares if share and side not in got]

    def as_dict(self) -> dict[str, Any]:
        """The split as it stands in a definition."""
        shares = dict(zip(SPLITS, map(str, self.shares), strict=True))
        return {"by": self.by, "part": self.part, "shares": shares, "key": self.key} if self.by else {}


@dataclass(frozen=True)
class Permission:
    """Which label permits use, as the settings say; no tag, no such step."""

    tag: str | None = None
    values: tuple[str, ...] = field(default=("yes",))

    def params(self) -> dict[str, Any]:
        return {"permit_tag": self.tag, "permit_values": list(self.values)}


def read_labels(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of name=value texts.

    Raises:
        ValueError: a text has no name, or no equals sign.
    """
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise ValueError(f"{text!r} is not name=value")
        found.append((name, value))
    return tuple(found)


def read_split(shares: str, by: str, key: str) -> Split:
    """The split that `0.8,0.1,0.1` and `unit`, `day`, `segment:2`, `pattern:case-([0-9]+)` or `label:patient` mean.

    Raises:
        ValueError: naming what is wrong with it.
    """
    if not by:
        return Split(key=key)
    kind, _colon, part = by.partition(":")
    if kind not in {"unit", "day", "segment", "pattern", "label"}:
        raise ValueError("split by unit, day, segment:NUMBER, pattern:EXPRESSION or label:NAME")
    if (kind in {"unit", "day"}) != (not part):
        raise ValueError(f"{by!r} is not unit, day, segment:NUMBER, pattern:EXPRESSION or label:NAME")
    if kind == "segment" and not (part.isascii() and part.isdecimal() and 1 <= int(part) <= 100):
        raise ValueError("a segment is a number from 1 to 100")
    if kind == "pattern":
        _one_group(part)
    return Split(kind, part, read_shares(shares.split(",")), key)


def read_shares(texts: Sequence[str]) -> tuple[Decimal, ...]:
    """Shares of training, validation and test.

    Raises:
        ValueError: they are not three numbers from 0 that make 1 together.
    """
    try:
        shares = tuple(Decimal(text.strip()) for text in texts)
    except InvalidOperation:
        shares = ()
    good = len(shares) == 3 and all(item.is_finite() and item >= 0 for item in shares)
    if not good or sum(shares) != 1:
        raise ValueError("shares are three numbers from 0 that make 1 together, such as 0.8,0.1,0.1")
    return shares


def _one_group(pattern: str) -> None:
    if _NOT_RE2.search(pattern):
        raise ValueError("the expression looks around or back, which RE2 does not know")
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    if compiled.groups != 1:
        raise ValueError("the expression needs one group, which is the part to split by")
