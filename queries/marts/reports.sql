-- purpose: The reports this snapshot was built from; one row per report. Rows = counted + quarantined + overlap.
-- columns: source_bucket, config_id, report_at, format, row_count, size_bytes, latest_count, delete_marker_count,
--   quarantined_count, overlap_count, file_count, is_current, has_versions, columns, location, loaded_at
WITH counted AS (
    SELECT source_bucket, config_id, report_at, sum(object_count)::BIGINT AS object_count
    FROM facts.history
    GROUP BY ALL
)

SELECT
    reports.source_bucket,
    reports.config_id,
    reports.report_at,
    reports.format,
    reports.row_count,
    reports.size_bytes,
    reports.latest_count,
    reports.delete_marker_count,
    reports.quarantined_count,
    reports.row_count - reports.quarantined_count - coalesce(counted.object_count, 0) AS overlap_count,
    reports.file_count,
    reports.is_current,
    reports.has_versions,
    reports.columns,
    reports.location,
    reports.loaded_at
FROM staging.reports AS reports
LEFT JOIN counted USING (source_bucket, config_id, report_at)
ORDER BY reports.source_bucket, reports.config_id, reports.report_at DESC
