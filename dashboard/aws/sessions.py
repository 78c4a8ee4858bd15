"""Clients for AWS, all made alike, and what their errors mean to a person.

Credentials come from the standard AWS chain only (environment, profile, role); settings never hold a secret.
"""

from __future__ import annotations

import functools
import os
import re
import socket
from typing import Any, TypeAlias

import boto3
import botocore.exceptions as faults
import urllib3.exceptions
from botocore.config import Config
from botocore.loaders import Loader, create_loader

from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Aws
from dashboard.wording import N_

Client: TypeAlias = Any
"""A boto3 client. Its operations are made at run time, so there is no static type to name."""

CONNECT_TIMEOUT_SECONDS = 10
READ_TIMEOUT_SECONDS = 60
MAX_ATTEMPTS = 5
DEFAULT_REGION = "us-east-1"
"""Where Cost Explorer answers, and where S3 finds out the region of any other bucket."""

_CREDENTIAL_CODES = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "NotSignedUp",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
}
_CREDENTIAL_FAULTS = (
    faults.NoCredentialsError,
    faults.PartialCredentialsError,
    faults.CredentialRetrievalError,
    faults.ProfileNotFound,
    faults.NoAuthTokenError,
    faults.SSOError,
    faults.TokenRetrievalError,
    faults.RefreshWithMFAUnsupportedError,
    faults.MetadataRetrievalError,
    faults.InfiniteLoopConfigError,
    faults.UnauthorizedSSOTokenError,
)
_DENIED_CODES = {
    "403",
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "Forbidden",
    "UnauthorizedOperation",
}
_THROTTLE_CODES = {
    "BandwidthLimitExceeded",
    "LimitExceeded",
    "LimitExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_BUSY_CODES = {"InternalError", "InternalFailure", "RequestTimeout", "ServiceUnavailable"}
CONNECTION_FAULTS: tuple[type[Exception], ...] = (
    faults.ConnectionError,
    faults.HTTPClientError,
    faults.IncompleteReadError,
    faults.ResponseStreamingError,
    urllib3.exceptions.HTTPError,
    ConnectionError,
    TimeoutError,
    socket.gaierror,
)
"""What a broken connection raises, before or inside a body."""

REQUEST_FAULTS: tuple[type[Exception], ...] = (faults.ClientError, faults.BotoCoreError, *CONNECTION_FAULTS)
"""Everything that a request to AWS may raise."""

_REFUSED_ACTION = re.compile(r"perform: ([a-z0-9-]+:[A-Za-z]+)")


def client(aws: Aws, service: str, *, attempts: int = MAX_ATTEMPTS) -> Client:
    """A boto3 client; safe to share between threads.

    Buckets are addressed by host name, as AWS wants it; by path where another endpoint is configured, because
    a test server or an appliance rarely has a host name per bucket.

    Args:
        attempts: how often a request is sent before its error is raised. 1 for what changes anything: after an error
            it may have been carried out all the same.

    Raises:
        DashboardError: CREDENTIALS if the profile does not exist, SETTINGS if the endpoint is no address.
    """
    try:
        session = boto3.session.Session(profile_name=aws.profile, region_name=aws.region)
        core = session._session
        core.register_component("data_loader", _descriptions(core.get_config_variable("data_path")))
        scoped: dict[str, Any] = core.get_scoped_config()  # the profile's own lines
        elsewhere = (
            aws.endpoint_url
            or os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
            or os.environ.get("AWS_ENDPOINT_URL")
            or scoped.get("endpoint_url")
            or scoped.get("services")
        )
        config = Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=64,
            tcp_keepalive=True,
            user_agent_extra="image-archive-dashboard",
            s3={"addressing_style": "path" if elsewhere else "virtual"},
            # Reports are checked against their manifest; a second checksum in Python would only cost time.
            response_checksum_validation="when_required",
            request_checksum_calculation="when_required",
        )
        return session.client(
            service,  # type: ignore[call-overload, unused-ignore]
            region_name=session.region_name or DEFAULT_REGION,
            endpoint_url=aws.endpoint_url,
            config=config,
        )
    except (faults.BotoCoreError, ValueError) as error:
        raise explain(error, aws.endpoint_url or aws.profile or service, "sts:GetCallerIdentity") from error


@functools.cache
def _descriptions(data_path: str | None) -> Loader:
    """botocore's descriptions of services and endpoints; each session for itself would read megabytes of JSON again."""
    return create_loader(data_path)


def error_code(error: BaseException) -> str:
    """The service's own code of an error, such as NoSuchKey; empty if the error is no answer of a service."""
    if not isinstance(error, faults.ClientError):
        return ""
    answer: dict[str, Any] = error.response  # type: ignore[assignment]
    return str(answer.get("Error", {}).get("Code", ""))


