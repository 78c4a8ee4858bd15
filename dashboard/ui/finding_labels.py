"""Names of the codes that findings bring: reasons, proposals, and what became of each."""

from __future__ import annotations

from dashboard.ui.text import N_

REASONS: dict[str, str] = {
    "unknown_device": N_("Unknown device"),
    "wrong_folder": N_("Wrong folder"),
    "pattern_mismatch": N_("Name off the rule"),
    "impossible_date": N_("Impossible date"),
    "date_mismatch": N_("Dates disagree"),
    "date_in_future": N_("Date in the future"),
    "date_before_device": N_("Date before the device was in use"),
    "clock_reset": N_("Device clock was reset"),
    "camera_default_name": N_("Camera's default name"),
    "copy_suffix": N_("Copy of a file"),
    "extension_not_allowed": N_("Extension not allowed"),
    "upper_case_extension": N_("Upper-case extension"),
    "contains_space": N_("Contains a space"),
    "full_width": N_("Full-width characters"),
    "nfd_text": N_("Decomposed characters"),
    "hidden_character": N_("Hidden characters"),
    "mojibake": N_("Garbled characters"),
    "too_long": N_("Too long"),
    "unknown_unit": N_("Unknown unit"),
    "patient_identifier": N_("Looks like a patient identifier"),
}
TWINS: dict[str, str] = {
    "nfc_nfd_twin": N_("Same name in two Unicode forms"),
    "case_only_twin": N_("Same name but for upper and lower case"),
}
PROPOSAL_BASES: dict[str, str] = {
    "": "",
    "name": N_("Every part stands in the name itself"),
    "name_over_folder": N_("The name, which the device gave; its folder says otherwise"),
    "name_and_upload_time": N_("The time in the name, which fits the upload; the folder's date does not"),
    "folder_and_extension": N_("The folder; the device that the name says makes no such files"),
    "upload_time": N_("The time of upload, on the day that the folder says"),
    "free_number": N_("The name; its number was missing and is a free one"),
}
MISSING_PARTS: dict[str, str] = {
    "": "",
    "device": N_("Which device took it"),
    "unit": N_("Which unit took it"),
    "extension": N_("An extension that the device may have"),
    "capture_time": N_("When it was taken"),
    "template": N_("A template to make names by"),
    "name_exists": N_("The right name is taken by another object"),
    "would_collide": N_("Two images would get the same name"),
}
PROPOSAL_STATES: dict[str, str] = {
    "ready": N_("Can be renamed by itself"),
    "restore": N_("Needs restore first"),
    "none": N_("No name proposed"),
}
WORK_STATES: dict[str, str] = {
    "open": N_("Open"),
    "assigned": N_("Assigned"),
    "snoozed": N_("Snoozed"),
    "accepted": N_("Accepted"),
    "closed": N_("Closed"),
    "gone": N_("Closed by itself"),
}
DUE_STATES: dict[str, str] = {
    "overdue": N_("Overdue"),
    "soon": N_("Within 7 days"),
    "later": N_("Later"),
    "none": N_("No due date"),
}
FINDING_AGES: dict[str, str] = {
    "under_7_days": N_("Under 7 days"),
    "under_30_days": N_("7 to 29 days"),
    "under_90_days": N_("30 to 89 days"),
    "from_90_days": N_("90 days and more"),
}
FINDING_CHANGES: dict[str, str] = {
    "began": N_("There when the worklist began"),
    "opened": N_("Found"),
    "returned": N_("Found again, reopened"),
    "gone": N_("No longer found, closed by itself"),
    "rule_off": N_("Its rule was switched off"),
    "rule_on": N_("Its rule was switched on again"),
    "assigned": N_("Assigned"),
    "commented": N_("Commented"),
    "snoozed": N_("Snoozed"),
    "closed": N_("Closed by a person"),
    "reopened": N_("Reopened by a person"),
}
WORK_EVENTS: dict[str, str] = {"opened": N_("Opened"), "closed": N_("Closed")}
NOBODY = "nobody"
FINDING_REASONS: dict[str, str] = (
    REASONS
    | TWINS
    | {
        "together": N_("Images alike, as one finding"),
        "silent_device": N_("Days without an upload"),
        "never uploaded": N_("Never uploaded"),
        "unlabelled_images": N_("Images without a label"),
        "unfinished_upload": N_("Parts uploaded so far"),
        "empty file": N_("Empty file"),
        "junk file name": N_("Name of a junk file"),
        "missing_sequence": N_("Numbers missing that day"),
        "duplicate_sequence": N_("Numbers used twice that day"),
        "counter_wrap": N_("Counter began again"),
        "overwritten_image": N_("Another image took its name"),
        "companion_without_partner": N_("File without its partner"),
        "late_upload": N_("Days from capture to upload"),
        "upload_before_capture": N_("Images uploaded before they were taken"),
        "new folder": N_("New folder"),
        "new unit": N_("New unit"),
        "label_conflict": N_("Labels with different values"),
        "label_not_allowed": N_("Labels with a value that is not allowed"),
        "label_without_image": N_("Label without an image"),
        "stale_label": N_("Label of an older image"),
        "never_existed": N_("The object never existed"),
        "other_unicode_form": N_("The image's name is in another Unicode form"),
        "image_elsewhere": N_("The image lies in another bucket"),
        "deleted": N_("The object was deleted"),
        "noncurrent": N_("Only older versions are left"),
        "bucket_not_listed": N_("No report covers the bucket"),
        "not_an_image": N_("The object is no image"),
        "other_version": N_("An older version was labelled"),
        "other_content": N_("The content has changed since"),
        "same_bucket": N_("Copy in the same bucket"),
        "other_bucket": N_("Copy in another bucket"),
    }
)
