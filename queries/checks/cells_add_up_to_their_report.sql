-- purpose: Each cut of the cells holds every believed row of its report that is not listed by another one too.
-- title:   The counted objects do not add up to the inventory report
-- columns: subject, expected, found
WITH found AS (
    SELECT report_no, cut, sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes
    FROM facts.cells
    GROUP BY ALL
),

expected AS (
    SELECT reports.report_no, reports.source_bucket, reports.config_id, cuts.cut,
        reports.row_count - reports.quarantined_count - doubled.row_count AS object_count,
        reports.size_bytes - doubled.size_bytes AS size_bytes
    FROM staging.reports AS reports
    JOIN raw.overlaps AS doubled USING (report_no)
    CROSS JOIN (SELECT unnest(['day', 'hour']) AS cut) AS cuts
    WHERE reports.is_current
)

SELECT
    expected.source_bucket || '/' || expected.config_id || ' by ' || expected.cut AS subject,
    expected.object_count || ' objects, ' || expected.size_bytes || ' bytes' AS expected,
    coalesce(found.object_count, 0) || ' objects, ' || coalesce(found.size_bytes, 0) || ' bytes' AS found
FROM expected
LEFT JOIN found USING (report_no, cut)
WHERE
    coalesce(found.object_count, 0) <> expected.object_count
    OR coalesce(found.size_bytes, 0) <> expected.size_bytes
