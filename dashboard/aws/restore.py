"""Ask S3 for a copy of an archived object. Each call is sent once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.aws.calls import of_change, request_id
from dashboard.aws.objects import OBJECTS, place
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client

PERMISSIONS = (Permission("s3:RestoreObject", OBJECTS, "Restore archived objects"),)


@dataclass(frozen=True)
class Accepted:
    """An accepted request: 202 begins, 200 changes how long a copy stays."""

    status: int
    request_id: str


def request(s3: Client, bucket: str, key: str, version_id: str, *, speed: str, days: int | None) -> Accepted:
    """Ask for a restore.

    Args:
        speed: expedited, standard or bulk.
        days: how long the copy stays; None inside Intelligent-Tiering, where the object itself comes back.

    Raises:
        CallFault: RestoreAlreadyInProgress is a refusal with that code.
    """
    tier = speed.capitalize()
    wanted: dict[str, Any] = (
        {"Tier": tier} if days is None else {"Days": days, "GlacierJobParameters": {"Tier": tier}}
    )
    try:
        answer = s3.restore_object(**place(bucket, key, version_id), RestoreRequest=wanted)
    except REQUEST_FAULTS as error:
        raise of_change(error) from error
    return Accepted(int(answer["ResponseMetadata"]["HTTPStatusCode"]), request_id(answer))
