"""Clients are made alike, and every error of AWS is said in words."""

from __future__ import annotations

import botocore.exceptions as faults
import pytest
from botocore.exceptions import ClientError
from botocore.loaders import JSONFileLoader

from dashboard.aws.sessions import MAX_ATTEMPTS, client, error_code, explain, http_status
from dashboard.errors import DashboardError, ExitCode
from dashboard.settings import Aws


def answer(code: str, status: int = 400, message: str = "synthetic") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "GetObject",
    )


def test_timeouts_retries_and_addressing() -> None:
    config = client(Aws(region="ap-northeast-1"), "s3").meta.config
    assert config.connect_timeout == 10
    assert config.read_timeout == 60
    assert config.retries == {"mode": "standard", "total_max_attempts": MAX_ATTEMPTS}
    assert config.s3["addressing_style"] == "virtual"
    assert "image-archive-dashboard" in config.user_agent


def test_virtual_hosts_on_aws_and_paths_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def url(aws: Aws) -> str:
        where: str = client(aws, "s3").generate_presigned_url(
            "get_object", {"Bucket": "bucket", "Key": "key"}
        )
        return where.partition("?")[0]

    assert url(Aws(region="ap-northeast-1")) == "https://bucket.s3.ap-northeast-1.amazonaws.com/key"
    assert url(Aws(endpoint_url="http://localhost:5000")) == "http://localhost:5000/bucket/key"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:5001")
    assert url(Aws()) == "http://localhost:5001/bucket/key"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://localhost:5002")
    assert url(Aws()) == "http://localhost:5002/bucket/key"
    assert url(Aws(endpoint_url="http://localhost:5003")) == "http://localhost:5003/bucket/key"


def test_cost_explorer_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert client(Aws(), "ce").meta.endpoint_url == "https://ce.us-east-1.amazonaws.com"


def test_a_second_client_reads_no_description_again(monkeypatch: pytest.MonkeyPatch) -> None:
    client(Aws(), "s3")
    monkeypatch.setattr(JSONFileLoader, "load_file", None)
    assert client(Aws(region="us-west-2"), "s3").meta.region_name == "us-west-2"


@pytest.mark.parametrize(
    ("aws", "code"),
    [
        (Aws(profile="no-such-profile"), ExitCode.CREDENTIALS),
        (Aws(endpoint_url="not an address"), ExitCode.SETTINGS),
    ],
)
def test_settings_that_give_no_client(aws: Aws, code: ExitCode) -> None:
    with pytest.raises(DashboardError) as caught:
        client(aws, "s3")
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (answer("ExpiredToken"), ExitCode.CREDENTIALS),
        (answer("InvalidAccessKeyId", 403), ExitCode.CREDENTIALS),
        (answer("RequestTimeTooSkewed", 403), ExitCode.CREDENTIALS),
        (faults.NoCredentialsError(), ExitCode.CREDENTIALS),
        (faults.PartialCredentialsError(provider="env", cred_var="x"), ExitCode.CREDENTIALS),
        (faults.UnauthorizedSSOTokenError(), ExitCode.CREDENTIALS),
        (answer("AccessDenied", 403), ExitCode.ACCESS_DENIED),
        (answer("403", 403), ExitCode.ACCESS_DENIED),
        (answer("NoSuchBucket", 404), ExitCode.FILE_MISSING),
        (answer("NoSuchKey", 404), ExitCode.FILE_MISSING),
        (answer("404", 404), ExitCode.FILE_MISSING),
        (answer("SlowDown", 503), ExitCode.SOURCE_UNREACHABLE),
        (answer("InternalError", 500), ExitCode.SOURCE_UNREACHABLE),
        (faults.EndpointConnectionError(endpoint_url="http://x"), ExitCode.SOURCE_UNREACHABLE),
        (faults.ReadTimeoutError(endpoint_url="http://x"), ExitCode.SOURCE_UNREACHABLE),
        (ConnectionResetError("reset"), ExitCode.SOURCE_UNREACHABLE),
        (faults.NoRegionError(), ExitCode.SETTINGS),
        (answer("SomethingNew"), ExitCode.FAILED),
    ],
    ids=lambda value: getattr(value, "name", None) or repr(value)[:50],
)
def test_what_an_error_means(error: Exception, code: ExitCode) -> None:
    fault = explain(error, "s3://bucket/key", "s3:GetObject")
    assert fault.code is code
    assert fault.locator == "s3://bucket/key"
    assert str(fault)
    assert DashboardError.from_dict(fault.as_dict()).cause == fault.cause


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (answer("ExpiredTokenException"), ExitCode.COST_CREDENTIALS),
        (answer("AccessDeniedException"), ExitCode.COST_DENIED),
        (answer("LimitExceededException"), ExitCode.COST_THROTTLED),
        (answer("InternalFailure", 500), ExitCode.COST_THROTTLED),
    ],
)
def test_costs_have_codes_of_their_own(error: Exception, code: ExitCode) -> None:
    assert explain(error, "Cost Explorer", "ce:GetCostAndUsage").code is code


def test_the_permission_to_add_is_the_one_that_was_refused() -> None:
    error = answer("AccessDenied", 403, "User: x is not authorized to perform: kms:Decrypt on resource: y")
    assert "kms:Decrypt" in explain(error, "s3://b/k", "s3:GetObject").next_step
    assert "s3:GetObject" in explain(answer("AccessDenied"), "s3://b/k", "s3:GetObject").next_step


def test_an_archived_object_is_no_matter_of_permissions() -> None:
    fault = explain(answer("InvalidObjectState", 403), "s3://labels/2025.csv", "s3:GetObject")
    assert fault.code is ExitCode.FILE_MISSING
    assert "archived" in fault.cause
    assert "IAM" not in fault.next_step


def test_hostile_text_in_an_error_is_data() -> None:
    fault = explain(answer("Odd", 400, "{title} {0} " + "x" * 10_000), "s3://b/{key}", "s3:GetObject")
    assert "{title} {0}" in fault.cause
    assert len(fault.cause) < 500


def test_an_error_already_explained_stays_as_it_is() -> None:
    fault = explain(answer("NoSuchKey", 404), "s3://b/k", "s3:GetObject")
    assert explain(fault, "elsewhere", "s3:PutObject") is fault


def test_errors_that_no_service_answered() -> None:
    assert (error_code(ValueError()), http_status(ValueError())) == ("", 0)
    assert (error_code(answer("NoSuchKey", 404)), http_status(answer("NoSuchKey", 404))) == ("NoSuchKey", 404)
