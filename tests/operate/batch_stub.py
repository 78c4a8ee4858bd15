"""An S3 with Batch Operations beside its archived objects, over real HTTP. Everything in it is made up."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, unquote, urlsplit
from xml.etree import ElementTree

from tests.operate.glacier_stub import BUCKET, GlacierStub, Handler

MANIFESTS = "clinic-batch"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/batch"
LARGE: dict[str, Any] = {
    "threshold_objects": 3,
    "account_id": ACCOUNT,
    "role_arn": ROLE,
    "manifest_bucket": MANIFESTS,
    "prefix": "runs",
}
"""Settings of `[operate.batch]`."""


@dataclass
class StubJob:
    """One job; `rows` are the lines of its report so far."""

    job_id: str
    asked: ElementTree.Element
    state: str = "New"
    tasks: list[list[str]] = field(default_factory=list)
    position: int = 0
    rows: list[list[str]] = field(default_factory=list)
    cause: str = ""

    def said(self, name: str) -> str:
        """The text of an element of the request, wherever it stands; '' without."""
        return next((item.text or "" for item in self.asked.iter() if item.tag.endswith(f"}}{name}")), "")

    def count(self, status: str) -> int:
        return sum(row[3] == status for row in self.rows)


@dataclass
class BatchStub(GlacierStub):
    """Jobs by token, and the files of their bucket. A job goes one step on each time somebody asks for it.

    Attributes:
        at_once: tasks done in one step.
        refused: status and code of the task of a key.
        silent: keys of which the report says nothing; True: the task was carried out.
        fails: the code with which jobs fail after their first step.
        miscounts: how many tasks more than there are lines a job says it has.
    """

    jobs: dict[str, StubJob] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    asked_jobs: list[str] = field(default_factory=list)
    at_once: int = 1_000
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    silent: dict[str, bool] = field(default_factory=dict)
    fails: str = ""
    miscounts: int = 0

    def job(self, number: int = 0) -> StubJob:
        return list(self.jobs.values())[number]


class BatchHandler(Handler):
    s3: BatchStub

    def do_PUT(self) -> None:
        self._answer("PUT")

    def _answer(self, method: str) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/v20180820/jobs"):
            return self._jobs(method, path)
        if path.startswith(f"/{MANIFESTS}/"):
            return self._files(method, unquote(path).removeprefix(f"/{MANIFESTS}/"))
        return super()._answer(method)

    def _fault(self, method: str, name: str) -> str:
        count = self.s3.asked[method, name]
        self.s3.asked[method, name] += 1
        self.s3.wire.append((method, self.path))
        return self.s3.fault(method, name, count)

    def _files(self, method: str, key: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        assert self.headers["x-amz-expected-bucket-owner"] == ACCOUNT
        with self.s3.lock:
            fault = self._fault(method, key.rsplit("/", 1)[0])
            is_there = key in self.s3.files
            if method == "PUT" and not is_there and fault in {"", "after"}:
                assert self.headers["If-None-Match"] == "*"
                self.s3.files[key] = body
            found = self.s3.files.get(key, b"")
        if self._broke(fault):
            return None
        if fault == "after":
            return self._reset()
        if method == "PUT" and is_there:
            return self._error(412, "PreconditionFailed")
        if method == "GET" and not is_there:
            return self._error(404, "NoSuchKey")
        self.send_response(200)
        self.send_header("ETag", f'"{hashlib.md5(found).hexdigest()}"')
        self.send_header("Content-Length", str(len(found) if method == "GET" else 0))
        self.end_headers()
        if method == "GET":
            self.wfile.write(found)
        return None

    def _jobs(self, method: str, path: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        assert self.headers["x-amz-account-id"] == ACCOUNT
        assert self.headers["Host"].startswith("127.0.0.1:"), "the account is no part of the host here"
        name = "create" if path == "/v20180820/jobs" else "status" if path.endswith("/status") else "describe"
        with self.s3.lock:
            fault = self._fault(method, name)
        if self._broke(fault):
            return None
        with self.s3.lock:
            answer = self._create(body) if name == "create" else self._known(name, path.split("/")[3])
        return self._reset() if fault == "after" else self._send(*answer)

    def _create(self, body: str) -> tuple[int, bytes]:
        asked = ElementTree.fromstring(body)
        job = StubJob(f"job-{len(self.s3.jobs):032d}", asked)
        token = job.said("ClientRequestToken")
        self.s3.asked_jobs.append(token)
        known = self.s3.jobs.get(token)
        if known and ElementTree.tostring(known.asked) != ElementTree.tostring(asked):
            return 400, _xml("Error", Code="IdempotencyException")
        job = self.s3.jobs.setdefault(token, job)
        return 200, _xml("CreateJobResult", JobId=job.job_id)

    def _known(self, name: str, job_id: str) -> tuple[int, bytes]:
        job = next((job for job in self.s3.jobs.values() if job.job_id == job_id), None)
        if job is None:
            return 404, _xml("Error", Code="NotFoundException")
        if name == "status":
            wanted = self.path.partition("requestedJobStatus=")[2].partition("&")[0]
            allowed = job.state == "Suspended" if wanted == "Ready" else job.state not in FINAL
            if not allowed:
                return 400, _xml("Error", Code="JobStatusException")
            job.state = "Cancelling" if wanted == "Cancelled" else wanted
            return 200, _xml("UpdateJobStatusResult", JobId=job_id, Status=job.state)
        self._step(job)
        counts = {
            "TotalNumberOfTasks": len(job.tasks) + (self.s3.miscounts if job.tasks else 0),
            "NumberOfTasksSucceeded": job.count("succeeded"),
            "NumberOfTasksFailed": job.count("failed"),
        }
        told: dict[str, Any] = {"JobId": job_id, "Status": job.state, "ProgressSummary": counts}
        if job.cause:
            told["FailureReasons"] = {"member": {"FailureCode": job.cause}}
        return 200, _xml("DescribeJobResult", Job=told)

    def _step(self, job: StubJob) -> None:
        if job.state == "New":
            job.state = "Preparing"
        elif job.state == "Preparing":
            arn = job.said("ObjectArn").removeprefix(f"arn:aws:s3:::{MANIFESTS}/")
            body = self.s3.files[arn]
            assert job.said("ETag") == hashlib.md5(body).hexdigest()
            job.tasks = list(csv.reader(io.StringIO(body.decode())))
            job.state = "Suspended" if job.said("ConfirmationRequired") == "true" else "Ready"
        elif job.state == "Ready":
            job.state = "Active"
        elif job.state == "Active":
            for task in job.tasks[job.position : job.position + self.s3.at_once]:
                self._task(job, task)
            job.position += self.s3.at_once
            if self.s3.fails:
                job.state, job.cause = "Failing", self.s3.fails
            elif job.position >= len(job.tasks):
                job.state = "Completing"
        elif job.state in ENDING:
            job.state = ENDING[job.state]
            if job.position:
                self._report(job)

    def _task(self, job: StubJob, task: list[str]) -> None:
        bucket, key = task[0], unquote(task[1])
        assert bucket == BUCKET
        stored = self.s3.objects[key]
        where = [bucket, quote_plus(key, safe="/"), task[2] if len(task) > 2 else ""]
        refusal = self.s3.refused.get(key)
        if self.s3.silent.get(key) is False:
            return
        if refusal is None or refusal[0] >= 500:
            if stored.copy == "in_progress":
                refusal = (409, "RestoreAlreadyInProgress")
            else:
                stored.copy = "in_progress"
                self.s3.accepted[key] += 1
        if key in self.s3.silent:
            return
        # As AWS writes it: the status before the code, whatever the schema says.
        job.rows.append(
            [*where, "failed", str(refusal[0]), refusal[1], "made up"]
            if refusal
            else [*where, "succeeded", "200", "", "Successful"]
        )

    def _report(self, job: StubJob) -> None:
        results, folder = [], f"{job.said('Prefix')}/job-{job.job_id}"
        for status in ("succeeded", "failed"):
            text = io.StringIO()
            csv.writer(text, quoting=csv.QUOTE_ALL).writerows(row for row in job.rows if row[3] == status)
            if body := text.getvalue().encode():
                key, md5 = f"{folder}/results/{status}.csv", hashlib.md5(body).hexdigest()
                self.s3.files[key] = body
                results.append(
                    {"TaskExecutionStatus": status, "Bucket": MANIFESTS, "MD5Checksum": md5, "Key": key}
                )
        schema = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"
        told = {"Format": "Report_CSV_20180820", "Results": results, "ReportSchema": schema}
        self.s3.files[f"{folder}/manifest.json"] = json.dumps(told).encode()


ENDING = {"Completing": "Complete", "Failing": "Failed", "Cancelling": "Cancelled"}
FINAL = frozenset(ENDING.values())


def _xml(_root: str, **values: Any) -> bytes:
    def made(parent: ElementTree.Element, items: dict[str, Any]) -> ElementTree.Element:
        for name, value in items.items():
            child = ElementTree.SubElement(parent, name)
            if isinstance(value, dict):
                made(child, value)
            else:
                child.text = str(value)
        return parent

    return ElementTree.tostring(made(ElementTree.Element(_root), values))
