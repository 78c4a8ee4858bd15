"""What codes are called on screen, and the order in which they stand."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from dashboard.domain import storage_classes
from dashboard.ui import dataset_codes, operate_codes, source
from dashboard.ui.cost_labels import LISTS as COST_LISTS
from dashboard.ui.cost_labels import PARTS as COST_PARTS
from dashboard.ui.finding_labels import (
    DUE_STATES,
    FINDING_AGES,
    FINDING_CHANGES,
    FINDING_REASONS,
    MISSING_PARTS,
    NOBODY,
    PROPOSAL_BASES,
    REASONS,
    TWINS,
    WORK_EVENTS,
    WORK_STATES,
)
from dashboard.ui.formats import is_missing
from dashboard.ui.safe import visible
from dashboard.ui.text import N_, _, language

KINDS: dict[str, str] = {
    "image": N_("Images"),
    "noncurrent_version": N_("Noncurrent versions"),
    "delete_marker": N_("Delete markers"),
    "junk": N_("Junk files"),
    "folder_marker": N_("Folder markers"),
    "companion": N_("Companion files"),
    "derivative": N_("Derived pictures"),
    "unfinished_upload": N_("Unfinished uploads"),
}
SIZE_BANDS: dict[str, str] = {
    "empty": N_("Empty"),
    "under_128_kib": N_("Under 128 KiB"),
    "under_1_mib": N_("128 KiB to 1 MiB"),
    "under_10_mib": N_("1 to 10 MiB"),
    "under_100_mib": N_("10 to 100 MiB"),
    "under_1_gib": N_("100 MiB to 1 GiB"),
    "from_1_gib": N_("1 GiB and more"),
    "unknown": N_("Unknown"),
}
AGE_BANDS: dict[str, str] = {
    "under_30_days": N_("Under 30 days"),
    "from_30_days": N_("30 to 89 days"),
    "from_90_days": N_("90 to 179 days"),
    "from_180_days": N_("180 to 364 days"),
    "from_365_days": N_("365 days and more"),
    "unknown": N_("Unknown"),
}
DUE_BANDS: dict[str, str] = {
    "within_7_days": N_("Within 7 days"),
    "within_30_days": N_("Within 30 days"),
    "within_90_days": N_("Within 90 days"),
    "later": N_("Later"),
}
ACCESS_TIERS: dict[str, str] = {
    "FREQUENT": N_("Frequent Access"),
    "INFREQUENT": N_("Infrequent Access"),
    "ARCHIVE_INSTANT_ACCESS": N_("Archive Instant Access"),
    "ARCHIVE": N_("Archive Access"),
    "DEEP_ARCHIVE": N_("Deep Archive Access"),
}
SEVERITIES: dict[str, str] = {
    "critical": N_("Critical"),
    "high": N_("High"),
    "medium": N_("Medium"),
    "low": N_("Low"),
}
SOURCE_KINDS: dict[str, str] = {
    "inventory": N_("Inventory reports"),
    "costs": N_("Cost Explorer"),
    "cost_export": N_("Export of the bill"),
    "aws_budgets": N_("AWS Budgets"),
    "cost_forecast": N_("Cost Explorer forecast"),
    "labels": N_("Labels"),
    "lifecycle": N_("Lifecycle rules"),
    "unfinished_uploads": N_("Unfinished uploads"),
}
UNIT_STATES: dict[str, str] = {
    "never": N_("Never uploaded"),
    "silent": N_("Silent"),
    "active": N_("Active"),
    "out_of_use": N_("Out of use"),
    "not_watched": N_("Not watched"),
}
LABEL_STATES: dict[str, str] = {
    "unlabelled": N_("Not labelled"),
    "unread": N_("Tags not read yet"),
}
LABEL_KINDS: dict[str, str] = {
    "object_tags": N_("Object tags"),
    "table": N_("Table in S3"),
    "ground_truth": N_("Ground Truth job"),
    "coco": N_("COCO file"),
    "dynamodb": N_("DynamoDB table"),
    "s3_metadata": N_("S3 Metadata table"),
}
SOURCE_NOTES: dict[str, str] = {
    "": "",
    "estimated": N_("The current month is an estimate"),
    "final": N_("Final"),
    "no_configuration": N_("The bucket has no lifecycle rules"),
    "last_good_copy": N_("The last reading failed; the copy before it is in use"),
    "never_read": N_("Was never read"),
    "bucket_not_listed": N_("No report lists its bucket: none of its labels finds an image"),
    "not_available_yet": N_("not available yet"),
}
QUARANTINE_REASONS: dict[str, str] = {
    "key_missing": N_("Row without a key"),
    "key_not_utf8": N_("Key is not UTF-8 text"),
    "other_bucket": N_("Row of another bucket"),
    "size_invalid": N_("Size is no whole number"),
    "last_modified_date_invalid": N_("Time of upload cannot be read or cannot be right"),
    "is_latest_invalid": N_("Does not say whether it is the latest version"),
    "is_delete_marker_invalid": N_("Does not say whether it is a delete marker"),
    "line_too_long": N_("Line too long to read"),
    "not_utf8": N_("Not UTF-8 text"),
    "wrong_column_count": N_("Too few or too many columns"),
    "quote_open": N_("Quotation mark without an end"),
    "not_readable": N_("Line cannot be taken apart"),
    "not_json": N_("Not JSON"),
    "not_an_object": N_("Not a JSON object"),
    "wrong_type": N_("A list, a number or an object where text is wanted"),
    "object_missing": N_("Names no object"),
    "uri_invalid": N_("Not an address of S3"),
    "key_too_long": N_("Key too long"),
    "value_too_long": N_("Label too long"),
    "labelled_at_invalid": N_("Time of labelling cannot be read"),
    "labelling_failed": N_("The labelling job failed on it"),
    "low_confidence": N_("Confidence too low"),
    "not_by_human": N_("Not labelled by a person"),
    "class_unknown": N_("Class is not in the file's list"),
    "image_not_listed": N_("Image is not in the file's list"),
    "duplicate_row": N_("Same row twice"),
    "contradicts_itself": N_("Another row of the file says otherwise"),
}
MISSING_COLUMNS: dict[str, str] = {
    "size": N_("All sizes count as 0, and empty files cannot be told from images"),
    "last_modified_date": N_("Uploads and ages are unknown"),
    "storage_class": N_("All objects stand under No class"),
    "is_latest": N_("Older versions cannot be told from current images"),
    "is_delete_marker": N_("Delete markers cannot be told from objects"),
    "e_tag": N_("A label is not read again when its image changes"),
    "intelligent_tiering_access_tier": N_("Tiers inside Intelligent-Tiering are unknown"),
}
SYNC_OUTCOMES: dict[str, str] = {
    "published": N_("New snapshot published"),
    "unchanged": N_("Nothing new"),
    "failed": N_("Not everything worked"),
}
REPORT_STATES: dict[str, str] = {
    "loaded": N_("New report loaded"),
    "unchanged": N_("No newer report"),
    "kept": N_("Newer report not usable, earlier one kept"),
    "missing": N_("No report found"),
}
WEEKDAYS: dict[str, str] = {
    "1": N_("Mon"),
    "2": N_("Tue"),
    "3": N_("Wed"),
    "4": N_("Thu"),
    "5": N_("Fri"),
    "6": N_("Sat"),
    "7": N_("Sun"),
}

_LISTS: dict[str, Mapping[str, str]] = {
    "kind": KINDS,
    "size_band": SIZE_BANDS,
    "age_band": AGE_BANDS,
    "due_band": DUE_BANDS,
    "access_tier": ACCESS_TIERS,
    "severity": SEVERITIES,
    **COST_LISTS,
    "source_kind": SOURCE_KINDS,
    "reason": REASONS | TWINS,
    "proposal_basis": PROPOSAL_BASES,
    "missing": MISSING_PARTS,
    "weekday": WEEKDAYS,
    "unit_status": UNIT_STATES,
    "label_state": LABEL_STATES,
    "finding_reason": FINDING_REASONS,
    "work_state": WORK_STATES,
    "due_state": DUE_STATES,
    "finding_age": FINDING_AGES,
    "finding_change": FINDING_CHANGES,
    "work_event": WORK_EVENTS,
    "source_note": SOURCE_NOTES,
    "quarantine_reason": QUARANTINE_REASONS,
    "label_kind": LABEL_KINDS,
    "missing_column": MISSING_COLUMNS,
    "sync_outcome": SYNC_OUTCOMES,
    "report_state": REPORT_STATES,
    **dataset_codes.LISTS,
    **operate_codes.LISTS,
}
_CLASS_COLUMNS = {"storage_class", "cost_class", "from_class", "to_class"}
UNATTRIBUTED = "unattributed"


@functools.cache
def rule_titles() -> dict[str, str]:
    """What the alert rules are called (English), by id."""
    from dashboard.warehouse.query import folder_queries

    return {query.path.stem: query.header["title"] for query in folder_queries("alerts").values()}


def device_codes() -> list[str]:
    """Ids of the devices in the settings' order, then the row for objects of no device."""
    return [*(item.id for item in source.settings().device), UNATTRIBUTED]


