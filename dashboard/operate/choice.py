"""Which objects an action shall be about, and what the snapshot has of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

from dashboard.domain.plan import Item, key_refusal
from dashboard.operate import plan_faults as faults


class Reader(Protocol):
    """The warehouse as a plan needs it."""

    def batches(
        self, name: str, params: Mapping[str, Any] | None = None, snapshot_id: str | None = None
    ) -> Iterator[list[tuple[Any, ...]]]: ...


@dataclass(frozen=True)
class Choice:
    """Which objects; None = no filter. With `keys` every key is answered, also by a refusal.

    Attributes:
        keys: object keys, or s3://bucket/key.
        labels: as name=value; images that have one of them.
        size_bands: such as under_128_kib.
        uploaded_before: a day of the archive's clock: what S3 says was last modified before it began. A copy onto the
            same name, such as a change of class, counts as an upload.
    """

    devices: Sequence[str] | None = None
    storage_classes: Sequence[str] | None = None
    access_tiers: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    bucket: str | None = None
    prefix: str = ""
    keys: Sequence[str] | None = None
    labels: Sequence[str] | None = None
    size_bands: Sequence[str] | None = None
    uploaded_before: date | None = None

    def params(self) -> dict[str, Any]:
        """Parameters of the query restore.choices, and of plan.objects, which takes `keys` without their buckets."""
        codes = {
            name: getattr(self, name)
            for name in (
                "devices",
                "storage_classes",
                "access_tiers",
                "kinds",
                "labels",
                "size_bands",
                "keys",
            )
        }
        lists = {name: None if value is None else list(value) for name, value in codes.items()}
        return {
            **lists,
            "bucket": self.bucket,
            "prefix": self.prefix,
            "uploaded_before": self.uploaded_before,
        }

    def place(self) -> dict[str, Any]:
        """The part of `params` that queries of versions, markers and uploads take: device, bucket and prefix."""
        every = self.params()
        return {name: every[name] for name in ("devices", "bucket", "prefix")}


class Found(NamedTuple):
    """A row of plan.objects; `told_bytes` is None where no report tells the size."""

    bucket: str
    key: str
    version_id: str
    e_tag: str
    storage_class: str
    access_tier: str
    told_bytes: int | None
    archive: str
    kind: str
    uploaded_at: Any
    device_id: str

    @property
    def size_bytes(self) -> int:
        """Of what is not refused."""
        return self.told_bytes or 0

    def item(self, refusal: str = "", target: str = "") -> Item:
        """As an item of a plan, refused at least where `item` does."""
        return item(self[:7], refusal, target)


def item(told: Sequence[Any], refusal: str = "", target: str = "") -> Item:
    """An item of what a report tells, refused at least where no object with such a key or of unknown size is touched.

    Args:
        told: the first fields of an Item, from the bucket to the size; None is a size that the report does not tell.
    """
    if told[-1] is None:
        return Item._make((*told[:-1], 0, "size_unknown", target))
    return Item._make((*told, refusal or key_refusal(told[1]), target))


def keeping_buckets(reader: Reader, snapshot_id: str) -> frozenset[str]:
    """Buckets that keep what is overwritten, as far as a snapshot tells; the worker asks them itself."""
    rows = (row for batch in reader.batches("plan.versioning", {}, snapshot_id) for row in batch)
    return frozenset(bucket for bucket, keeps_versions in rows if keeps_versions)


def items(
    reader: Reader,
    choice: Choice,
    snapshot_id: str,
    limit: int,
    made: Callable[[Found], Item],
    *,
    only_archived: bool = False,
) -> list[Item]:
    """What a snapshot has of a choice, in the order of bucket, key and version.

    Args:
        limit: most items that one plan may have.
        made: an item, or a refused one, of a row.
        only_archived: leave out what can be read at once, unless its key was named.

    Raises:
        DashboardError: PLAN_REFUSED if it is more, or of the warehouse.
    """
    params = {**choice.params(), "only_archived": only_archived and choice.keys is None}
    return listed(
        reader, "plan.objects", params, choice, snapshot_id, limit, lambda row: made(Found._make(row))
    )


def listed(
    reader: Reader,
    query: str,
    params: Mapping[str, Any],
    choice: Choice,
    snapshot_id: str,
    limit: int,
    made: Callable[[tuple[Any, ...]], Item],
) -> list[Item]:
    """The items that a query of plans makes of a choice, in the order of bucket, key and version.

    Args:
        query: its rows begin with bucket and key; it takes `params`, `keys` and `row_limit`.

    Raises:
        DashboardError: as `items`.
    """
    wanted = None if choice.keys is None else {_place(text, choice.bucket) for text in choice.keys}
    if wanted is not None and len(wanted) > limit:
        raise faults.too_many(limit)
    keys = None if wanted is None else sorted({key for _bucket, key in wanted})
    found: list[Item] = []
    answered: set[tuple[str, str]] = set()
    for batch in reader.batches(query, {**params, "keys": keys, "row_limit": limit + 1}, snapshot_id):
        for row in batch:
            if wanted is not None:
                places = {("", row[1]), (row[0], row[1])} & wanted
                if not places:
                    continue
                answered |= places
            found.append(made(row))
    if len(found) > limit:
        raise faults.too_many(limit)
    missing = (wanted or set()) - answered
    found += [Item(bucket, key, "", "", "", "", 0, "not_found") for bucket, key in missing]
    return sorted(found)


def _place(text: str, bucket: str | None) -> tuple[str, str]:
    if text.startswith("s3://"):
        named, _slash, key = text.removeprefix("s3://").partition("/")
        return named, key
    return bucket or "", text
