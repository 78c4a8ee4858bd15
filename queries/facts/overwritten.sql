-- purpose: Noncurrent versions that another image took the name of within days, while the key is still in use; one row
--   per version that can be brought back.
-- columns: source_bucket, key, version_id, device_id, size_bytes, uploaded_at, overwritten_at
SELECT
    objects.source_bucket,
    objects.key,
    CASE WHEN objects.version_id = '' THEN 'null' ELSE objects.version_id END AS version_id,
    device_of(objects.key) AS device_id,
    objects.size_bytes,
    objects.uploaded_at,
    found.next_at AS overwritten_at
FROM staging.objects AS objects
JOIN facts.overwritten_hashes AS found
    ON
        found.object_hash = hash(objects.source_bucket, objects.key)
        AND found.version_hash = hash(objects.version_id)
WHERE
    NOT objects.is_latest
    -- With a column of the other side in it, this is asked of the few that were found, not of every old version.
    AND CASE
        WHEN found.next_at IS NOT NULL
            THEN NOT ends_with(objects.key, '/') AND NOT is_junk(objects.key) AND NOT is_companion(objects.key)
    END