def is_about_credentials(error: BaseException) -> bool:
    """Whether nothing will work before somebody signs in again."""
    return isinstance(error, _CREDENTIAL_FAULTS) or error_code(error) in _CREDENTIAL_CODES


def is_throttled(error: BaseException) -> bool:
    """Whether AWS asks for fewer requests; it has carried nothing out then."""
    return error_code(error) in _THROTTLE_CODES or http_status(error) == 429


def http_status(error: BaseException) -> int:
    """The HTTP status of an error; 0 if the error is no answer of a service."""
    if not isinstance(error, faults.ClientError):
        return 0
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def explain(
    error: BaseException, locator: str, doing: str, title: str = "Part of the data could not be read from AWS"
) -> DashboardError:
    """Say what an error of boto3 means.

    Args:
        error: what boto3, botocore or the connection raised. A DashboardError is returned as it is.
        locator: what was asked for: s3://bucket/key, or the name of the service.
        doing: the IAM action that was tried, such as `s3:GetObject`. For `ce:` actions the codes are those of
            the costs (COST_CREDENTIALS, COST_DENIED, COST_THROTTLED).
        title: what the person lost, as a template without arguments.

    Returns:
        A DashboardError with code CREDENTIALS, ACCESS_DENIED, FILE_MISSING, SOURCE_UNREACHABLE, SETTINGS, or
        the costs' own; never raises.
    """
    if isinstance(error, DashboardError):
        return error
    is_cost = doing.startswith("ce:")
    code, status = error_code(error), http_status(error)
    text = _first_line(error)
    fault: tuple[ExitCode, str, str]
    if isinstance(error, _CREDENTIAL_FAULTS) or code in _CREDENTIAL_CODES:
        fault = (
            ExitCode.COST_CREDENTIALS if is_cost else ExitCode.CREDENTIALS,
            N_("The AWS credentials are missing, wrong or expired: {problem}"),
            N_(
                "Sign in again (aws sso login, or new keys for the profile) and repeat; what is verified is kept"
            ),
        )
    elif code == "InvalidObjectState":
        # S3 answers it with 403, but no right helps.
        fault = (
            ExitCode.FILE_MISSING,
            N_("The object is archived and cannot be read until it is restored"),
            N_("Restore it, or write it anew, and leave it out of the lifecycle rules that archive"),
        )
    elif code in _DENIED_CODES or status == 403:
        named = _REFUSED_ACTION.search(text)
        doing = named.group(1) if named else doing
        fault = (
            ExitCode.COST_DENIED if is_cost else ExitCode.ACCESS_DENIED,
            N_("The credentials in use may not do {action} here: {problem}"),
            N_("Add {action} on this resource to the IAM policy of the dashboard (README, permissions)"),
        )
    elif code in _THROTTLE_CODES or code in _BUSY_CODES or status >= 500 or status == 429:
        fault = (
            ExitCode.COST_THROTTLED if is_cost else ExitCode.SOURCE_UNREACHABLE,
            N_("AWS is too busy to answer, even after several attempts: {problem}"),
            N_("Repeat in a few minutes; what is verified is kept"),
        )
    elif code == "NoSuchBucket":
        fault = (
            ExitCode.FILE_MISSING,
            N_("The bucket does not exist, or belongs to another endpoint"),
            N_("Mend the bucket's name in the settings, or the endpoint and region"),
        )
    elif code in {"NoSuchKey", "NoSuchVersion", "404"} or status == 404:
        fault = (
            ExitCode.FILE_MISSING,
            N_("The object does not exist"),
            N_("See whether a lifecycle rule removed it; the next report will bring a new one"),
        )
    elif code == "ResourceNotFoundException" and doing.startswith("dynamodb:"):
        fault = (
            ExitCode.FILE_MISSING,
            N_("There is no such table in this account and region"),
            N_("Mend the table's name in the settings, or aws.region"),
        )
    elif isinstance(error, CONNECTION_FAULTS):
        fault = (
            ExitCode.SOURCE_UNREACHABLE,
            N_("The connection failed, even after several attempts: {problem}"),
            N_("See that the endpoint, region and network are right, then repeat; what is verified is kept"),
        )
    elif isinstance(error, (faults.NoRegionError, faults.InvalidRegionError, ValueError)):
        fault = (
            ExitCode.SETTINGS,
            N_("The AWS settings are not usable: {problem}"),
            N_("Mend region and endpoint_url in the [aws] table of the settings"),
        )
    else:
        fault = (
            ExitCode.COST_INVALID if is_cost else ExitCode.FAILED,
            N_("AWS answered {action} with an error that the dashboard does not know: {problem}"),
            N_("Look the error up in the AWS documentation of {action}, then repeat"),
        )
    exit_code, cause, next_step = fault
    return DashboardError(
        exit_code, title, cause=cause, next_step=next_step, locator=locator, action=doing, problem=text
    )


def _first_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:299] + "…"
