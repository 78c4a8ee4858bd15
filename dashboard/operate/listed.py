"""What the lists of Quality and Datasets list, for a plan about exactly that: the very same queries, every row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from dashboard.domain.dataset import Selection
from dashboard.operate import plan_faults as faults
from dashboard.operate.choice import Reader

T = TypeVar("T")
UNLABELLED, MISNAMED, MEMBERS = "quality.unlabelled", "quality.misnamed", "dataset.members"


@dataclass(frozen=True)
class Listed:
    """What narrows a list; None = no filter.

    Attributes:
        units: '' are images in the folder of no unit.
        month: a first day, or 'other', which is outside the 14 months up to `today`.
        today: the data's own day where it is left out.
        reasons: of bad names.
    """

    devices: Sequence[str] | None = None
    units: Sequence[str] | None = None
    month: str | None = None
    today: date | None = None
    reasons: Sequence[str] | None = None

    def params(self, query: str) -> dict[str, Any]:
        """Parameters of a list's query, without those for its pages."""
        of = {"devices": _codes(self.devices), "units": _codes(self.units)}
        more = {"reasons": _codes(self.reasons)} if query == MISNAMED else {}
        return {**of, **more, "month": self.month, "today": self.today}


def unlabelled(reader: Reader, listed: Listed, snapshot_id: str, limit: int) -> tuple[str, ...]:
    """Current images that are not known to be labelled, as s3://bucket/key.

    Raises:
        DashboardError: PLAN_REFUSED if there are more than the limit, or of the warehouse.
    """
    rows = _rows(reader, UNLABELLED, listed.params(UNLABELLED), snapshot_id)
    return tuple(_up_to(limit, (f"s3://{row[7]}/{row[0]}" for row in rows)))


def proposals(reader: Reader, listed: Listed, snapshot_id: str, limit: int) -> dict[tuple[str, str], str]:
    """The proposed names of current images with a bad one, by bucket and key; archived ones too.

    Raises:
        DashboardError: as `unlabelled`.
    """
    rows = _rows(reader, MISNAMED, listed.params(MISNAMED), snapshot_id)
    return dict(_up_to(limit, (((row[13], row[0]), row[3]) for row in rows if row[3])))


def archived(reader: Reader, selection: Selection, snapshot_id: str, limit: int) -> tuple[str, ...]:
    """What only a restore would make ready of the images of a dataset's selection, as s3://bucket/key.

    Neither permission nor split is asked for: the readiness gate asks whether an image can be read before both.

    Raises:
        DashboardError: as `unlabelled`.
    """
    rows = _rows(reader, MEMBERS, {**selection.params(), "step": "reading"}, snapshot_id)
    return tuple(_up_to(limit, (f"s3://{row[0]}/{row[1]}" for row in rows if row[10] == "archived")))


def _rows(
    reader: Reader, query: str, params: Mapping[str, Any], snapshot_id: str
) -> Iterator[tuple[Any, ...]]:
    for batch in reader.batches(query, {**params, "row_limit": None}, snapshot_id):
        yield from batch


def _up_to(limit: int, found: Iterable[T]) -> Iterator[T]:
    for number, item in enumerate(found):
        if number >= limit:
            raise faults.too_many(limit)
        yield item


def _codes(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
