"""Jobs of S3 Batch Operations: their manifest, what S3 says of them, and their completion report.

Each request that changes something is sent once. Asked twice with one token, S3 knows the job again.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, NamedTuple
from urllib.parse import quote, unquote_plus, urlsplit

from dashboard.aws.calls import CallFault, of_change, of_read
from dashboard.aws.permissions import Permission, partition
from dashboard.aws.sessions import REQUEST_FAULTS, Client, client, error_code, http_status
from dashboard.settings import Aws

_JOBS = "arn:{partition}:s3:*:{batch_account}:job/*"
_FILES = "arn:{partition}:s3:::{batch_bucket}/{batch_prefix}/*"
PERMISSIONS = (
    Permission("s3:CreateJob", "*", "Leave a large run to S3 Batch Operations"),
    Permission("s3:DescribeJob", _JOBS, "See how far a job is"),
    Permission("s3:UpdateJobStatus", _JOBS, "Let a job begin that was confirmed, or cancel it"),
    Permission("iam:PassRole", "{batch_role}", "Hand S3 the role that its jobs work as"),
    Permission("s3:PutObject", _FILES, "Write the manifest of a job"),
    Permission(
        "s3:ListBucket",
        "arn:{partition}:s3:::{batch_bucket}",
        "Be told that a job wrote no report, where S3 would only refuse otherwise",
    ),
    Permission(
        "s3:GetObject", _FILES, "Compare a manifest that is there already, and read completion reports"
    ),
)
FINAL = frozenset({"Complete", "Failed", "Cancelled"})
CANCELLABLE = frozenset({"New", "Preparing", "Suspended", "Ready", "Active", "Pausing", "Paused"})
_OWN_HOSTS = re.compile(r"\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws)$")


@dataclass(frozen=True)
class Terms:
    """On which terms jobs are made; they stand in the plan."""

    account_id: str
    role_arn: str
    manifest_bucket: str
    prefix: str
    priority: int
    confirmation_required: bool


class Progress(NamedTuple):
    """What S3 says of a job; `cause` is S3's code of why it failed, '' if it did not."""

    state: str
    total_count: int
    succeeded_count: int
    failed_count: int
    cause: str


class Told(NamedTuple):
    """One line of a completion report."""

    bucket: str
    key: str
    version_id: str
    is_done: bool
    http_status: int
    error_code: str


