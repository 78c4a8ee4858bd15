"""What the alert rules and the checks find in a snapshot that is being built."""

from __future__ import annotations

import duckdb

from dashboard.errors import DashboardError, ExitCode
from dashboard.warehouse.query import Query, folder_queries


def collect(connection: duckdb.DuckDBPyConnection) -> None:
    """Write alerts.rules, alerts.findings from the tables of all rules, their counts, and their bytes by class."""
    rules = folder_queries("alerts").values()
    connection.execute(
        "CREATE TABLE alerts.rules (rule_id VARCHAR, title VARCHAR, severity VARCHAR, remedy VARCHAR)"
    )
    for rule in rules:
        connection.execute(
            "INSERT INTO alerts.rules VALUES (?, ?, ?, ?)",
            [
                rule.path.stem,
                rule.header["title"],
                rule.header["severity"],
                rule.header["remedy"],
            ],
        )
    found = " UNION ALL ".join(f"SELECT '{rule.path.stem}' AS rule_id, * FROM {rule.name}" for rule in rules)
    connection.execute(
        "CREATE TABLE alerts.findings AS SELECT rules.rule_id, rules.title, rules.severity, rules.remedy, "
        "found.subject, found.device_id, found.size_bytes, found.occurred_at, found.reason, "
        # Bytes of which a rule does not know the class are in none.
        "coalesce(found.stored, CASE WHEN found.size_bytes > 0 THEN [stored_in('', '', 0, found.size_bytes, 0)] "
        "ELSE [] END) AS stored, "
        "md5(found.rule_id || chr(10) || found.subject) AS finding_id "
        f"FROM ({found}) AS found JOIN alerts.rules AS rules USING (rule_id)"
    )
    # Findings can be as many as images; what pages count of them is counted once, and priced by class.
    connection.execute(
        "CREATE TABLE alerts.stakes AS SELECT rule_id, device_id, stored.storage_class, stored.access_tier, "
        "sum(stored.object_count)::BIGINT AS object_count, sum(stored.billed_bytes)::BIGINT AS billed_bytes, "
        "sum(stored.byte_days)::BIGINT AS byte_days "
        "FROM (SELECT rule_id, device_id, unnest(stored) AS stored FROM alerts.findings) GROUP BY ALL"
    )
    connection.execute(
        "CREATE TABLE alerts.counts AS SELECT rule_id, title, severity, remedy, device_id, "
        "count(*) AS finding_count, sum(size_bytes)::BIGINT AS size_bytes, max(occurred_at) AS newest_at "
        "FROM alerts.findings GROUP BY ALL"
    )


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
