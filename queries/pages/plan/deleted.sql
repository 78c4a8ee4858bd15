-- purpose: Objects that a delete marker hides, with what comes back when it is removed; one row per object. `below` says
--   what lies under the marker: noncurrent_version, another delete_marker, or '' for nothing.
-- params:  devices=NULL, bucket=NULL, prefix='', keys=NULL, row_limit=NULL
-- columns: source_bucket, key, marker_id, deleted_at, below, version_id, e_tag, storage_class, access_tier, size_bytes
WITH marked AS (
    SELECT DISTINCT source_bucket, key
    FROM facts.objects
    WHERE kind = 'delete_marker'
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($bucket IS NULL OR source_bucket = $bucket)
      AND starts_with(key, $prefix)
      AND ($keys IS NULL OR key IN (SELECT unnest($keys::VARCHAR[])))
),

ranked AS (
    SELECT
        objects.*,
        row_number() OVER stack AS place,
        lead(objects.kind) OVER stack AS below,
        lead(objects.version_id) OVER stack AS below_id,
        lead(objects.e_tag) OVER stack AS below_e_tag,
        lead(objects.storage_class) OVER stack AS below_class,
        lead(objects.access_tier) OVER stack AS below_tier,
        lead(objects.size_bytes) OVER stack AS below_bytes
    FROM facts.objects AS objects
    JOIN marked ON marked.source_bucket = objects.source_bucket AND marked.key = objects.key
    -- Reports know seconds only; within one, what is current lies on top, and a marker on what it hides.
    WINDOW stack AS (
        PARTITION BY objects.source_bucket, objects.key
        ORDER BY
            objects.kind IN ('noncurrent_version', 'delete_marker'), objects.uploaded_at DESC,
            objects.kind <> 'delete_marker', objects.version_id
    )
)

SELECT
    source_bucket,
    key,
    CASE WHEN version_id = '' THEN 'null' ELSE version_id END AS marker_id,
    uploaded_at AS deleted_at,
    coalesce(below, '') AS below,
    CASE WHEN below_id = '' THEN 'null' ELSE coalesce(below_id, '') END AS version_id,
    coalesce(below_e_tag, '') AS e_tag,
    coalesce(below_class, '') AS storage_class,
    coalesce(below_tier, '') AS access_tier,
    coalesce(below_bytes, 0) AS size_bytes
FROM ranked
WHERE place = 1 AND kind = 'delete_marker'
LIMIT $row_limit
