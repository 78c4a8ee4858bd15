-- purpose: Storage by device and class, tiers and uploads by day each hold the same objects and bytes as the reports.
-- title:   The figures of a page do not add up to the inventory reports
-- columns: subject, expected, found
WITH reports AS (
    SELECT
        coalesce(sum(reports.row_count - reports.quarantined_count - doubled.row_count), 0)::BIGINT AS object_count,
        coalesce(sum(reports.size_bytes - doubled.size_bytes), 0)::BIGINT AS size_bytes
    FROM staging.reports AS reports
    JOIN raw.overlaps AS doubled USING (report_no)
    WHERE reports.is_current
),

found AS (
    SELECT 'storage' AS mart, sum(object_count) AS object_count, sum(size_bytes) AS size_bytes FROM marts.storage
    UNION ALL
    SELECT 'uploads', sum(object_count), sum(size_bytes) FROM marts.uploads
    UNION ALL
    SELECT 'tier_ages', sum(object_count), sum(size_bytes) FROM marts.tier_ages
)

SELECT found.mart AS subject,
    reports.object_count || ' objects, ' || reports.size_bytes || ' bytes' AS expected,
    coalesce(found.object_count, 0) || ' objects, ' || coalesce(found.size_bytes, 0) || ' bytes' AS found
FROM found
CROSS JOIN reports
WHERE
    coalesce(found.object_count, 0) <> reports.object_count OR coalesce(found.size_bytes, 0) <> reports.size_bytes
