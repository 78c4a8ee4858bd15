-- purpose: What the newest reports list of each bucket, and when; one row per bucket.
-- columns: source_bucket, report_at, row_count, size_bytes
SELECT
    source_bucket,
    max(report_at) AS report_at,
    sum(row_count)::BIGINT AS row_count,
    sum(size_bytes)::BIGINT AS size_bytes
FROM staging.reports
WHERE is_current
GROUP BY source_bucket
