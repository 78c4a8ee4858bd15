"""What "labelled" means here, in sentences: for the whole archive and for each source of labels."""

from __future__ import annotations

from dashboard.settings.labels import DynamoDbLabels, Labels, LabelSource, ObjectTagLabels, S3MetadataLabels
from dashboard.ui import labels as names_of
from dashboard.ui.text import N_, _

_SENTENCES: dict[str, str] = {
    "object_tags": N_("{id}: the object's own tags ({place})"),
    "table": N_("{id}: columns {names} of the table {place}"),
    "ground_truth": N_("{id}: what the labelling job gave as {names} in {place}"),
    "coco": N_("{id}: categories of the annotations in {place}, as {names}"),
    "dynamodb": N_("{id}: attributes {names} of the DynamoDB table {place}"),
    "s3_metadata": N_("{id}: the object's own tags, as the S3 Metadata table {place} lists them"),
}


def definition(source: LabelSource) -> str:
    """Where a source has its labels from, in one sentence."""
    names: list[str] = []
    if source.kind in {"table", "dynamodb"}:
        given = source.columns
        mapped = (
            column if column == label else f"{column} ({label})" for label, column in given.labels.items()
        )
        names = list(mapped) or [f"{given.name} = {given.value}"]
    elif source.kind == "ground_truth":
        names = [source.label_name]
    elif source.kind == "coco":
        names = [source.name]
    return _(_SENTENCES[source.kind]).format(id=source.id, place=_place(source), names=", ".join(names))


def required(labels: Labels) -> list[str]:
    """When an image counts as labelled, one sentence for all devices and one for each with labels of its own."""
    whole = _("An image is labelled when each of these labels has a value: {names}")
    lines = [whole.format(names=", ".join(labels.required))]
    one = _("{device}: {names}")
    for device, names in labels.required_by_device.items():
        lines.append(one.format(device=names_of.name("device_id", device), names=", ".join(names)))
    return lines


def meaning(labels: Labels) -> list[str]:
    """When an image counts as labelled, and which values do, one sentence for each rule."""
    lines = required(labels)
    allowed = _("Allowed for {name}: {values}")
    for name, values in labels.allowed.items():
        lines.append(allowed.format(name=name, values=", ".join(values)))
    return lines


def _place(source: LabelSource) -> str:
    if isinstance(source, ObjectTagLabels):
        return ", ".join(source.buckets) or _("all buckets")
    return source.table if isinstance(source, (DynamoDbLabels, S3MetadataLabels)) else source.location
