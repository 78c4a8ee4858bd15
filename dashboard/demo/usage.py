"""How much of what S3 bills the clinic used, day by day, as it follows from its objects.

Storage is counted in byte-seconds as integers, so that every amount of the bill is exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dashboard.demo.clinic import BUCKETS
from dashboard.demo.objects import PART_BYTES, Stay, StoredObject, UnfinishedUpload
from dashboard.demo.plan import Plan
from dashboard.domain.storage_classes import ARCHIVED

DAY = 86_400
READ_DAYS = (0, 2)
"""Days after upload on which every image is opened."""
RECALL_DAYS = 45
"""Images that people return to are opened again after as many days each."""
RESTORE_AFTER_DAYS = 20
RESTORED_DAYS = 7


@dataclass(frozen=True)
class Meter:
    """One thing S3 bills: the key of its price, and the operation where the price has several."""

    price: str
    operation: str = ""


Usage = dict[tuple[str, Meter], list[int]]
"""(bucket, meter) -> amount per day of the archive, the first day being the UTC day of its start."""


class Ledger:
    """Adds up usage per bucket, meter and UTC day."""

    def __init__(self, first: datetime, now: datetime) -> None:
        self.first = first.replace(hour=0, minute=0, second=0, microsecond=0)
        self.now = now
        self.days = (now - self.first).days + 1
        self._once: dict[tuple[str, Meter], list[int]] = defaultdict(lambda: [0] * (self.days + 1))
        self._running: dict[tuple[str, Meter], list[int]] = defaultdict(lambda: [0] * (self.days + 1))

    def once(self, bucket: str, meter: Meter, at: datetime, amount: int) -> None:
        """Count an amount on one day; what lies in the future is not billed yet."""
        if amount and at <= self.now:
            self._once[bucket, meter][(at - self.first).days] += amount

    def during(self, bucket: str, meter: Meter, start: datetime, end: datetime, amount: int) -> None:
        """Count an amount for every second from start to end."""
        end = min(end, self.now)
        if end <= start or not amount:
            return
        first_day, first_second = divmod(round((start - self.first).total_seconds()), DAY)
        last_day, last_second = divmod(round((end - self.first).total_seconds()), DAY)
        once = self._once[bucket, meter]
        if first_day == last_day:
            once[first_day] += amount * (last_second - first_second)
            return
        once[first_day] += amount * (DAY - first_second)
        once[last_day] += amount * last_second
        running = self._running[bucket, meter]
        running[first_day + 1] += amount * DAY
        running[last_day] -= amount * DAY

    def usage(self) -> Usage:
        """Everything counted so far."""
        result: Usage = {}
        for key in sorted(
            {*self._once, *self._running}, key=lambda item: (item[0], item[1].price, item[1].operation)
        ):
            level, amounts = 0, []
            for day, once in enumerate(self._once[key][: self.days]):
                level += self._running[key][day]
                amounts.append(level + once)
            result[key] = amounts
        return result

    def day(self, index: int) -> date:
        return (self.first + timedelta(days=index)).date()


def measure(plan: Plan) -> tuple[Ledger, Usage]:
    """Count everything that a plan's objects and uploads made S3 bill."""
    ledger = Ledger(plan.calendar.starts_at, plan.calendar.now)
    for item in plan.objects:
        if item.role != "delete_marker":
            _storage(ledger, item)
            _reads(ledger, item)
        _writes(ledger, item)
    for upload in plan.uploads:
        _unfinished(ledger, upload)
    _listing(ledger, plan.objects)
    return ledger, ledger.usage()


def spans(item: StoredObject, now: datetime) -> Iterator[tuple[Stay, datetime]]:
    """Each stay of an object with its end."""
    until = item.removed_at or now
    for stay, following in zip(item.stays, (*item.stays[1:], None), strict=True):
        end = min(following.start, until) if following else until
        if stay.start < end:
            yield stay, end


def _storage(ledger: Ledger, item: StoredObject) -> None:
    bucket, size = item.bucket, item.size_bytes
    for number, (stay, end) in enumerate(spans(item, ledger.now)):
        tier = f".{stay.access_tier}" if stay.access_tier else ""
        ledger.during(bucket, Meter(f"storage.{stay.storage_class}{tier}"), stay.start, end, size)
        if stay.storage_class == "INTELLIGENT_TIERING":
            ledger.during(bucket, Meter("monitoring.INTELLIGENT_TIERING"), stay.start, end, 1)
        if stay.storage_class in {"GLACIER", "DEEP_ARCHIVE"}:
            meter = Meter(f"storage.{stay.storage_class}")
            ledger.during(bucket, meter, stay.start, end, ARCHIVED.own_bytes)
            ledger.during(bucket, Meter("storage.STANDARD"), stay.start, end, ARCHIVED.standard_bytes)
            _restore(ledger, item, stay, end)
        if number and stay.access_tier in {"", "FREQUENT"}:
            ledger.once(bucket, Meter(f"transition.{stay.storage_class}"), stay.start, 1)
        if stay.storage_class == "GLACIER" and item.removed_at == end and end <= ledger.now:
            left = timedelta(days=90) - (end - stay.start)
            amount = size * max(0, round(left.total_seconds()))
            ledger.once(bucket, Meter("early_delete.GLACIER"), end, amount)


