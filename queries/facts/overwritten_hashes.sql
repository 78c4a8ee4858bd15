-- purpose: Noncurrent versions that another image took the name of within days, while the key is still in use, by their
--   fingerprints; one row per version.
-- kept:    no
-- columns: object_hash, version_hash, next_at
--
-- A version that was deleted before the next one came was not overwritten: the marker stands between them. Another image
-- is one of another size, which makes its ETag another one too.
WITH replaced AS (
    SELECT DISTINCT object_hash FROM facts.fingerprints WHERE NOT is_latest AND size_bytes > 0
),

current_objects AS (
    SELECT objects.object_hash, objects.version_hash, objects.size_bytes, objects.uploaded_at
    FROM facts.fingerprints AS objects
    SEMI JOIN replaced ON replaced.object_hash = objects.object_hash
    WHERE objects.is_latest AND NOT objects.is_delete_marker AND objects.size_bytes > 0
),

versions AS (
    SELECT
        objects.object_hash,
        objects.version_hash,
        objects.size_bytes,
        objects.uploaded_at,
        objects.is_delete_marker,
        false AS is_current
    FROM facts.fingerprints AS objects
    SEMI JOIN current_objects ON current_objects.object_hash = objects.object_hash
    WHERE NOT objects.is_latest
    UNION ALL
    SELECT object_hash, version_hash, size_bytes, uploaded_at, false, true FROM current_objects
),

followed AS (
    SELECT
        *,
        lead(uploaded_at) OVER timeline AS next_at,
        lead(size_bytes) OVER timeline AS next_size_bytes,
        lead(is_delete_marker) OVER timeline AS is_next_marker
    FROM versions
    WINDOW timeline AS (PARTITION BY object_hash ORDER BY uploaded_at, is_current, version_hash)
)

SELECT followed.object_hash, followed.version_hash, followed.next_at
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
