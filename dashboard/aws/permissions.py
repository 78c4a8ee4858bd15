"""What the dashboard must be allowed to do, gathered from the modules that do it.

Each module of this package declares `PERMISSIONS` beside its calls. From them come the IAM policy in the
README and the probes of `python -m dashboard check`.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.aws.probes import PROBES, PROOFS
from dashboard.aws.sessions import REQUEST_FAULTS, Client, client, error_code, explain
from dashboard.errors import DashboardError
from dashboard.settings import InventoryLocation, Settings
from dashboard.settings.labels import (
    CocoLabels,
    DynamoDbLabels,
    GroundTruthLabels,
    ObjectTagLabels,
    S3MetadataLabels,
    TableLabels,
)


@dataclass(frozen=True)
class Permission:
    """One IAM action that a module needs.

    Attributes:
        action: such as `s3:GetObject`.
        resource_template: the ARN, with any of {partition}, {destination_bucket}, {root}, {source_bucket},
            {labelled_bucket}, {label_bucket}, {label_key}, {label_table}, {export_bucket}, {export_prefix},
            {batch_account}, {batch_role}, {batch_bucket}, {batch_prefix}; or `*`. It is repeated for every inventory
            location, bucket, label source and export it names.
        why: what the dashboard does with it; a sentence for the README.
        prefix_template: if not empty, listing is limited to this prefix (same placeholders).
    """

    action: str
    resource_template: str
    why: str
    prefix_template: str = ""


@dataclass(frozen=True)
class PermissionCheck:
    """Outcome of one probe.

    Attributes:
        permission: what was tried.
        resource: its ARN with the placeholders filled in, and the prefix that listing is limited to.
        is_ok: True or False; None if it was not tried because the call costs money, or cannot be tried.
        fault: why not, where is_ok is False.
    """

    permission: Permission
    resource: str
    is_ok: bool | None
    fault: DashboardError | None = None


_IN_FILES = (TableLabels, GroundTruthLabels, CocoLabels)


def _has(settings: Settings, *kinds: type) -> bool:
    return any(isinstance(source, kinds) for source in settings.labels.source)


# A module's permissions are needed only where the settings ask for what the module does.
_MODULES: tuple[tuple[str, Callable[[Settings], bool]], ...] = (
    ("dashboard.aws.inventory", lambda settings: bool(settings.inventory)),
    ("dashboard.aws.costs", lambda settings: settings.costs.enabled),
    ("dashboard.aws.cost_forecast", lambda settings: settings.costs.aws_forecast),
    ("dashboard.aws.aws_budgets", lambda settings: settings.costs.aws_budgets),
    ("dashboard.aws.cost_exports", lambda settings: settings.costs.export is not None),
    ("dashboard.aws.labels", lambda settings: _has(settings, ObjectTagLabels)),
    ("dashboard.aws.label_files", lambda settings: _has(settings, *_IN_FILES)),
    ("dashboard.aws.label_dynamodb", lambda settings: _has(settings, DynamoDbLabels)),
    ("dashboard.aws.label_metadata", lambda settings: _has(settings, S3MetadataLabels)),
    ("dashboard.aws.lifecycle", lambda settings: settings.live.lifecycle),
    ("dashboard.aws.uploads", lambda settings: settings.live.unfinished_uploads),
)

# What the worker does, in a process and with a role of its own.
_WORKER_MODULES: tuple[tuple[str, Callable[[Settings], bool]], ...] = (
    ("dashboard.aws.objects", lambda settings: bool(settings.inventory)),
    ("dashboard.aws.object_tags", lambda settings: bool(settings.inventory)),
    ("dashboard.aws.copying", lambda settings: bool(settings.inventory)),
    ("dashboard.aws.restore", lambda settings: bool(settings.inventory)),
    ("dashboard.aws.versions", lambda settings: bool(settings.inventory)),
    ("dashboard.aws.parts", lambda settings: settings.operate.allow_removal),
    ("dashboard.aws.removal", lambda settings: settings.operate.allow_removal),
    ("dashboard.aws.lifecycle_change", lambda settings: bool(settings.inventory)),
    ("dashboard.aws.batch", lambda settings: settings.operate.batch.threshold_objects is not None),
)

Role = Literal["reader", "worker"]


def collect(settings: Settings, role: Role = "reader") -> list[Permission]:
    """The permissions that these settings need, in the order of the modules, each once.

    Args:
        role: "reader": syncs and checks; "worker": carries confirmed plans out. The pages need none of AWS.
    """
    found: dict[Permission, None] = {}
    for name, is_needed in _MODULES if role == "reader" else _WORKER_MODULES:
        if is_needed(settings):
            module = importlib.import_module(name)
            found.update(dict.fromkeys(module.PERMISSIONS))
    return list(found)


def render_policy(settings: Settings, role: Role = "reader") -> dict[str, Any]:
    """The IAM policy (JSON data) that lets the dashboard do what these settings ask, and nothing else."""
    statements: dict[tuple[str, str], dict[str, Any]] = {}
    for permission in collect(settings, role):
        for names in _contexts(settings, permission):
            resource = permission.resource_template.format(**names)
            prefix = permission.prefix_template.format(**names)
            statement = statements.setdefault(
                (resource, prefix), {"Effect": "Allow", "Action": [], "Resource": resource}
            )
            if permission.action not in statement["Action"]:
                statement["Action"].append(permission.action)
            if prefix:
                statement["Condition"] = {"StringLike": {"s3:prefix": f"{prefix}*"}}
    return {"Version": "2012-10-17", "Statement": list(statements.values())}


def check_permissions(
    settings: Settings,
    *,
    may_pay: bool = False,
    make_client: Callable[..., Client] = client,
) -> Iterator[PermissionCheck]:
    """Try each permission with one cheap call that changes nothing; yields as each is answered.

    Args:
        may_pay: also try what AWS charges for (one Cost Explorer request, 0.01 USD).
    """
    clients: dict[str, Client] = {}
    for permission in collect(settings):
        service = permission.action.partition(":")[0]
        probe = PROBES.get(permission.action)
        for names in _contexts(settings, permission):
            arn = permission.resource_template.format(**names)
            prefix = permission.prefix_template.format(**names)
            resource = f"{arn} {prefix}*" if prefix else arn
            if probe is None or (service == "ce" and not may_pay):
                yield PermissionCheck(permission, resource, None)
                continue
            try:
                if service not in clients:
                    clients[service] = make_client(settings.aws, service)
                if service == "budgets":
                    # The settings do not name the account.
                    asked = make_client(settings.aws, "sts").get_caller_identity()
                    names = {**names, "account_id": asked["Account"]}
                probe(clients[service], names)
            except _FAULTS as error:
                if error_code(error) not in PROOFS:
                    title = "Part of the data cannot be read with these credentials"
                    fault = explain(error, _locator(arn), permission.action, title)
                    yield PermissionCheck(permission, resource, False, fault)
                    continue
            yield PermissionCheck(permission, resource, True)


_FAULTS: tuple[type[Exception], ...] = (DashboardError, *REQUEST_FAULTS)


def _contexts(settings: Settings, permission: Permission) -> list[dict[str, str]]:
    """The values of the placeholders, once for each resource that the template stands for."""
    template = permission.resource_template + permission.prefix_template
    found: dict[tuple[str, ...], dict[str, str]] = {}
    here = {"partition": partition(settings.aws.region or os.environ.get("AWS_REGION"))}
    places = next((found for mark, found in _PLACES.items() if mark in template), _places)
    for names in places(settings):
        used = tuple(value for name, value in names.items() if f"{{{name}}}" in template)
        found.setdefault(used, {**here, **names})
    if not found and not set(re.findall(r"{(\w+)}", template)) - set(here):
        return [here]
    return list(found.values())


def _places(settings: Settings) -> Iterator[dict[str, str]]:
    for location in settings.inventory:
        for bucket in _labelled(settings, location):
            yield {
                "destination_bucket": location.destination_bucket,
                "root": location.root,
                "source_bucket": location.source_bucket,
                "bucket_owner": location.bucket_owner or "",
                "labelled_bucket": bucket,
            }


def _label_places(settings: Settings) -> Iterator[dict[str, str]]:
    """Where labels lie apart from their objects; listing and reading are tried there as they are for reports."""
    for source in settings.labels.source:
        if isinstance(source, _IN_FILES):
            yield {
                "label_bucket": source.bucket,
                "label_key": source.key,
                "destination_bucket": source.bucket,
                "root": source.key,
                "bucket_owner": "",
            }


def _label_tables(settings: Settings) -> Iterator[dict[str, str]]:
    for source in settings.labels.source:
        if isinstance(source, DynamoDbLabels):
            yield {"label_table": source.table}


def _export_places(settings: Settings) -> Iterator[dict[str, str]]:
    """Where the bill's export lies; listing and reading are tried there as they are for reports."""
    if export := settings.costs.export:
        yield {
            "export_bucket": export.bucket,
            "export_prefix": export.prefix,
            "destination_bucket": export.bucket,
            "root": export.prefix,
            "bucket_owner": "",
        }


