-- purpose: The reports this snapshot is built from, current and for history; one row per report.
-- columns: report_no, source_bucket, config_id, report_at, format, row_count, size_bytes, latest_count,
--   delete_marker_count, quarantined_count, file_count, is_current, has_versions, columns, location, loaded_at
SELECT
    report_no,
    source_bucket,
    config_id,
    report_at,
    format,
    row_count,
    size_bytes,
    latest_count,
    delete_marker_count,
    quarantined_count,
    file_count,
    is_current,
    has_versions,
    columns,
    location,
    loaded_at
FROM raw.reports
