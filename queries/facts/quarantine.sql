-- purpose: Rows of current reports that could not be believed, kept as they came; one row per row.
-- columns: source_bucket, config_id, report_at, raw_key, reason, file_name
SELECT reports.source_bucket, reports.config_id, reports.report_at, quarantine.raw_key, quarantine.reason,
    quarantine.file_name
FROM raw.quarantine AS quarantine
JOIN staging.reports AS reports USING (report_no)
