-- purpose: Every report whose figures the trends hold, newest first; one row per report ever counted.
-- params:  row_limit=20, row_offset=0
-- columns: report_at, source_bucket, config_id, is_current, object_count, size_bytes, total_count
SELECT
    report_at,
    source_bucket,
    config_id,
    is_current,
    object_count,
    size_bytes,
    count(*) OVER () AS total_count
FROM marts.report_history
ORDER BY report_at DESC, source_bucket, config_id
LIMIT $row_limit OFFSET $row_offset
