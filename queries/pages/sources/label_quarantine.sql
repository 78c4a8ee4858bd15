-- purpose: Rows of label files that could not be believed and are in no figure; one row per source, reason and file, with
--   the beginning of one such row as it came.
-- params:  row_limit=50, row_offset=0
-- columns: source_id, quarantine_reason, row_count, sample, file_name, row_number, total_count
SELECT source_id, reason AS quarantine_reason, row_count, sample, file_name, row_number,
    count(*) OVER () AS total_count
FROM marts.label_set_aside
ORDER BY row_count DESC, source_id, reason, file_name
LIMIT $row_limit OFFSET $row_offset
