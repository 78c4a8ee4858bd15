"""Requests that change the archive: each is sent once; what it raises tells if it may have been carried out."""

from __future__ import annotations

from typing import Any, Literal

from botocore.exceptions import ClientError

from dashboard.aws.sessions import (
    REQUEST_FAULTS,
    Client,
    client,
    error_code,
    http_status,
    is_about_credentials,
    is_throttled,
)
from dashboard.settings import Aws

Kind = Literal["throttled", "credentials", "refused", "doubtful"]


class CallFault(Exception):
    """A call that was not answered as hoped.

    Attributes:
        kind: throttled (try later), credentials (nobody can go on), refused (this object will not be done; `code` says
            why), doubtful (it may have been carried out).
        code: AWS's own, or the kind of what broke.
    """

    def __init__(self, kind: Kind, code: str, request_id: str = "") -> None:
        super().__init__(f"{kind}: {code}")
        self.kind = kind
        self.code = code
        self.request_id = request_id


def doubtful(fault: CallFault, request_id: str) -> CallFault:
    """The fault of a change that was accepted, when the look at what it led to failed.

    Args:
        request_id: of the change.
    """
    if fault.kind == "credentials":
        return fault
    return CallFault("doubtful", fault.code, request_id)


def open_client(aws: Aws) -> Client:
    """A client whose requests are sent once.

    Raises:
        DashboardError: CREDENTIALS or SETTINGS.
    """
    return client(aws, "s3", attempts=1)


def of_look(s3: Client, where: dict[str, str], error: BaseException) -> CallFault:
    """The fault of a HEAD request: never doubtful, as nothing was asked for but words.

    Args:
        where: Bucket, Key and VersionId of the object that was looked at.
    """
    if http_status(error) in {400, 403}:
        # The answer to a HEAD has no body, so it cannot say that credentials have expired. A GET says it.
        try:
            s3.get_object(**where, Range="bytes=0-0")["Body"].close()
        except REQUEST_FAULTS as told:
            error = told if is_about_credentials(told) else error
    return of_read(error)


def of_read(error: BaseException) -> CallFault:
    """The fault of a request that changes nothing."""
    status = http_status(error)
    if is_about_credentials(error):
        return CallFault("credentials", error_code(error) or type(error).__name__, request_id(error))
    if is_throttled(error) or not status or status >= 500:
        return CallFault("throttled", error_code(error) or type(error).__name__, request_id(error))
    return CallFault("refused", "AccessDenied" if status == 403 else error_code(error), request_id(error))


def of_change(error: BaseException) -> CallFault:
    """The fault of a request that changes something."""
    code, told = error_code(error) or type(error).__name__, request_id(error)
    if is_about_credentials(error):
        return CallFault("credentials", code, told)
    if is_throttled(error):
        return CallFault("throttled", code, told)
    if http_status(error) in range(400, 500) or code == "GlacierExpeditedRetrievalNotAvailable":
        return CallFault("refused", code, told)
    return CallFault("doubtful", code, told)


def request_id(source: BaseException | dict[str, Any]) -> str:
    """AWS's id of a request, from its answer or its error; '' where it has none."""
    answer = source.response if isinstance(source, ClientError) else source
    if not isinstance(answer, dict):
        return ""
    return str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
