-- purpose: Noncurrent versions of names without a good stem, from the stem rows of one report, where each stands alone;
--   one row per version. An image is overwritten by another one where a camera or a person names both alike, hardly ever
--   where the name holds unit, time and number: those that were found are mostly here, and need no look at the report.
-- kept:    no
-- params:  report_no, source_bucket
-- columns: report_no, source_bucket, key, version_id, storage_class, access_tier, size_bytes, uploaded_at
SELECT
    $report_no::SMALLINT AS report_no,
    $source_bucket::VARCHAR AS source_bucket,
    alone[1].key AS key,
    alone[1].version_id AS version_id,
    alone[1].storage_class AS storage_class,
    alone[1].access_tier AS access_tier,
    size_bytes,
    uploaded_at
FROM facts.stem_rows
WHERE alone IS NOT NULL AND NOT is_latest AND NOT is_delete_marker
