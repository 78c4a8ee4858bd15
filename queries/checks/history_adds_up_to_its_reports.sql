-- purpose: The history holds every believed row of every report counted in this build, once.
-- title:   The history does not add up to the inventory reports
-- columns: subject, expected, found
WITH found AS (
    SELECT source_bucket, config_id, report_at, sum(object_count)::BIGINT AS object_count,
        sum(size_bytes)::BIGINT AS size_bytes
    FROM facts.history
    GROUP BY ALL
),

expected AS (
    SELECT reports.source_bucket, reports.config_id, reports.report_at,
        reports.row_count - reports.quarantined_count - coalesce(doubled.row_count, 0) AS object_count,
        reports.size_bytes - coalesce(doubled.size_bytes, 0) AS size_bytes
    FROM staging.reports AS reports
    LEFT JOIN raw.overlaps AS doubled USING (report_no)
)

SELECT
    source_bucket || '/' || config_id || ' of ' || report_at AS subject,
    expected.object_count || ' objects, ' || expected.size_bytes || ' bytes' AS expected,
    coalesce(found.object_count, 0) || ' objects, ' || coalesce(found.size_bytes, 0) || ' bytes' AS found
FROM expected
LEFT JOIN found USING (source_bucket, config_id, report_at)
WHERE
    coalesce(found.object_count, 0) <> expected.object_count
    OR coalesce(found.size_bytes, 0) <> expected.size_bytes
