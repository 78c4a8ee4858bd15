"""Large runs that AWS carries out: S3 Batch Operations."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from dashboard.settings.section import Section


class Batch(Section):
    """Whether and how large runs become jobs of S3 Batch Operations.

    Attributes:
        threshold_objects: from so many objects on a run becomes a job; None: never.
        account_id: the account the jobs run in; the bucket of the manifests has to belong to it.
        role_arn: what S3 works as; the worker hands it over.
        manifest_bucket, prefix: where manifests and completion reports lie.
        priority: of the jobs among those of the account; larger is sooner.
        confirmation_required: whether somebody has to confirm each job in AWS as well.
    """

    threshold_objects: int | None = Field(default=None, ge=1)
    account_id: str = Field(default="", pattern=r"^$|^\d{12}$")
    role_arn: str = Field(default="", pattern=r"^$|^arn:aws[a-z-]*:iam::\d{12}:role/\S+$")
    manifest_bucket: str = Field(default="", pattern=r"^$|^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    prefix: str = Field(
        default="dashboard-batch", pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", max_length=200
    )
    priority: int = Field(default=10, ge=0, le=2**31 - 1)
    confirmation_required: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed = ("account_id", "role_arn", "manifest_bucket")
        if self.threshold_objects and (lacking := [name for name in needed if not getattr(self, name)]):
            raise ValueError(f"threshold_objects needs {', '.join(lacking)} as well")
        return self
