-- purpose: Noncurrent versions that another image took the name of within days, while the key is still in use; one row
--   per version that can be brought back.
-- columns: source_bucket, key, version_id, device_id, storage_class, access_tier, size_bytes, uploaded_at,
--   overwritten_at
WITH loose AS (
    SELECT versions.*, found.object_hash, found.version_hash, found.next_at
    FROM facts.loose_versions AS versions
    JOIN facts.overwritten_hashes AS found
        ON
            found.object_hash = hash(versions.source_bucket, versions.key)
            AND found.version_hash = hash(versions.version_id)
),

-- The others stand in the report only, which is read if there are any.
missing AS (
    SELECT found.*
    FROM facts.overwritten_hashes AS found
    ANTI JOIN loose ON loose.object_hash = found.object_hash AND loose.version_hash = found.version_hash
),

listed AS (
    SELECT source_bucket, key, version_id, storage_class, access_tier, size_bytes, uploaded_at, next_at FROM loose
    UNION ALL
    SELECT
        objects.source_bucket,
        objects.key,
        objects.version_id,
        objects.storage_class,
        objects.access_tier,
        objects.size_bytes,
        objects.uploaded_at,
        missing.next_at
    FROM staging.objects AS objects
    JOIN missing
        ON
            missing.object_hash = hash(objects.source_bucket, objects.key)
            AND missing.version_hash = hash(objects.version_id)
    WHERE NOT objects.is_latest
)

SELECT
    source_bucket,
    key,
    CASE WHEN version_id = '' THEN 'null' ELSE version_id END AS version_id,
    device_of(key) AS device_id,
    storage_class,
    access_tier,
    size_bytes,
    uploaded_at,
    next_at AS overwritten_at
FROM listed
WHERE NOT ends_with(key, '/') AND NOT is_junk(key) AND NOT is_companion(key)
