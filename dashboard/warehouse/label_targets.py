"""Which images' tags are still to be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from dashboard.settings.labels import ObjectTagLabels
from dashboard.warehouse.literals import quoted


def unread(
    connection: duckdb.DuckDBPyConnection,
    source: ObjectTagLabels,
    source_no: int,
    rows: Sequence[str],
    see: Callable[[Sequence[str]], None],
) -> tuple[list[tuple[str, str, str, str]], int]:
    """Current images whose tags were never read in their present form, the newest first, as many as a run may read.

    Only hashes are compared at first; keys are judged for what is left, which is little once an archive was read.
    `raw.objects` holds nothing but those afterwards.

    Args:
        rows: SELECTs of the current objects, in the columns of raw.objects.

    Returns:
        Bucket, key, version id ('' where there is none) and ETag of each, and how many there are in all.
    """
    if not rows:
        return [], 0
    whole = " UNION ALL ".join(f"({item})" for item in rows)
    version = "coalesce(objects.version_id, '')"
    buckets = ", ".join(map(quoted, source.buckets))
    see(
        [
            f"SELECT objects.* FROM ({whole}) AS objects WHERE coalesce(objects.is_latest, true) "
            "AND NOT coalesce(objects.is_delete_marker, false) "
            f"{f'AND objects.bucket IN ({buckets})' if buckets else ''} "
            "AND NOT EXISTS (SELECT 1 FROM raw.labels AS known WHERE "
            f"known.source_no = {source_no} AND known.object_hash = hash(objects.bucket, objects.key) "
            f"AND known.version_hash = CASE WHEN {version} = '' THEN 0::UBIGINT ELSE hash({version}) END "
            "AND (known.e_tag_hash = hash(objects.e_tag) OR coalesce(objects.e_tag, '') = ''))"
        ]
    )
    limit = source.max_requests_per_run
    found = connection.execute(
        "SELECT source_bucket, key, version_id, e_tag FROM facts.objects WHERE kind = 'image' "
        f"ORDER BY uploaded_at DESC LIMIT {limit}"
    ).fetchall()
    if len(found) < limit:
        return found, len(found)
    row = connection.execute("SELECT count(*) FROM facts.objects WHERE kind = 'image'").fetchone()
    return found, row[0] if row else len(found)
