-- purpose: Rows of label files that could not be believed and are in no figure; one row per source, reason and file, with
--   the beginning of one such row.
-- columns: source_id, reason, row_count, sample, file_name, row_number
SELECT sources.source_id, aside.reason, aside.row_count, aside.sample, aside.file_name, aside.row_number
FROM raw.label_set_aside AS aside
JOIN raw.label_sources AS sources USING (source_no)
ORDER BY sources.source_id, aside.row_count DESC, aside.reason, aside.file_name
