"""Read a bucket's lifecycle configuration before a change, and write another one. Each request is sent once.

S3 replaces the whole configuration and knows no condition, so whoever writes has to have read it just before.
"""

from __future__ import annotations

from dashboard.aws.calls import of_change, of_read, request_id
from dashboard.aws.lifecycle import Answer, ask
from dashboard.aws.permissions import Permission
from dashboard.aws.sessions import REQUEST_FAULTS, Client
from dashboard.domain.lifecycle import Configuration

_BUCKET = "arn:{partition}:s3:::{source_bucket}"
PERMISSIONS = (
    Permission("s3:GetLifecycleConfiguration", _BUCKET, "Read lifecycle rules before and after a change"),
    Permission("s3:PutLifecycleConfiguration", _BUCKET, "Change lifecycle rules"),
)


def look(s3: Client, bucket: str) -> Answer:
    """What the bucket says now; raises CallFault."""
    try:
        return ask(s3, bucket)
    except REQUEST_FAULTS as error:
        raise of_read(error) from error


def put(s3: Client, bucket: str, configuration: Configuration) -> str:
    """Replace the configuration, or delete it where no rule is left; returns AWS's request id.

    Raises:
        CallFault: a doubtful one may have been carried out.
    """
    data = configuration.as_data()
    minimum = data.pop("TransitionDefaultMinimumObjectSize", None)
    try:
        if not configuration.rules:
            return request_id(s3.delete_bucket_lifecycle(Bucket=bucket))
        # Left out, S3 would set its own default, and small objects would begin or cease to move.
        more = {"TransitionDefaultMinimumObjectSize": minimum} if minimum else {}
        answer = s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=data, **more)
        return request_id(answer)
    except REQUEST_FAULTS as error:
        raise of_change(error) from error