class Jobs:
    """The jobs of one account on given terms, and their files."""

    def __init__(self, aws: Aws, s3: Client, terms: Terms) -> None:
        """Raises DashboardError: CREDENTIALS or SETTINGS."""
        self._s3 = s3
        self.terms = terms
        self._control = client(aws, "s3control", attempts=1)
        self._partition = partition(self._control.meta.region_name)
        if not _OWN_HOSTS.search(urlsplit(self._control.meta.endpoint_url).hostname or ""):
            # The account stands in a header too, and no test server or appliance has a host name per account.
            self._control.meta.events.register("before-sign.s3-control", self._one_host)

    def _one_host(self, request: Any, **_rest: Any) -> None:
        request.url = request.url.replace(f"//{self.terms.account_id}.", "//", 1)

    def put_manifest(self, key: str, body: IO[bytes], sha256: str) -> str:
        """Write a manifest unless it is there; returns its ETag.

        Raises:
            CallFault: refused with ManifestDiffers if something else lies there.
        """
        where = {
            "Bucket": self.terms.manifest_bucket,
            "Key": key,
            "ExpectedBucketOwner": self.terms.account_id,
        }
        try:
            return str(
                self._s3.put_object(**where, Body=body, IfNoneMatch="*", ContentType="text/csv")["ETag"]
            )
        except REQUEST_FAULTS as error:
            if http_status(error) == 409:
                raise CallFault("doubtful", error_code(error)) from error
            if http_status(error) != 412:
                raise of_change(error) from error
        try:
            answer = self._s3.get_object(**where)
            digest = hashlib.sha256()
            for part in answer["Body"].iter_chunks(2**20):
                digest.update(part)
        except REQUEST_FAULTS as error:
            raise of_read(error) from error
        if digest.hexdigest() != sha256:
            raise CallFault("refused", "ManifestDiffers")
        return str(answer["ETag"])

    def create(
        self, token: str, manifest_key: str, e_tag: str, operation: Mapping[str, Any], *, has_versions: bool
    ) -> str:
        """Ask for a job, which begins only when `begin` says so; returns its id. The same token is the same job.

        Args:
            operation: such as {"S3InitiateRestoreObject": {…}}.
        """
        terms, fields = self.terms, ["Bucket", "Key", "VersionId"]
        try:
            answer = self._control.create_job(
                AccountId=terms.account_id,
                ConfirmationRequired=True,
                ClientRequestToken=token,
                Operation=operation,
                Manifest={
                    "Spec": {
                        "Format": "S3BatchOperations_CSV_20180820",
                        "Fields": fields if has_versions else fields[:2],
                    },
                    "Location": {"ObjectArn": self._arn(manifest_key), "ETag": e_tag.strip('"')},
                },
                Report={
                    "Bucket": self._arn(),
                    "Format": "Report_CSV_20180820",
                    "Enabled": True,
                    "Prefix": f"{terms.prefix}/reports",
                    "ReportScope": "AllTasks",
                },
                Priority=terms.priority,
                RoleArn=terms.role_arn,
                Description=f"Image archive dashboard, {token}",
            )
        except REQUEST_FAULTS as error:
            raise of_change(error) from error
        return str(answer["JobId"])

    def _arn(self, key: str = "") -> str:
        return f"arn:{self._partition}:s3:::{self.terms.manifest_bucket}" + (f"/{key}" if key else "")

    def describe(self, job_id: str) -> Progress:
        """How far a job is; raises CallFault."""
        try:
            job = self._control.describe_job(AccountId=self.terms.account_id, JobId=job_id)["Job"]
        except REQUEST_FAULTS as error:
            raise of_read(error) from error
        counts = job.get("ProgressSummary", {})
        return Progress(
            str(job["Status"]),
            int(counts.get("TotalNumberOfTasks", 0)),
            int(counts.get("NumberOfTasksSucceeded", 0)),
            int(counts.get("NumberOfTasksFailed", 0)),
            str(next((reason.get("FailureCode", "") for reason in job.get("FailureReasons", [])), "")),
        )

    def begin(self, job_id: str) -> None:
        """Confirm a job; raises CallFault."""
        self._set(job_id, "Ready")

    def cancel(self, job_id: str) -> None:
        """End a job; what it asked for stays asked for. Raises CallFault."""
        self._set(job_id, "Cancelled")

    def _set(self, job_id: str, state: str) -> None:
        try:
            self._control.update_job_status(
                AccountId=self.terms.account_id, JobId=job_id, RequestedJobStatus=state
            )
        except REQUEST_FAULTS as error:
            # It has gone on to another state meanwhile, which the next look will show.
            if error_code(error) != "JobStatusException":
                raise of_change(error) from error

    def report(self, job_id: str) -> Iterator[Told]:
        """The completion report of a job, line by line; nothing if S3 wrote none, as no task had begun.

        Raises:
            CallFault: refused with ReportDamaged if a file is not what its manifest says.
        """
        with self._read(f"{self.terms.prefix}/reports/job-{job_id}/manifest.json") as manifest:
            if manifest is None:
                return
            try:
                files = [
                    (str(item["Bucket"]), str(item["Key"]), str(item["MD5Checksum"]))
                    for item in json.load(manifest)["Results"]
                ]
            except (ValueError, KeyError, TypeError) as error:
                raise CallFault("refused", "ReportDamaged") from error
        for bucket, key, md5 in files:
            # A report names no other place than the one it was asked for.
            if bucket != self.terms.manifest_bucket or not key.startswith(f"{self.terms.prefix}/reports/"):
                raise CallFault("refused", "ReportElsewhere")
            with self._read(key) as body:
                if body is None or _md5(body) != md5:
                    raise CallFault("refused", "ReportDamaged")
                body.seek(0)
                yield from _told(body)

    @contextlib.contextmanager
    def _read(self, key: str) -> Iterator[IO[bytes] | None]:
        """A file of a report, whole; None if it is not there."""
        with tempfile.TemporaryFile() as file:
            body: IO[bytes] | None = file
            try:
                answer = self._s3.get_object(
                    Bucket=self.terms.manifest_bucket, Key=key, ExpectedBucketOwner=self.terms.account_id
                )
                for part in answer["Body"].iter_chunks(2**20):
                    file.write(part)
            except REQUEST_FAULTS as error:
                if http_status(error) != 404:
                    raise of_read(error) from error
                body = None
            file.seek(0)
            yield body


def _md5(body: IO[bytes]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    while part := body.read(2**20):
        digest.update(part)
    return digest.hexdigest()


def manifest_line(bucket: str, key: str, version_id: str) -> bytes:
    """One line of a manifest; a version id stands on all lines of a manifest or on none."""
    fields = [bucket, quote(key, safe="/"), *([version_id] if version_id else [])]
    return (",".join(fields) + "\n").encode("ascii")


def _told(body: IO[bytes]) -> Iterator[Told]:
    """Lines of a results file. Whatever ReportSchema says, the status of HTTP stands before the error's code."""
    lines: Iterable[list[str]] = csv.reader(io.TextIOWrapper(body, "utf-8", newline=""))
    try:
        for bucket, key, version_id, state, status, code, *_message in lines:
            if status and not status.isdigit():
                status, code = code, status
            number = int(status) if status.isdigit() else 0
            yield Told(bucket, unquote_plus(key), version_id, state == "succeeded", number, code)
    except (ValueError, csv.Error) as error:
        raise CallFault("refused", "ReportDamaged") from error
