"""What is worth a finding, and how grave it is."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from dashboard.settings.section import Section

Severity = Literal["critical", "high", "medium", "low", "off"]

_RULES = Path(__file__).resolve().parents[2] / "queries" / "alerts"


class Findings(Section):
    """Thresholds of the alert rules, in days; how many findings of one rule and device stand one by one at most; and
    the severities that are not a rule's own ("off" finds nothing)."""

    late_after_days: int = Field(default=14, ge=1)
    overwritten_within_days: int = Field(default=7, ge=1)
    new_within_days: int = Field(default=30, ge=1)
    together_above: int = Field(default=50_000, ge=1)
    severity: dict[str, Severity] = Field(default_factory=dict)

    @field_validator("severity")
    @classmethod
    def _of_known_rules(cls, severity: dict[str, Severity]) -> dict[str, Severity]:
        known = sorted(file.stem for file in _RULES.glob("*.sql"))
        for rule_id in severity:
            if rule_id not in known:
                near = difflib.get_close_matches(rule_id, known, n=1)
                raise ValueError(
                    f"no such rule: {rule_id}" + (f"; did you mean {near[0]!r}?" if near else "")
                )
        return severity

    @property
    def rules_off(self) -> list[str]:
        """The rules that are switched off."""
        return [rule_id for rule_id, severity in self.severity.items() if severity == "off"]
