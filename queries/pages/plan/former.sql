-- purpose: Former versions that can be made current again, with what is current now; one row per version. Without
--   `versions` those of facts.overwritten: images that another image took the name of.
-- params:  devices=NULL, bucket=NULL, prefix='', keys=NULL, versions=NULL, row_limit=NULL
-- columns: source_bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes, uploaded_at, current_id,
--   current_e_tag
WITH wanted AS (
    SELECT source_bucket, key, version_id
    FROM facts.overwritten
    WHERE $versions IS NULL
    UNION ALL
    SELECT source_bucket, key, CASE WHEN version_id = '' THEN 'null' ELSE version_id END AS version_id
    FROM staging.objects
    WHERE $versions IS NOT NULL
      AND NOT is_latest
      AND list_contains($versions, CASE WHEN version_id = '' THEN 'null' ELSE version_id END)
),

named AS (
    SELECT DISTINCT source_bucket, key
    FROM wanted
    WHERE ($devices IS NULL OR list_contains($devices, device_of(key)))
      AND ($bucket IS NULL OR source_bucket = $bucket)
      AND starts_with(key, $prefix)
      AND ($keys IS NULL OR key IN (SELECT unnest($keys::VARCHAR[])))
),

held AS (
    SELECT
        objects.* REPLACE (CASE WHEN objects.version_id = '' THEN 'null' ELSE objects.version_id END AS version_id)
    FROM staging.objects AS objects
    JOIN named ON named.source_bucket = objects.source_bucket AND named.key = objects.key
    WHERE NOT objects.is_delete_marker
)

SELECT
    former.source_bucket,
    former.key,
    former.version_id,
    former.e_tag,
    former.storage_class,
    former.access_tier,
    former.size_bytes,
    former.uploaded_at,
    coalesce(current.version_id, '') AS current_id,
    coalesce(current.e_tag, '') AS current_e_tag
FROM held AS former
JOIN wanted
    ON
        wanted.source_bucket = former.source_bucket
        AND wanted.key = former.key
        AND wanted.version_id = former.version_id
LEFT JOIN held AS current
    ON current.source_bucket = former.source_bucket AND current.key = former.key AND current.is_latest
WHERE NOT former.is_latest
LIMIT $row_limit
