"""What the codes of the bill are called on screen, and the order in which they stand."""

from __future__ import annotations

from collections.abc import Mapping

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
BILL_SOURCES: dict[str, str] = {
    "cost_explorer": N_("Cost Explorer"),
    "export": N_("Export of the bill"),
}

LISTS: Mapping[str, Mapping[str, str]] = {
    "category": COST_CATEGORIES,
    "looked_with": LOOKED_WITH,
    "bill_source": BILL_SOURCES,
    "rate_kind": RATE_KINDS,
}