def _restore(ledger: Ledger, item: StoredObject, stay: Stay, end: datetime) -> None:
    at = stay.start + timedelta(days=RESTORE_AFTER_DAYS)
    if item.is_recalled and item.superseded_at is None and at < end:
        ledger.once(item.bucket, Meter(f"restore_request.{stay.storage_class}.standard"), at, 1)
        ledger.once(item.bucket, Meter(f"retrieval.{stay.storage_class}.standard"), at, item.size_bytes)
        until = min(end, at + timedelta(days=RESTORED_DAYS))
        ledger.during(item.bucket, Meter("storage.STANDARD"), at, until, item.size_bytes)


def _writes(ledger: Ledger, item: StoredObject) -> None:
    if item.role == "delete_marker":
        return
    price = "request.GLACIER.put" if item.put_class == "GLACIER" else "request.STANDARD.put"
    if item.is_multipart:
        parts = -(-item.size_bytes // PART_BYTES)
        for operation, amount in (
            ("InitiateMultipartUpload", 1),
            ("UploadPart", parts),
            ("CompleteMultipartUpload", 1),
        ):
            ledger.once(item.bucket, Meter(price, operation), item.uploaded_at, amount)
    else:
        ledger.once(item.bucket, Meter(price, "PutObject"), item.uploaded_at, 1)


def _reads(ledger: Ledger, item: StoredObject) -> None:
    if item.role != "image":
        return
    until = min(item.superseded_at or ledger.now, item.removed_at or ledger.now)
    tags_read_at = item.uploaded_at + timedelta(days=1)
    if tags_read_at < until:
        ledger.once(item.bucket, Meter("request.STANDARD.get", "GetObjectTagging"), tags_read_at, 1)
    days = [*READ_DAYS]
    if item.is_recalled:
        days += range(RECALL_DAYS, 400, RECALL_DAYS)
    for number in days:
        at = item.uploaded_at + timedelta(days=number, hours=1)
        if at >= until:
            return
        stay = item.stay_at(at)
        if stay.storage_class in {"GLACIER", "DEEP_ARCHIVE"}:
            continue
        ledger.once(item.bucket, Meter(f"request.{stay.storage_class}.get", "GetObject"), at, 1)
        if stay.storage_class in {"STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"}:
            ledger.once(item.bucket, Meter(f"retrieval.{stay.storage_class}"), at, item.size_bytes)
        if number >= RECALL_DAYS and item.size_bytes < 64 << 20:
            ledger.once(item.bucket, Meter("transfer.out", "GetObject"), at, item.size_bytes)


def _unfinished(ledger: Ledger, upload: UnfinishedUpload) -> None:
    at = upload.initiated_at
    ledger.during(upload.bucket, Meter("storage.STANDARD"), at, ledger.now, upload.size_bytes)
    ledger.once(upload.bucket, Meter("request.STANDARD.put", "InitiateMultipartUpload"), at, 1)
    ledger.once(upload.bucket, Meter("request.STANDARD.put", "UploadPart"), at, len(upload.part_sizes))


def _listing(ledger: Ledger, objects: list[StoredObject]) -> None:
    """Each day's inventory scan counts every version; two listings a day page through 1,000 keys each."""
    for bucket in BUCKETS:
        changes = [0] * (ledger.days + 1)
        for item in objects:
            if item.bucket == bucket.name:
                changes[max(0, (item.uploaded_at - ledger.first).days)] += 1
                if item.removed_at is not None and item.removed_at <= ledger.now:
                    changes[(item.removed_at - ledger.first).days] -= 1
        listed = 0
        for index in range(ledger.days):
            at = datetime.combine(ledger.day(index), datetime.min.time(), UTC) + timedelta(hours=1)
            ledger.once(bucket.name, Meter("inventory.listed"), at, listed)
            listed += changes[index]
            ledger.once(bucket.name, Meter("request.STANDARD.put", "ListBucket"), at, 2 * -(-listed // 1000))
