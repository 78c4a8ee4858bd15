-- purpose: What each bucket holds, for the share of it that a plan would remove; one row per bucket.
-- columns: source_bucket, object_count, size_bytes
SELECT
    source_bucket,
    sum(row_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes
FROM marts.reports
WHERE is_current
GROUP BY source_bucket
