"""What the codes of plans and runs are called on screen."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.domain.storage_classes import STORAGE_CLASSES
from dashboard.ui.text import N_

ACTIONS: dict[str, str] = {
    "labels": N_("Set labels"),
    "restore": N_("Restore"),
    "undelete": N_("Undelete"),
    "bring_back": N_("Bring a former version back"),
    "abort_uploads": N_("Abort unfinished uploads"),
    "remove_versions": N_("Remove former versions"),
    "remove_duplicates": N_("Remove exact copies"),
    "lifecycle": N_("Lifecycle rules"),
}
RUN_STATES: dict[str, str] = {
    "": N_("Not confirmed"),
    "waiting": N_("Waits for a second person"),
    "queued": N_("Queued"),
    "running": N_("Running"),
    "paused": N_("Paused"),
    "stopped": N_("Stopped"),
    "cancelled": N_("Cancelled"),
    "finished": N_("Finished"),
}
ITEM_STATES: dict[str, str] = {
    "todo": N_("To do"),
    "calling": N_("Being asked for"),
    "done": N_("Done"),
    "failed": N_("Failed"),
    "stale": N_("Left alone: not what was planned"),
    "unknown": N_("Unknown"),
    "left": N_("Not begun"),
}
OUTCOME_CODES: dict[str, str] = {
    "": N_("No answer yet"),
    "accepted": N_("Accepted by S3"),
    "extended": N_("Copy stays longer"),
    "in_progress": N_("Restore was under way already"),
    "readable": N_("Could be read already"),
    "reconciled": N_("Found to be done after a broken connection"),
    "changed": N_("Changed since the report"),
    "other_class": N_("Another storage class now"),
    "gone": N_("Not there any more"),
    "copy_gone": N_("The copy is gone"),
    "as_wanted": N_("Labels were so already"),
    "labelled": N_("Labels set and read back"),
    "labels_changed": N_("Somebody changed the labels since then"),
    "tag_conflict": N_("Somebody else wrote its labels at the same time"),
    "too_many_tags": N_("Would have more than 10 tags"),
    "undeleted": N_("Delete marker removed"),
    "current": N_("Was current already"),
    "other_marker": N_("Deleted once more since"),
    "brought_back": N_("Copied onto its key"),
    "no_versions": N_("The bucket keeps no versions"),
    "aborted": N_("Aborted"),
    "still_running": N_("Got parts since it was planned"),
    "removed": N_("Removed"),
    "gone_already": N_("Was gone already"),
    "locked": N_("Under retention or legal hold"),
    "is_current": N_("Is the current version now"),
    "has_versions": N_("An older version would become current"),
    "kept_changed": N_("The copy to keep is not the same any more"),
    "PreconditionFailed": N_("Changed while it was asked for"),
    "CopyDiffers": N_("The copy differs; the former current version is kept"),
    "StillThere": N_("Parts came in while it was aborted"),
    "verified": N_("Written, read back and equal"),
    "same_rules": N_("Had these rules already"),
    "rules_changed": N_("Somebody changed the rules since the plan"),
    "unread": N_("S3 says something of the rules that would be lost"),
    "not_seen_yet": N_("Written, but S3 still gives the former rules"),
    "read_back_differs": N_("ALARM: S3 now has other rules than were written; look at once"),
}
COPY_STATES: dict[str, str] = {
    "": N_("None"),
    "asked": N_("Asked for"),
    "in_progress": N_("In progress"),
    "ready": N_("Ready"),
    "expired": N_("Expired"),
    "gone": N_("Changed or deleted"),
}
REFUSALS: dict[str, str] = {
    "not_archived": N_("Needs no restore"),
    "not_found": N_("Not in the report"),
    "no_such_tier": N_("Not at this speed"),
    "dotted_key": N_("Key with dots for a folder"),
    "control_key": N_("Key with control characters"),
    "nothing_below": N_("No older version is left"),
    "marker_below": N_("Another delete marker lies below"),
    "archived": N_("Archived: restore it first"),
    "over_5_gib": N_("Larger than 5 GiB"),
    "other_version": N_("Another version of it is brought back"),
    "parts_unknown": N_("Its parts were not counted"),
    "record": N_("A statutory record"),
    "perhaps_record": N_("May be a record: the settings do not say"),
    "overwritten": N_("Overwritten image: bring it back or copy it first"),
    "other_bucket": N_("In another bucket, perhaps as a backup"),
    "has_versions": N_("An older version would become current"),
    "no_versions": N_("Nothing keeps it: the bucket has no versions"),
    "kept_is_archived": N_("The copy to keep is archived"),
}
COST_PARTS: dict[str, str] = {
    "request": N_("Requests"),
    "retrieval": N_("Retrieval"),
    "copy": N_("Temporary copy"),
    "look": N_("Requests that only read"),
    "tagging": N_("Requests that write labels"),
    "tags_kept": N_("New tags, for a month at most"),
    "month": N_("Storage, one month"),
    "early_deletion": N_("Early deletion"),
    "transition": N_("Moves in 12 months"),
    "early_delete": N_("Early deletion in 12 months"),
}
ARCHIVES: dict[str, str] = {
    "": N_("All classes"),
    **{item.id: item.label for item in STORAGE_CLASSES},
    "GLACIER": N_("Glacier Flexible Retrieval"),
    "DEEP_ARCHIVE": N_("Glacier Deep Archive"),
    "INT_ARCHIVE": N_("Intelligent-Tiering, archive"),
    "INT_DEEP_ARCHIVE": N_("Intelligent-Tiering, deep archive"),
    "GLACIER_IR": "Glacier Instant Retrieval",
    "STANDARD_IA": "Standard-IA",
    "ONEZONE_IA": "One Zone-IA",
    "INTELLIGENT_TIERING": "Intelligent-Tiering",
    "STANDARD": "Standard",
}
RULE_CHANGES: dict[str, str] = {
    "added": N_("Added"),
    "changed": N_("Changed"),
    "removed": N_("Removed"),
}
RULES_SIDES: dict[str, str] = {
    "before": N_("Rules as they are"),
    "after": N_("With the change"),
}
CAUSES: dict[str, str] = {
    "": "",
    "asked": N_("Somebody asked for it"),
    "cooling_off": N_("Can be called off until"),
    "needs_credentials": N_("The worker's AWS credentials are missing or expired"),
    "too_many_failures": N_("Half of the last requests failed"),
}
EVENT_GROUPS: dict[str, str] = {
    "plan": N_("Plans"),
    "run": N_("Runs"),
    "findings": N_("Findings"),
    "savings": N_("Savings"),
    "notify": N_("Digests"),
    "report": N_("Monthly reports"),
}
"""What stands before the dot of an event's kind."""
EVENT_KINDS: dict[str, str] = {
    "plan.made": N_("Plan made"),
    "plan.confirmed": N_("Plan confirmed"),
    "plan.approved": N_("Plan confirmed by a second person"),
    "run.started": N_("Run started"),
    "run.resumed": N_("Run went on"),
    "run.paused": N_("Run paused"),
    "run.stopped": N_("Run stopped"),
    "run.cancelled": N_("Run cancelled"),
    "run.finished": N_("Run finished"),
    "run.pause_wanted": N_("Pause asked for"),
    "run.resume_wanted": N_("Asked to go on"),
    "run.cancel_wanted": N_("Cancelling asked for"),
    "findings.seen": N_("Findings of a snapshot taken over"),
    "findings.assigned": N_("Findings assigned"),
    "findings.commented": N_("Findings commented"),
    "findings.snoozed": N_("Findings snoozed"),
    "findings.closed": N_("Findings closed"),
    "findings.reopened": N_("Findings reopened"),
    "savings.accepted": N_("Saving promised"),
    "savings.withdrawn": N_("Promise withdrawn"),
    "notify.began": N_("Digests begin here"),
    "notify.sent": N_("Digest sent"),
    "notify.failed": N_("Digest not delivered"),
    "report.sent": N_("Monthly report sent"),
    "report.failed": N_("Monthly report not delivered"),
}

LISTS: dict[str, Mapping[str, str]] = {
    "action": ACTIONS,
    "run_state": RUN_STATES,
    "item_state": ITEM_STATES,
    "outcome_code": OUTCOME_CODES,
    "copy_state": COPY_STATES,
    "refusal": REFUSALS,
    "cost_part": COST_PARTS,
    "archive": {item.id: item.label for item in STORAGE_CLASSES} | ARCHIVES,
    "run_cause": CAUSES,
    "event_group": EVENT_GROUPS,
    "event_kind": EVENT_KINDS,
    "actor": {"worker": N_("The worker")},
    "rule_change": RULE_CHANGES,
    "rules_side": RULES_SIDES,
}
