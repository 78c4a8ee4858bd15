-- purpose: Every report whose figures this snapshot or its trends hold, newest first; one row per report.
-- params:  row_limit=20, row_offset=0
-- columns: report_at, source_bucket, config_id, is_current, format, row_count, size_bytes, quarantined_count, file_count,
--   loaded_at, total_count
SELECT
    report_at,
    source_bucket,
    config_id,
    is_current,
    format,
    row_count,
    size_bytes,
    quarantined_count,
    file_count,
    loaded_at,
    count(*) OVER () AS total_count
FROM marts.reports
ORDER BY report_at DESC, source_bucket, config_id
LIMIT $row_limit OFFSET $row_offset
