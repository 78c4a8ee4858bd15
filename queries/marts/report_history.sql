-- purpose: Every report ever counted, those whose files are gone included, with its sums; one row per report. Objects and
--   bytes are what was counted: without quarantined rows, and each object once where two reports list it.
-- columns: source_bucket, config_id, report_at, object_count, size_bytes, is_current
SELECT
    history.source_bucket,
    history.config_id,
    history.report_at,
    sum(history.object_count)::BIGINT AS object_count,
    sum(history.size_bytes)::BIGINT AS size_bytes,
    coalesce(bool_or(reports.is_current), false) AS is_current
FROM facts.history AS history
LEFT JOIN staging.reports AS reports USING (source_bucket, config_id, report_at)
GROUP BY ALL
