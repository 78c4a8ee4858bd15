"""Which findings are meant: the same words for the list, for its counts, and for what is done to them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from dashboard.operate.journal import stamp

STATES = ("open", "assigned", "snoozed", "accepted", "closed", "gone")
"""To be done: open, assigned. Left alone: snoozed (for a time), accepted (a person closed it; it is still there).
Over: closed (a person closed it, and it went), gone (it went by itself)."""
TO_DO = ("open", "assigned")
DUE_STATES = ("overdue", "soon", "later", "none")
AGE_BANDS = ("under_7_days", "under_30_days", "under_90_days", "from_90_days")
Order = Literal["severity", "oldest", "largest", "due"]

Codes = tuple[str, ...] | None


@dataclass(frozen=True)
class Selection:
    """A choice of findings; None = no filter, except that without `states` only what is to be done is meant.

    Attributes:
        finding_ids: these and no others, whatever their state.
        months: of the finding, as 2026-10.
    """

    finding_ids: Codes = None
    devices: Codes = None
    rules: Codes = None
    severities: Codes = None
    owners: Codes = None
    states: Codes = None
    due_states: Codes = None
    age_bands: Codes = None
    size_bands: Codes = None
    months: Codes = None

    def values(self, now: datetime, today: date) -> dict[str, Any]:
        """Bound values of WORK.

        Args:
            now: UTC.
            today: on the archive's clock; due dates and snoozes are compared with it.
        """
        given = {
            item.name: None
            if (codes := getattr(self, item.name)) is None
            else json.dumps(list(codes), ensure_ascii=False)
            for item in fields(self)
        }
        if self.states is None:
            given["states"] = json.dumps(STATES if self.finding_ids is not None else TO_DO)
        return {
            **given,
            "now": stamp(now.astimezone(UTC)),
            "today": today.isoformat(),
            "soon": (today + timedelta(days=7)).isoformat(),
        }

    def as_payload(self) -> dict[str, Any]:
        """What was chosen, for the event; single findings are named by its changes."""
        return {
            name: list(value)
            for name, value in asdict(self).items()
            if value is not None and name != "finding_ids"
        }


WORK = """
WITH described AS (
    SELECT
        findings.*, rules.title, rules.severity, rules.remedy,
        CASE
            WHEN closed_at IS NOT NULL AND gone_at IS NULL THEN 'accepted'
            WHEN closed_at IS NOT NULL THEN 'closed'
            WHEN gone_at IS NOT NULL THEN 'gone'
            WHEN snoozed_until > :today THEN 'snoozed'
            WHEN owner <> '' THEN 'assigned'
            ELSE 'open'
        END AS state,
        CASE
            WHEN due_on IS NULL THEN 'none'
            WHEN due_on < :today THEN 'overdue'
            WHEN due_on <= :soon THEN 'soon'
            ELSE 'later'
        END AS due_state,
        CAST(julianday(:now) - julianday(opened_at) AS INTEGER) AS age_days,
        CASE
            WHEN NOT is_sized THEN 'unknown'
            WHEN size_bytes = 0 THEN 'empty'
            WHEN size_bytes < 131072 THEN 'under_128_kib'
            WHEN size_bytes < 1048576 THEN 'under_1_mib'
            WHEN size_bytes < 10485760 THEN 'under_10_mib'
            WHEN size_bytes < 104857600 THEN 'under_100_mib'
            WHEN size_bytes < 1073741824 THEN 'under_1_gib'
            ELSE 'from_1_gib'
        END AS size_band
    FROM findings JOIN rules USING (rule_id)
    WHERE (:finding_ids IS NULL OR finding_id IN (SELECT value FROM json_each(:finding_ids)))
      AND (:devices IS NULL OR device_id IN (SELECT value FROM json_each(:devices)))
      AND (:rules IS NULL OR rule_id IN (SELECT value FROM json_each(:rules)))
      AND (:severities IS NULL OR severity IN (SELECT value FROM json_each(:severities)))
      AND (:owners IS NULL OR coalesce(owner, '') IN (SELECT value FROM json_each(:owners)))
      AND (:months IS NULL OR month IN (SELECT value FROM json_each(:months)))
),
work AS (
    SELECT *,
        CASE
            WHEN age_days < 7 THEN 'under_7_days'
            WHEN age_days < 30 THEN 'under_30_days'
            WHEN age_days < 90 THEN 'under_90_days'
            ELSE 'from_90_days'
        END AS age_band
    FROM described
),
chosen AS (
    SELECT *
    FROM work
    WHERE state IN (SELECT value FROM json_each(:states))
      AND (:due_states IS NULL OR due_state IN (SELECT value FROM json_each(:due_states)))
      AND (:age_bands IS NULL OR age_band IN (SELECT value FROM json_each(:age_bands)))
      AND (:size_bands IS NULL OR size_band IN (SELECT value FROM json_each(:size_bands)))
)
"""
"""The findings that `Selection.values` chooses, with their state: `chosen`; `work` is without the choice of state."""
