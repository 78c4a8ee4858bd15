"""The pages, in their order. A new page is one file under `pages/` and one entry here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboard.ui.text import N_

PAGES_FOLDER = Path(__file__).resolve().parents[2] / "pages"


@dataclass(frozen=True)
class PageEntry:
    """One page of the navigation.

    Attributes:
        id: its URL path and the argument of `open_page`.
        file: below `pages/`.
        title, subtitle: English; translated when drawn.
        icon: name of a Material symbol.
    """

    id: str
    file: str
    section: str
    title: str
    subtitle: str
    icon: str

    @property
    def path(self) -> Path:
        return PAGES_FOLDER / self.file


INSIGHTS = N_("Insights")
OPERATIONS = N_("Operations")

PAGES: tuple[PageEntry, ...] = (
    PageEntry(
        "overview",
        "observe/overview.py",
        INSIGHTS,
        N_("Overview"),
        N_("Cost, storage and data quality of the image archive"),
        "space_dashboard",
    ),
    PageEntry(
        "costs",
        "observe/costs.py",
        INSIGHTS,
        N_("Costs"),
        N_("What the archive costs, and what the money is spent on"),
        "payments",
    ),
    PageEntry(
        "savings",
        "operate/savings.py",
        INSIGHTS,
        N_("Savings"),
        N_("What could be saved, what it costs and risks, and what became of it"),
        "savings",
    ),
    PageEntry(
        "storage",
        "observe/storage.py",
        INSIGHTS,
        N_("Storage"),
        N_("How much is stored, from which device and in which class"),
        "storage",
    ),
    PageEntry(
        "tiers",
        "observe/tiers.py",
        INSIGHTS,
        N_("Storage tiers"),
        N_("How storage is spread from hot to cold, and what moves next"),
        "ac_unit",
    ),
    PageEntry(
        "uploads",
        "observe/uploads.py",
        INSIGHTS,
        N_("Uploads"),
        N_("When images arrive, and which devices have gone silent"),
        "calendar_month",
    ),
    PageEntry(
        "quality",
        "observe/quality.py",
        OPERATIONS,
        N_("Labels and names"),
        N_("Images without labels, names off the rule, and what else needs attention"),
        "label_important",
    ),
    PageEntry(
        "worklist",
        "operate/worklist.py",
        OPERATIONS,
        N_("Worklist"),
        N_("Who looks after which finding, by when, and what became of it"),
        "checklist",
    ),
    PageEntry(
        "duplicates",
        "observe/duplicates.py",
        OPERATIONS,
        N_("Duplicates"),
        N_("What is stored more than once, how sure that is, and which copy to keep"),
        "content_copy",
    ),
    PageEntry(
        "dataset",
        "operate/dataset.py",
        OPERATIONS,
        N_("Datasets"),
        N_("Choose images for machine learning, see what is ready, and freeze the choice"),
        "dataset",
    ),
    PageEntry(
        "restore",
        "operate/restore.py",
        OPERATIONS,
        N_("Restore"),
        N_("Bring archived images back: what it costs, how long it takes, and the plan to confirm"),
        "unarchive",
    ),
    PageEntry(
        "change",
        "operate/change.py",
        OPERATIONS,
        N_("Change objects"),
        N_("Set labels, give the right names, move to another class: the plan to confirm, and what it costs"),
        "edit",
    ),
    PageEntry(
        "clean",
        "operate/clean.py",
        OPERATIONS,
        N_("Undo and clean"),
        N_("Bring back what was deleted or overwritten, and remove what is not needed, under strict limits"),
        "cleaning_services",
    ),
    PageEntry(
        "lifecycle",
        "operate/lifecycle.py",
        OPERATIONS,
        N_("Lifecycle"),
        N_("What the rules of a bucket move and delete, what other rules would do, and the plan to confirm"),
        "autorenew",
    ),
    PageEntry(
        "runs",
        "operate/runs.py",
        OPERATIONS,
        N_("Runs"),
        N_("What became of confirmed plans, object by object"),
        "play_circle",
    ),
    PageEntry(
        "journal",
        "operate/journal.py",
        OPERATIONS,
        N_("Journal"),
        N_("Who did what, when and why, and the proof that nobody changed it since"),
        "history_edu",
    ),
    PageEntry(
        "sources",
        "observe/sources.py",
        OPERATIONS,
        N_("Data sources"),
        N_("Where the figures come from, how old and how complete they are"),
        "database",
    ),
)


def entry(page_id: str) -> PageEntry:
    """The entry of a page; KeyError for an id that is not in the list."""
    return {item.id: item for item in PAGES}[page_id]
