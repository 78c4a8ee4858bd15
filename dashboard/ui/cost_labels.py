"""What the codes of the bill are called on screen, and the order in which they stand."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.report.words import BUDGET_STATES
from dashboard.ui.text import N_

COST_CATEGORIES: dict[str, str] = {
    "storage": N_("Storage"),
    "requests": N_("Requests"),
    "retrieval": N_("Retrieval"),
    "transfer": N_("Data transfer"),
    "transition": N_("Class transitions"),
    "early_deletion": N_("Early deletion"),
    "monitoring": N_("Monitoring"),
    "looking": N_("Looking at the archive"),
    "tax": N_("Tax"),
    "credit": N_("Credits"),
    "refund": N_("Refunds"),
    "other": N_("Other"),
}
LOOKED_WITH: dict[str, str] = {
    "inventory_reports": N_("Inventory reports"),
    "tag_reads": N_("Reading tags"),
    "cost_explorer": N_("Questions to Cost Explorer"),
    "storage_statistics": N_("Storage statistics"),
}
RATE_KINDS: dict[str, str] = {
    "invoice": N_("Invoice"),
    "market": N_("Market"),
    "missing": N_("missing"),
}
PARTS: dict[str, str] = {
    "part:noncurrent_version": N_("Noncurrent versions"),
    "part:junk": N_("Junk files"),
    "part:delete_marker": N_("Delete markers"),
    "part:folder_marker": N_("Folder markers"),
    "part:not_listed": N_("In no report"),
    "part:no_report": N_("Before the first report"),
    "part:undivided": N_("Not told apart"),
    "part:no_cause": N_("Caused by no object"),
    "part:looking": N_("Looking at the archive"),
    "part:tax": N_("Tax"),
    "part:credit": N_("Credits"),
    "part:refund": N_("Refunds"),
    "part:rounding": N_("Rounding"),
    "part:rest": N_("Not from devices"),
}
SHARE_BASES: dict[str, str] = {
    "byte_days": N_("Bytes and days"),
    "object_days": N_("Objects and days"),
    "uploads": N_("Uploads"),
}
BILL_STATES: dict[str, str] = {
    "billed": N_("Billed"),
    "forecast": N_("Forecast"),
}
BUDGET_PERIODS: dict[str, str] = {
    "month": N_("Month"),
    "fiscal_year": N_("Fiscal year"),
    "day": N_("Day"),
    "quarter": N_("Quarter"),
    "year": N_("Year"),
    "custom": N_("Period of its own"),
}
LABEL_PARTS: dict[str, str] = {
    "without": N_("Images without it"),
    "not_images": N_("Not of images"),
}
BILL_SOURCES: dict[str, str] = {
    "cost_explorer": N_("Cost Explorer"),
    "export": N_("Export of the bill"),
}
SAVING_STANDINGS: dict[str, str] = {
    "proposed": N_("In the total"),
    "decide": N_("To be decided"),
    "unpriced": N_("No known price"),
    "exposed": N_("Lost, not saved"),
    "dearer": N_("Would cost more"),
    "in_hand": N_("A rule does it"),
    "no_evidence": N_("No evidence"),
}
PROMISE_VERDICTS: dict[str, str] = {
    "kept": N_("Kept"),
    "partly": N_("Partly"),
    "not_seen": N_("Not seen"),
    "too_early": N_("Too early"),
    "cannot_tell": N_("Cannot tell"),
    "withdrawn": N_("Withdrawn"),
}
PROMISE_WHYS: dict[str, str] = {
    "": "",
    "grew": N_("More is listed than then"),
    "no_full_month": N_("No full month since"),
    "not_told_apart": N_("Reports do not count it apart"),
    "no_reports": N_("Days without a report"),
    "no_bill": N_("No price in the bill"),
}

LISTS: Mapping[str, Mapping[str, str]] = {
    "category": COST_CATEGORIES,
    "looked_with": LOOKED_WITH,
    "bill_source": BILL_SOURCES,
    "rate_kind": RATE_KINDS,
    "share_basis": SHARE_BASES,
    "bill_state": BILL_STATES,
    "budget_period": BUDGET_PERIODS,
    "budget_state": BUDGET_STATES,
    "label_part": LABEL_PARTS,
    "saving_standing": SAVING_STANDINGS,
    "promise_verdict": PROMISE_VERDICTS,
    "promise_why": PROMISE_WHYS,
}
