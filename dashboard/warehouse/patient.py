"""SQL functions that say whether a key looks as if it carried a patient's identity.

`looks_like_patient(key)` and `patient_evidence(key)` are the ones of `dashboard.domain.patient`. DuckDB's own regular
expressions let the many plain keys pass; only suspicious ones are handed to Python, which knows the lists of names.
They exist while a snapshot is built, not in the published one.
"""

from __future__ import annotations

import duckdb
from duckdb.sqltypes import VARCHAR

from dashboard.domain.patient import CAPTURE_TIME, SUSPICIOUS, suspected_evidence


def create_patient_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create both on a connection; its cursors know the function, and each needs its own macros."""
    connection.create_function("suspected_evidence", suspected_evidence, [VARCHAR], VARCHAR)
    create_patient_macros(connection)


def create_patient_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what calls the function: temporary, for a published snapshot could not call it."""
    cut = CAPTURE_TIME.replace("'", "''")
    suspicious = SUSPICIOUS.replace("'", "''")
    connection.execute(
        "CREATE OR REPLACE TEMPORARY MACRO patient_evidence(key) AS CASE WHEN key IS NULL THEN NULL "
        f"WHEN regexp_matches(regexp_replace(key, '{cut}', '*', 'g'), '{suspicious}') THEN suspected_evidence(key) "
        "ELSE '' END"
    )
    connection.execute(
        "CREATE OR REPLACE TEMPORARY MACRO looks_like_patient(key) AS patient_evidence(key) <> ''"
    )
