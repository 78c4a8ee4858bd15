"""How much may be done to the archive at once and in a day."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from dashboard.settings.batch import Batch
from dashboard.settings.section import Section


class Operate(Section):
    """Limits of actions, on by default.

    Attributes:
        max_objects, max_bytes, max_usd, max_jpy: of one run. Yen are dollars at the newest rate of `money`; where both
            are limited, both hold.
        refuse_unknown_price: whether a plan with a price that is not known is refused.
        max_objects_per_day, max_usd_per_day, max_jpy_per_day: of all runs that were queued on one day of the archive's
            clock.
        allow_removal: whether plans that need the right to delete may be confirmed, and the worker's policy has it.
        removal_without_versions: whether objects may be removed where nothing keeps them.
        max_removed_objects, max_removed_bytes: of all runs that remove, on one day.
        max_removed_percent: of a bucket's objects and of its bytes, on one day.
        second_person_objects, second_person_usd, second_person_jpy: from here on a second person has to confirm; None:
            never.
        plan_hours: how long a plan may be confirmed.
        cool_off_minutes: how long what deletes or lets expire still waits after the second person, to be called off.
        threads: requests at the same time.
        batch: which runs are left to S3 Batch Operations.
    """

    max_objects: int = Field(default=100_000, ge=1)
    max_bytes: int = Field(default=10 * 2**40, ge=1)
    max_usd: Decimal = Field(default=Decimal(500), gt=0, lt=10**9)
    max_jpy: Decimal | None = Field(default=None, gt=0, lt=10**12)
    max_objects_per_day: int = Field(default=300_000, ge=1)
    max_usd_per_day: Decimal = Field(default=Decimal(1000), gt=0, lt=10**9)
    max_jpy_per_day: Decimal | None = Field(default=None, gt=0, lt=10**12)
    allow_removal: bool = False
    removal_without_versions: bool = False
    max_removed_objects: int = Field(default=1_000, ge=1)
    max_removed_bytes: int = Field(default=100 * 2**30, ge=1)
    max_removed_percent: Decimal = Field(default=Decimal(1), gt=0, le=100)
    refuse_unknown_price: bool = False
    second_person_objects: int | None = Field(default=None, ge=1)
    second_person_usd: Decimal | None = Field(default=None, gt=0, lt=10**9)
    second_person_jpy: Decimal | None = Field(default=None, gt=0, lt=10**12)
    plan_hours: int = Field(default=24, ge=1, le=24 * 14)
    cool_off_minutes: int = Field(default=10, ge=0, le=60 * 24)
    threads: int = Field(default=16, ge=1, le=64)
    batch: Batch = Batch()
