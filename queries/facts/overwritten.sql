-- purpose: Noncurrent versions that another image took the name of within days, while the key is still in use; one row
--   per version that can be brought back. Another image is one of another size, which makes its ETag another one too.
-- columns: source_bucket, key, version_id, device_id, size_bytes, uploaded_at, overwritten_at
--
-- A version that was deleted before the next one came was not overwritten: the marker stands between them.
WITH current_objects AS (
    SELECT source_bucket, key, '' AS version_id, false AS is_delete_marker, size_bytes, uploaded_at, true AS is_current
    FROM facts.key_answers
    WHERE is_current
),

versions AS (
    SELECT old_versions.*, false AS is_current
    FROM facts.old_versions AS old_versions
    SEMI JOIN current_objects
        ON current_objects.key = old_versions.key AND current_objects.source_bucket = old_versions.source_bucket
    UNION ALL
    SELECT * FROM current_objects
),

followed AS (
    SELECT
        *,
        lead(uploaded_at) OVER timeline AS next_at,
        lead(size_bytes) OVER timeline AS next_size_bytes,
        lead(is_delete_marker) OVER timeline AS is_next_marker
    FROM versions
    WINDOW timeline AS (PARTITION BY source_bucket, key ORDER BY uploaded_at, is_current, version_id)
)

SELECT
    followed.source_bucket,
    followed.key,
    CASE WHEN followed.version_id = '' THEN 'null' ELSE followed.version_id END AS version_id,
    device_of(followed.key) AS device_id,
    followed.size_bytes,
    followed.uploaded_at,
    followed.next_at AS overwritten_at
FROM followed
CROSS JOIN raw.thresholds AS thresholds
WHERE
    NOT followed.is_current
    AND NOT followed.is_delete_marker
    AND NOT followed.is_next_marker
    AND followed.size_bytes > 0
    AND followed.next_size_bytes > 0
    AND followed.next_size_bytes <> followed.size_bytes
    AND followed.next_at <= followed.uploaded_at + to_days(thresholds.overwritten_within_days)
    AND NOT ends_with(followed.key, '/')
    AND NOT is_junk(followed.key)
    AND NOT is_companion(followed.key)
