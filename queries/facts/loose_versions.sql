-- purpose: Noncurrent versions of names without a good stem, from the tallies of one report, where each stands alone;
--   one row per version. An image is overwritten by another one where a camera or a person names both alike, hardly ever
--   where the name holds unit, time and number: those that were found are mostly here, and need no look at the report.
-- kept:    no
-- params:  source_bucket
-- columns: report_no, source_bucket, key, version_id, storage_class, access_tier, size_bytes, uploaded_at
SELECT
    report_no,
    $source_bucket::VARCHAR AS source_bucket,
    key,
    version_id,
    storage_class,
    access_tier,
    size_bytes,
    first_uploaded_at AS uploaded_at
FROM facts.tallies
WHERE key IS NOT NULL AND NOT is_latest AND NOT is_delete_marker
