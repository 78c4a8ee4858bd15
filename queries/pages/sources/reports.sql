-- purpose: The inventory reports the pages are built from; one row per loaded report.
-- columns: source_bucket, config_id, report_at, format, row_count, size_bytes, latest_count, delete_marker_count,
--   quarantined_count
SELECT source_bucket, config_id, report_at, format, row_count, size_bytes, latest_count, delete_marker_count,
    quarantined_count
FROM marts.reports
WHERE is_current
ORDER BY source_bucket, config_id
