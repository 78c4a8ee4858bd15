"""The one list of the findings of all rules, with filters of its own."""

from __future__ import annotations

from dashboard.ui import filters, finding_ways, labels, owners, shell, source, stakes, tables
from dashboard.ui.filters import Chosen
from dashboard.ui.page import Page
from dashboard.ui.text import _


class FindingList:
    """The list of an open page. What narrows it is kept in the address, which is written before the list is drawn."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._owners = owners.codes()
        self._names = ("severities", "ages", *(["owners"] if self._owners else []))

    def hint(self) -> str:
        """What a click on a rule does, and which rules are switched off."""
        said = _("A click lists the findings")
        if not (off := source.settings().findings.rules_off):
            return said
        return f"{said} · " + _("Off in the settings: {rules}").format(rules=labels.name("rule_id", off))

    def remember(self) -> None:
        """Take the filters from the address, and keep them in it."""
        filters.remember(self._names, options={"owners": self._owners}.__getitem__)

    def draw(self, chosen: Chosen, rule: str | None) -> None:
        """Filters, the way to the worklist, and the list.

        Args:
            chosen: of the whole page; its devices count.
        """
        page, devices = self._page, chosen["devices"]
        own = page.filters(*self._names, options={"owners": self._owners}, place="finding_filters")
        narrowed = {name: own[name] or "" for name in self._names if name != "ages"}
        shell.link(
            "worklist", _("Open in the worklist"), {"devices": devices or "", "rules": rule or "", **narrowed}
        )
        columns = [
            tables.badge("severity", _("Severity")),
            tables.phrase("title", _("Rule")),
            tables.text("subject", _("What"), width=290),
            tables.size("size_bytes", _("Size")),
            *stakes.finding_columns(),
            tables.days(
                "age_days",
                _("Age, days"),
                help=_("Since it happened; the worklist counts since it was found"),
            ),
            tables.text("owner", _("Owner")),
            tables.code("state", _("State"), of="work_state"),
            tables.code("device_id", _("Device")),
            tables.code("finding_reason", _("Reason")),
            tables.count("reason_count", _("Number")),
            tables.time("occurred_at", _("Since")),
        ]
        finding_ways.offer([rule] if rule else None, devices)
        clicked = page.listing(
            "quality.findings",
            columns,
            select=rule == "overwritten_image",
            also=lambda frame: stakes.of_findings(owners.beside(page, frame)),
            note=lambda frame: stakes.said(frame["total_stored"].iloc[0]),
            devices=devices,
            rule=rule,
            severities=own["severities"],
            ages=own["ages"],
            **owners.params(own["owners"] if self._owners else None),
        )
        if clicked:
            # Whoever may not see the key does not see the version either: then it is all of them.
            version_id = str(clicked["subject"]).rpartition("?versionId=")[2]
            is_named = "?versionId=" in str(clicked["subject"]) and version_id != "null"
            page.go("clean", do="bring_back", devices=devices or "", version=version_id if is_named else "")
