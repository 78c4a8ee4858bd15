"""What the codes of the bill are called in the report: words for somebody who never saw the console of AWS."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.safe import visible
from dashboard.settings import Device
from dashboard.wording import N_, _, language

CATEGORIES: dict[str, str] = {
    "storage": N_("Keeping images"),
    "requests": N_("Uploading and opening images"),
    "retrieval": N_("Bringing images back"),
    "transfer": N_("Sending images out"),
    "transition": N_("Moving images to cheaper storage"),
    "early_deletion": N_("Deleting images too early"),
    "monitoring": N_("Sorting images by use"),
    "looking": N_("Checking the archive"),
    "tax": N_("Consumption tax"),
    "credit": N_("Credits"),
    "refund": N_("Refunds"),
    "other": N_("Other"),
}
PARTS: dict[str, str] = {
    "part:noncurrent_version": N_("Replaced and deleted images"),
    "part:junk": N_("Junk files"),
    "part:delete_marker": N_("Marks of deleted images"),
    "part:folder_marker": N_("Empty folders"),
    "part:not_listed": N_("Not in the lists (unfinished uploads and the like)"),
    "part:no_report": N_("Before the first list"),
    "part:undivided": N_("Not told apart (lists began later)"),
    "part:no_cause": N_("No image's"),
    "part:looking": N_("Checking the archive"),
    "part:tax": N_("Consumption tax"),
    "part:credit": N_("Credits"),
    "part:refund": N_("Refunds"),
    "part:rounding": N_("Rounding"),
    "part:rest": N_("No device's"),
}
BUDGET_STATES: dict[str, str] = {
    "within": N_("Within the budget"),
    "threshold": N_("Threshold passed"),
    "expected_over": N_("Will be over the budget"),
    "over": N_("Over the budget"),
    "unknown": N_("Not known: no exchange rate"),
    "not_reckoned": N_("Not known: AWS has no figure yet"),
}
RETURNED: dict[str, str] = {
    "Restoring from the archive": N_("Old images brought back"),
    "Reading from cold classes": N_("Seldom opened images read"),
}
"""By the phrase that `costs.lines` gives."""
SAVINGS: dict[str, str] = {
    "delete_marker": N_("Clear away marks of deleted images"),
    "early_deletion": N_("Delete nothing before its minimum time"),
    "exact_duplicate": N_("Delete exact copies"),
    "junk_file": N_("Delete junk files"),
    "noncurrent_version": N_("Delete replaced images"),
    "old_in_standard": N_("Move old images to cheaper storage"),
    "reduced_redundancy": N_("Leave a dearer, less safe storage"),
    "small_in_archive": N_("Bring small images back from the archive"),
    "small_in_infrequent": N_("Keep small images at hand"),
    "unfinished_upload": N_("Clear away unfinished uploads"),
    "unread_in_tiering": N_("Archive what nobody opens"),
}
"""By proposal."""
VERDICTS: dict[str, str] = {
    "kept": N_("as promised"),
    "partly": N_("less than promised"),
    "not_seen": N_("not seen in the bill"),
    "too_early": N_("too early to tell"),
    "cannot_tell": N_("the bill cannot tell"),
}
ADVICE: dict[str, str] = {
    "overwritten_image": N_("Have the earlier image saved under a name of its own before it is deleted."),
    "suspect_duplicate": N_("Have somebody compare the images before anything is deleted."),
    "unfinished_upload": N_("Have the unfinished uploads cleared away; they cost money and are no images."),
    "too_long": N_("Shorten the name."),
    "nfd_text": N_("Rename the image as proposed."),
    "date_before_device": N_("Set the clock of the device; then rename the images."),
}
"""In place of remedies that speak of the inside of the archive, by rule."""
_LONGEST_NAME = 48


def short(text: str) -> str:
    """A name from the settings or the archive: nothing hidden in it, and never a line of its own."""
    shown = visible(text)
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 1]}…"


def owner(code: str, devices: Iterable[Device]) -> str:
    """Whose cost it is: a device by its name, or one of the parts of a bill that no device caused."""
    if code in PARTS:
        return _(PARTS[code])
    if code in {"", "unattributed"}:
        return _(PARTS["part:rest"])
    return short(next((item.label(language()) for item in devices if item.id == code), code))


def cause(code: str, category: str, devices: Iterable[Device]) -> str:
    """A line of the causes: whose cost, and what for."""
    whose, what = owner(code, devices), _(CATEGORIES.get(category, CATEGORIES["other"]))
    return whose if whose == what else _("{whose} · {what}").format(whose=whose, what=what)


def advice(rule_id: str, remedy: str) -> str:
    """What to do about the findings of a rule."""
    return _(ADVICE.get(rule_id, remedy))


def saving(proposal_id: str, title: str) -> str:
    """What a promise is about; one that has no plain words goes by its own."""
    return short(_(SAVINGS.get(proposal_id, title)))


def sentences(said: Iterable[str]) -> str:
    """Sentences in one text; Japanese has no spaces between them."""
    return ("" if language() == "ja" else " ").join(said)
