-- purpose: Former versions that can be made current again, with what is current now; one row per version. Without
--   `versions` those of facts.overwritten: images that another image took the name of.
-- params:  devices=NULL, bucket=NULL, prefix='', keys=NULL, versions=NULL, row_limit=NULL
-- columns: source_bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes, uploaded_at, current_id,
--   current_e_tag
WITH wanted AS (
    SELECT source_bucket, key, version_id
    FROM facts.overwritten
    WHERE $versions IS NULL
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($bucket IS NULL OR source_bucket = $bucket)
      AND starts_with(key, $prefix)
      AND ($keys IS NULL OR key IN (SELECT unnest($keys::VARCHAR[])))
    UNION ALL
    SELECT source_bucket, key, CASE WHEN version_id = '' THEN 'null' ELSE version_id END AS version_id
    FROM facts.objects
    WHERE $versions IS NOT NULL
      AND kind = 'noncurrent_version'
      AND list_contains($versions, CASE WHEN version_id = '' THEN 'null' ELSE version_id END)
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($bucket IS NULL OR source_bucket = $bucket)
      AND starts_with(key, $prefix)
      AND ($keys IS NULL OR key IN (SELECT unnest($keys::VARCHAR[])))
),

named AS (SELECT DISTINCT source_bucket, key FROM wanted),

rows_of AS (
    SELECT
        objects.* REPLACE (CASE WHEN objects.version_id = '' THEN 'null' ELSE objects.version_id END AS version_id)
    FROM facts.objects AS objects
    JOIN named ON named.source_bucket = objects.source_bucket AND named.key = objects.key
    WHERE objects.kind <> 'delete_marker'
)

SELECT
    former.source_bucket,
    former.key,
    former.version_id,
    coalesce(former.e_tag, '') AS e_tag,
    former.storage_class,
    coalesce(former.access_tier, '') AS access_tier,
    coalesce(former.size_bytes, 0) AS size_bytes,
    former.uploaded_at,
    coalesce(current.version_id, '') AS current_id,
    coalesce(current.e_tag, '') AS current_e_tag
FROM rows_of AS former
JOIN wanted
    ON
        wanted.source_bucket = former.source_bucket
        AND wanted.key = former.key
        AND wanted.version_id = former.version_id
LEFT JOIN rows_of AS current
    ON
        current.source_bucket = former.source_bucket
        AND current.key = former.key
        AND current.kind <> 'noncurrent_version'
WHERE former.kind = 'noncurrent_version'
LIMIT $row_limit
