-- purpose: Rows of the reports in use that could not be believed and are in no figure; one row per row, as it came.
-- params:  row_limit=50, row_offset=0
-- columns: raw_key, quarantine_reason, source_bucket, config_id, report_at, file_name, total_count
SELECT raw_key, reason AS quarantine_reason, source_bucket, config_id, report_at, file_name,
    count(*) OVER () AS total_count
FROM facts.quarantine
ORDER BY source_bucket, config_id, reason, raw_key
LIMIT $row_limit OFFSET $row_offset
