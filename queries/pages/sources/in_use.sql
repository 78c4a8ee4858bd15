-- purpose: The inventory reports in use and how each adds up: rows = counted + quarantined + listed twice; one row per
--   report. Noncurrent versions and delete markers are known only where versions are included.
-- columns: source_bucket, config_id, report_at, format, row_count, counted_count, quarantined_count, overlap_count,
--   has_versions, noncurrent_count, delete_marker_count, size_bytes, file_count, location
SELECT
    source_bucket,
    config_id,
    report_at,
    format,
    row_count,
    row_count - quarantined_count - overlap_count AS counted_count,
    quarantined_count,
    overlap_count,
    has_versions,
    CASE WHEN has_versions THEN row_count - quarantined_count - latest_count END AS noncurrent_count,
    CASE WHEN has_versions THEN delete_marker_count END AS delete_marker_count,
    size_bytes,
    file_count,
    location
FROM marts.reports
WHERE is_current
ORDER BY source_bucket, config_id
