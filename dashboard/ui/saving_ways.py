"""Where the objects of each kind of saving are listed, and where it is carried out."""

from __future__ import annotations

import json
import shlex
from datetime import date, timedelta

from dashboard.domain.savings import Proposal
from dashboard.ui.text import N_

LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "unfinished_upload": ("quality", {"list": "alerts", "rule": "unfinished_upload"}),
    "junk_file": ("quality", {"list": "alerts", "rule": "junk_object"}),
    "delete_marker": ("tiers", {"kinds": "delete_marker", "list": "all"}),
    "noncurrent_version": ("tiers", {"kinds": "noncurrent_version", "list": "all"}),
    "exact_duplicate": ("duplicates", {}),
    "small_in_infrequent": ("tiers", {"classes": "STANDARD_IA,ONEZONE_IA,GLACIER_IR", "list": "all"}),
    "small_in_archive": ("tiers", {"classes": "GLACIER,DEEP_ARCHIVE", "list": "all"}),
    "reduced_redundancy": ("tiers", {"classes": "REDUCED_REDUNDANCY", "list": "all"}),
    "unread_in_tiering": ("tiers", {"list": "ARCHIVE_INSTANT_ACCESS"}),
    "old_in_standard": ("tiers", {"classes": "STANDARD", "list": "all"}),
    "early_deletion": ("tiers", {"list": "within_30_days"}),
}
"""Where the objects of each kind are listed: page and filters."""
DEEDS: dict[str, tuple[str, dict[str, str]]] = {
    "unfinished_upload": ("clean", {"do": "abort_uploads"}),
    "junk_file": ("clean", {"do": "remove_junk"}),
    "noncurrent_version": ("clean", {"do": "remove_versions"}),
    "exact_duplicate": ("clean", {"do": "remove_duplicates"}),
    "small_in_infrequent": ("change", {"do": "class", "to": "STANDARD", "sizes": "empty,under_128_kib"}),
    "small_in_archive": ("restore", {"sizes": "empty,under_128_kib"}),
    "reduced_redundancy": ("change", {"do": "class", "to": "STANDARD"}),
    "old_in_standard": (
        "change",
        {
            "do": "class",
            "to": "GLACIER_IR",
            "sizes": "under_1_mib,under_10_mib,under_100_mib,under_1_gib,from_1_gib",
        },
    ),
}
"""Where a proposal is carried out, or begun: page and filters. What is archived has to be restored first."""
AFTER: dict[str, str] = {"small_in_archive": "small_in_infrequent"}
"""Whose deed follows, once what was archived is restored and while its copies can be read."""
WORDS: dict[str, str] = {
    "unfinished_upload": N_("Clear the uploads away…"),
    "junk_file": N_("Delete the junk files…"),
    "noncurrent_version": N_("Delete the older versions…"),
    "exact_duplicate": N_("Delete the copies…"),
    "small_in_infrequent": N_("Move the small files…"),
    "small_in_archive": N_("Step 1: bring them back…"),
    "reduced_redundancy": N_("Move the objects…"),
    "old_in_standard": N_("Move the old images…"),
}
"""What the link to a deed says."""
AFTERWARDS = N_("Step 2: move them…")
OLD = timedelta(days=90)
"""What is old in savings.old_in_standard: uploaded so long ago or earlier."""
_BY_RULE, _WITHOUT_SMALL = N_("Let a rule do it…"), N_("Leave small files out of the rules…")
RULES: dict[str, str] = {
    "unfinished_upload": _BY_RULE,
    "delete_marker": _BY_RULE,
    "noncurrent_version": _BY_RULE,
    "small_in_infrequent": _WITHOUT_SMALL,
    "small_in_archive": _WITHOUT_SMALL,
    "old_in_standard": N_("Let S3 watch what is read…"),
    "early_deletion": N_("Let the rule wait…"),
}
"""What a lifecycle rule of the bucket does, or does wrong, and what the link to it says."""
_ARCHIVING = {
    "Id": "archive-unread",
    "Status": "Enabled",
    "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
}


def command(item: Proposal) -> str:
    """What is left to the command line of AWS, a line for each bucket; '' where a page does it."""
    if item.kind.id != "unread_in_tiering":
        return ""
    buckets = sorted({priced.lot.source_bucket for priced in item.lots})
    setting = shlex.quote(json.dumps(_ARCHIVING, separators=(",", ":")))
    return "\n".join(
        f"aws s3api put-bucket-intelligent-tiering-configuration --bucket {shlex.quote(bucket)} "
        f"--id {_ARCHIVING['Id']} --intelligent-tiering-configuration {setting}"
        for bucket in buckets
    )


def deed(item: Proposal, today: date) -> tuple[str, dict[str, str]] | None:
    """Where a proposal is carried out, with the devices and classes of its objects where the page asks for classes.

    Of old images nobody but people can know which are not read, so the way is there without evidence, too.

    Args:
        today: the data's own day.
    """
    is_old = item.kind.id == "old_in_standard"
    standings = {"proposed", "unpriced", "no_evidence"} if is_old else {"proposed", "unpriced"}
    if item.kind.id not in DEEDS or item.standing not in standings:
        return None
    page_id, codes = DEEDS[item.kind.id]
    if page_id == "clean":
        return page_id, codes
    if is_old:
        codes = {**codes, "before": (today - OLD + timedelta(days=1)).isoformat()}
    return page_id, codes | _objects(item)


def afterwards(item: Proposal) -> tuple[str, dict[str, str]] | None:
    """Where a proposal goes on after its deed; None where that is all."""
    if item.kind.id not in AFTER or item.standing not in {"proposed", "unpriced"}:
        return None
    page_id, codes = DEEDS[AFTER[item.kind.id]]
    return page_id, codes | _objects(item)


def _objects(item: Proposal) -> dict[str, str]:
    devices = sorted({priced.lot.device_id for priced in item.lots})
    classes = sorted({priced.lot.storage_class for priced in item.lots})
    return {"devices": ",".join(devices), "classes": ",".join(classes)}
