-- purpose: Noncurrent versions and old delete markers; one row per listed row.
-- kept:    no
-- columns: source_bucket, key, version_id, is_delete_marker, size_bytes, uploaded_at
--
-- raw.objects is read instead of its staging view so that files without any are passed over by their statistics.
SELECT
    bucket AS source_bucket,
    key,
    coalesce(version_id, '') AS version_id,
    coalesce(is_delete_marker, false) AS is_delete_marker,
    coalesce(size, 0) AS size_bytes,
    last_modified_date AS uploaded_at
FROM raw.objects
WHERE is_latest = false
