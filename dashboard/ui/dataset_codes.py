"""What the codes of duplicates and datasets are called on screen, in their order."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.ui.text import N_

CONFIDENCES: dict[str, str] = {
    "exact": N_("Certain"),
    "suspect": N_("Suspect"),
}
DUPLICATE_CASES: dict[str, str] = {
    "kept": N_("Keep"),
    "same_key": N_("Older version of the same key"),
    "same_bucket": N_("Copy in the same bucket"),
    "other_bucket": N_("Copy in another bucket"),
}
KEEP_REASONS: dict[str, str] = {
    "current": N_("It is current; the next best is an older version"),
    "image": N_("It counts as an image; the next best does not"),
    "good_name": N_("Its name follows the rule; the next best one's does not"),
    "labelled": N_("It is labelled; the next best is not"),
    "older": N_("It was uploaded first"),
    "all_equal": N_("Nothing tells the copies apart; the first key in order stays"),
}
READINESS: dict[str, str] = {
    "name": N_("Name follows the rule"),
    "label": N_("Every required label"),
    "reading": N_("Readable now"),
    "duplicate": N_("Not a certain copy"),
    "identity": N_("No patient identity in the key"),
    "permit": N_("Permitted by its label"),
    "part": N_("What to split by is known"),
    "ready": N_("Ready"),
}
SPLITS: dict[str, str] = {
    "train": N_("Training"),
    "validation": N_("Validation"),
    "test": N_("Test"),
}
RESTORE_SPEEDS: dict[str, str] = {
    "expedited": N_("Expedited"),
    "standard": N_("Standard speed"),
    "bulk": N_("Bulk"),
}

LISTS: dict[str, Mapping[str, str]] = {
    "confidence": CONFIDENCES,
    "duplicate_case": DUPLICATE_CASES,
    "keep_reason": KEEP_REASONS,
    "step": READINESS,
    "split": SPLITS,
    "restore_speed": RESTORE_SPEEDS,
}
"""Code lists by the column whose values they name."""