def name(column: str, code: object) -> str:
    """What a code in a column is called in the language of this run.

    Args:
        column: the column's name in the marts: device_id, storage_class, kind, reason, size_band, …
        code: a value of it, or several. Values that are on no list are shown as they are, escapes visible.
    """
    if isinstance(code, Iterable) and not isinstance(code, str):
        return _(", ").join(name(column, item) for item in code)
    text = "" if is_missing(code) else str(code)
    if column == "device_id":
        return _device(text)
    if column == "cost_owner":
        return _(COST_PARTS[text]) if text in COST_PARTS else _device(text)
    if column == "rule_id" and text in rule_titles():
        return _(rule_titles()[text])
    if column == "owner" and text in {"", NOBODY}:
        return _("Nobody")
    if column == "cost_class" and not text:
        return _("Other costs")
    if column in _CLASS_COLUMNS:
        return _class(text)
    known = _LISTS.get(column, {})
    if text in known:
        return _(known[text])
    return visible(text) if text else _none(column)


def _device(code: str) -> str:
    if code in {"", UNATTRIBUTED}:
        return _("No device")
    for device in source.settings().device:
        if device.id == code:
            return device.label(language())
    return visible(code)


def _class(code: str) -> str:
    if code == "EXPIRED":
        return _("Deleted")
    if code in {"", "UNKNOWN"}:
        return _("No class")
    return storage_classes.label(code)


def _none(column: str) -> str:
    return _("No extension") if column == "extension" else _("None")


def order(column: str, code: object) -> tuple[int, str]:
    """Sort key of a code in a column: hot to cold, small to large, or as the settings list it."""
    text = "" if is_missing(code) else str(code)
    if column in {"device_id", "cost_owner"}:
        codes = [*device_codes(), *COST_PARTS]
        return (codes.index(text) if text in codes else len(codes), text)
    if column in _CLASS_COLUMNS:
        return (storage_classes.order(text), text)
    known = list(_LISTS.get(column, {}))
    return (known.index(text) if text in known else len(known), text)


def has_names(column: str) -> bool:
    """Whether values of the column are codes with names."""
    return column in _LISTS or column in {"device_id", "cost_owner", *_CLASS_COLUMNS}
