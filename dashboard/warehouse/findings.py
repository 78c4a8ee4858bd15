"""What the alert rules and the checks find in a snapshot that is being built."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from dashboard.errors import DashboardError, ExitCode
from dashboard.warehouse.query import Query, folder_queries, made


def load_rules(connection: duckdb.DuckDBPyConnection, severities: Mapping[str, str]) -> None:
    """Write alerts.rules from the headers of the rules; those that are off stay in it and find nothing.

    Args:
        severities: by rule, where it is not the one of the header; "off" for none.
    """
    connection.execute(
        "CREATE TABLE alerts.rules (rule_id VARCHAR, title VARCHAR, severity VARCHAR, remedy VARCHAR)"
    )
    connection.executemany(
        "INSERT INTO alerts.rules VALUES (?, ?, ?, ?)",
        [
            [
                rule.path.stem,
                rule.header["title"],
                severities.get(rule.path.stem, rule.header["severity"]),
                rule.header["remedy"],
            ]
            for rule in folder_queries("alerts").values()
        ],
    )


_FINDINGS = """
WITH found AS NOT MATERIALIZED (
    -- Bytes of which a rule does not know the class are in none.
    SELECT * REPLACE (
        coalesce(stored, CASE WHEN size_bytes > 0 THEN [stored_in('', '', 0, size_bytes, 0)] ELSE [] END) AS stored
    )
    FROM ({found})
),
crowds AS (
    SELECT rule_id, device_id, count(*) AS finding_count
    FROM found
    GROUP BY ALL
    HAVING count(*) > (SELECT together_above FROM raw.thresholds)
),
bytes AS (
    SELECT
        rule_id, device_id, stored.storage_class, stored.access_tier, sum(stored.object_count)::BIGINT AS object_count,
        sum(stored.billed_bytes)::BIGINT AS billed_bytes, sum(stored.byte_days)::BIGINT AS byte_days
    FROM (SELECT rule_id, device_id, unnest(stored) AS stored FROM found SEMI JOIN crowds USING (rule_id, device_id))
    GROUP BY ALL
),
together AS (
    SELECT rule_id, device_id, sum(size_bytes)::BIGINT AS size_bytes, max(occurred_at) AS occurred_at
    FROM found
    SEMI JOIN crowds USING (rule_id, device_id)
    GROUP BY ALL
),
told AS (
    SELECT rule_id, subject, device_id, size_bytes, occurred_at, reason, stored
    FROM found
    ANTI JOIN crowds USING (rule_id, device_id)
    UNION ALL
    SELECT
        crowds.rule_id, coalesce(devices.folder, '') || '*', crowds.device_id, together.size_bytes,
        together.occurred_at, crowds.finding_count || ' together',
        (
            SELECT coalesce(list(stored_in(storage_class, access_tier, object_count, billed_bytes, byte_days)), [])
            FROM bytes
            WHERE bytes.rule_id = crowds.rule_id AND bytes.device_id = crowds.device_id
        )
    FROM crowds
    JOIN together USING (rule_id, device_id)
    LEFT JOIN raw.devices AS devices ON devices.device_id = crowds.device_id
)
SELECT
    rules.rule_id, rules.title, rules.severity, rules.remedy, told.subject, told.device_id, told.size_bytes,
    told.occurred_at, told.reason, told.stored, md5(told.rule_id || chr(10) || told.subject) AS finding_id
FROM told
JOIN alerts.rules AS rules USING (rule_id)
WHERE rules.severity <> 'off'
"""
"""What so many objects of one device have in common has one cause, and nobody works it off object by object."""


def queries() -> dict[str, Query]:
    """What is made from the tables of all rules, by name: findings, their counts, and their bytes by class.

    Findings can be as many as images; what pages count of them is counted once, and priced by class.
    """
    found = " UNION ALL ".join(
        f"SELECT '{rule.path.stem}' AS rule_id, * FROM {rule.name}"
        for rule in folder_queries("alerts").values()
    )
    bodies = {
        "findings": _FINDINGS.format(found=found),
        "stakes": "SELECT rule_id, device_id, stored.storage_class, stored.access_tier, "
        "sum(stored.object_count)::BIGINT AS object_count, sum(stored.billed_bytes)::BIGINT AS billed_bytes, "
        "sum(stored.byte_days)::BIGINT AS byte_days "
        "FROM (SELECT rule_id, device_id, unnest(stored) AS stored FROM alerts.findings) GROUP BY ALL",
        "counts": "SELECT rule_id, title, severity, remedy, device_id, count(*) AS finding_count, "
        "sum(size_bytes)::BIGINT AS size_bytes, max(occurred_at) AS newest_at FROM alerts.findings GROUP BY ALL",
    }
    return {f"alerts.{name}": made(f"alerts.{name}", body) for name, body in bodies.items()}


def run_checks(connection: duckdb.DuckDBPyConnection, *, but: str) -> None:
    """Run every check of queries/checks but one.

    Raises:
        DashboardError: as `run_check`.
    """
    for check in folder_queries("checks").values():
        if check.name != but:
            run_check(connection, check, f"queries/checks/{check.path.name}")


def run_check(connection: duckdb.DuckDBPyConnection, check: Query, locator: str) -> None:
    """Run a query that returns a row only if something is wrong.

    Raises:
        DashboardError: CHECK_FAILED or the code of the check, with what was expected and found.
    """
    if not (row := connection.execute(check.sql).fetchone()):
        return
    subject, expected, found = row
    raise DashboardError(
        ExitCode[check.header.get("code", "CHECK_FAILED")],
        check.header["title"],
        cause="{subject}: expected {expected}, found {found}",
        next_step="The pages go on showing the last good snapshot; sync again when the next report is there",
        locator=locator,
        subject=subject,
        expected=expected,
        found=found,
    )
