"""What could be saved: proposals over what is stored, each with its money, its price to carry out and its risk.

Amounts are dollars at list prices; None is unknown. `savings_reckoning.propose` makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal

Standing = Literal["proposed", "decide", "unpriced", "dearer", "exposed", "in_hand", "no_evidence"]
"""What a proposal is: counted in the total, or why not. `decide`: it would make statutory records, or what may be some,
slower to read. `unpriced`: a price is missing. `dearer`: it would cost more. `exposed`: money that is lost, not saved.
`in_hand`: a lifecycle rule in force sees to it. `no_evidence`: nothing says that it would save."""

STANDINGS: tuple[Standing, ...] = (
    "proposed", "decide", "unpriced", "exposed", "dearer", "in_hand", "no_evidence",
)  # fmt: skip
Place = tuple[str, str]
"""Storage class and access tier."""


@dataclass(frozen=True)
class Kind:
    """One kind of saving, as its query's header says it.

    Attributes:
        place: in the order in which savings are reckoned.
        action: code of what is done.
        deed: how to do it. `risk`: what may go wrong. `basis`: what it rests on.
    """

    id: str
    place: int
    title: str
    action: str
    deed: str
    risk: str
    basis: str


@dataclass(frozen=True)
class Lot:
    """Some objects of one kind of saving that are priced alike.

    Attributes:
        to_class: where they would go; '' if they would be deleted.
        standing: what the archive says: open, in_hand, no_evidence or exposed.
        billed_bytes: each object with at least its class's smallest billed size.
        byte_days: billed bytes times the days left of the class's minimum.
    """

    proposal_id: str
    source_bucket: str
    device_id: str
    storage_class: str
    access_tier: str
    to_class: str
    to_tier: str
    standing: str
    object_count: int
    size_bytes: int
    billed_bytes: int
    byte_days: int
    days_left: int

    @property
    def place(self) -> Place:
        return self.storage_class, self.access_tier


@dataclass(frozen=True)
class Priced:
    """A lot with its money.

    Attributes:
        month_usd: saved each month; below zero if it would cost more.
        once_usd: requests, retrieval, restored copies and early deletion.
    """

    lot: Lot
    standing: Standing
    month_usd: Decimal | None
    once_usd: Decimal | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """The lots of one kind that stand alike.

    Attributes:
        hours: until an object can be read after it was asked for; 0 at once.
        missing: keys of the prices that are not known.
    """

    kind: Kind
    standing: Standing
    lots: tuple[Priced, ...]
    month_usd: Decimal | None
    once_usd: Decimal | None
    hours: Decimal
    missing: tuple[str, ...]

    @property
    def object_count(self) -> int:
        return sum(item.lot.object_count for item in self.lots)

    @property
    def size_bytes(self) -> int:
        return sum(item.lot.size_bytes for item in self.lots)

    @property
    def days_left(self) -> int:
        """Days until nothing is billed for deleting early."""
        return max((item.lot.days_left for item in self.lots), default=0)

    @property
    def break_even_months(self) -> int | None:
        """Months after which the one-off cost is earned back; None if never, or not known."""
        if self.month_usd is None or self.once_usd is None or self.month_usd <= 0:
            return None
        return int((self.once_usd / self.month_usd).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True)
class Savings:
    """All proposals: the counted ones first, the largest first.

    Attributes:
        month_usd, once_usd: of the counted ones. `once_usd` is None if it is not known of one of them.
        stored_usd: the list price of everything stored that has one, for a month.
        unpriced_bytes: what is stored without a known price.
    """

    proposals: tuple[Proposal, ...]
    month_usd: Decimal
    once_usd: Decimal | None
    stored_usd: Decimal
    unpriced_bytes: int

    @property
    def counted(self) -> tuple[Proposal, ...]:
        return tuple(item for item in self.proposals if item.standing == "proposed")

    def find(self, proposal_id: str) -> Proposal | None:
        """The counted proposal of a kind."""
        return next((item for item in self.counted if item.kind.id == proposal_id), None)


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Kind], list[Lot]]:
    """Kinds and lots from the rows of the page query `savings.lots`."""
    kinds: dict[str, Kind] = {}
    lots = []
    for row in rows:
        name = str(row["proposal_id"])
        words = (str(row[item]) for item in ("title", "action", "deed", "risk", "basis"))
        kinds.setdefault(name, Kind(name, int(row["place_no"]), *words))
        if isinstance(row["source_bucket"], str):
            lots.append(_lot(row))
    return list(kinds.values()), lots


def _lot(row: Mapping[str, Any]) -> Lot:
    return Lot(
        proposal_id=row["proposal_id"],
        source_bucket=row["source_bucket"],
        device_id=row["device_id"],
        storage_class=row["storage_class"],
        access_tier=row["access_tier"],
        to_class=row["to_class"],
        to_tier=row["to_tier"],
        standing=row["standing"],
        object_count=int(row["object_count"]),
        size_bytes=int(row["size_bytes"]),
        billed_bytes=int(row["billed_bytes"]),
        byte_days=int(row["byte_days"]),
        days_left=int(row["days_left"]),
    )
