-- purpose: Objects that a delete marker hides, with what comes back when it is removed; one row per object. `below` says
--   what lies under the marker: a version, another marker, or '' for nothing.
-- params:  devices=NULL, bucket=NULL, prefix='', keys=NULL, row_limit=NULL
-- columns: source_bucket, key, marker_id, deleted_at, below, version_id, e_tag, storage_class, access_tier, size_bytes
WITH marked AS (
    SELECT source_bucket, key, version_id, uploaded_at
    FROM staging.objects
    WHERE is_delete_marker
      AND is_latest
      AND ($devices IS NULL OR list_contains($devices, device_of(key)))
      AND ($bucket IS NULL OR source_bucket = $bucket)
      AND starts_with(key, $prefix)
      AND ($keys IS NULL OR key IN (SELECT unnest($keys::VARCHAR[])))
),

hidden AS (
    SELECT
        objects.*,
        -- Reports know seconds only; within one, a marker lies on what it hides.
        row_number() OVER (
            PARTITION BY objects.source_bucket, objects.key
            ORDER BY objects.uploaded_at DESC, objects.is_delete_marker DESC, objects.version_id
        ) AS place
    FROM staging.objects AS objects
    JOIN marked ON marked.source_bucket = objects.source_bucket AND marked.key = objects.key
    WHERE NOT objects.is_latest
)

SELECT
    marked.source_bucket,
    marked.key,
    CASE WHEN marked.version_id = '' THEN 'null' ELSE marked.version_id END AS marker_id,
    marked.uploaded_at AS deleted_at,
    CASE WHEN hidden.key IS NULL THEN '' WHEN hidden.is_delete_marker THEN 'marker' ELSE 'version' END AS below,
    CASE WHEN hidden.version_id = '' THEN 'null' ELSE coalesce(hidden.version_id, '') END AS version_id,
    coalesce(hidden.e_tag, '') AS e_tag,
    coalesce(hidden.storage_class, '') AS storage_class,
    coalesce(hidden.access_tier, '') AS access_tier,
    coalesce(hidden.size_bytes, 0) AS size_bytes
FROM marked
LEFT JOIN hidden ON hidden.source_bucket = marked.source_bucket AND hidden.key = marked.key AND hidden.place = 1
LIMIT $row_limit