def _batch_places(settings: Settings) -> Iterator[dict[str, str]]:
    """Where jobs of S3 Batch Operations run, and where their manifests and reports lie."""
    batch = settings.operate.batch
    yield {
        "batch_account": batch.account_id,
        "batch_role": batch.role_arn,
        "batch_bucket": batch.manifest_bucket,
        "batch_prefix": batch.prefix,
    }


_PLACES: Mapping[str, Callable[[Settings], Iterator[dict[str, str]]]] = {
    "{label_table": _label_tables,
    "{label_": _label_places,
    "{export_": _export_places,
    "{batch_": _batch_places,
}
"""Where resources are, by the beginning of their placeholders; all others are those of inventory locations."""


def _labelled(settings: Settings, location: InventoryLocation) -> list[str]:
    """The location's bucket and those that the label settings name, if any."""
    tagged = [source for source in settings.labels.source if isinstance(source, ObjectTagLabels)]
    named = sorted({bucket for source in tagged for bucket in source.buckets})
    return named or [location.source_bucket]


def partition(region: str | None) -> str:
    """The partition of a region: aws, aws-cn or aws-us-gov."""
    if region and region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region and region.startswith("us-gov-") else "aws"


def _locator(resource: str) -> str:
    head, _, path = resource.partition(":s3:::")
    return f"s3://{path}" if path else head
