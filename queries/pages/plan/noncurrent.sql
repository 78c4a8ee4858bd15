-- purpose: Former versions that have not been current for so many days, without the newest of each object; one row per
--   version. `days` and `keep` count as NoncurrentDays and NewerNoncurrentVersions of a lifecycle rule do.
-- params:  devices=NULL, bucket=NULL, prefix='', keys=NULL, days=30, keep=0, row_limit=NULL
-- columns: source_bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes, device_id, uploaded_at,
--   noncurrent_at, report_at, is_overwritten
WITH named AS (
    SELECT DISTINCT source_bucket, key
    FROM staging.objects
    WHERE NOT is_latest
      AND NOT is_delete_marker
      AND ($devices IS NULL OR list_contains($devices, device_of(key)))
      AND ($bucket IS NULL OR source_bucket = $bucket)
      AND starts_with(key, $prefix)
      AND ($keys IS NULL OR key IN (SELECT unnest($keys::VARCHAR[])))
),

ranked AS (
    SELECT
        objects.* REPLACE (CASE WHEN objects.version_id = '' THEN 'null' ELSE objects.version_id END AS version_id),
        lag(objects.uploaded_at) OVER (
            PARTITION BY objects.source_bucket, objects.key
            ORDER BY objects.is_latest DESC, objects.uploaded_at DESC, objects.is_delete_marker DESC, objects.version_id
        ) AS noncurrent_at,
        row_number() OVER (
            PARTITION BY objects.source_bucket, objects.key, objects.is_latest, objects.is_delete_marker
            ORDER BY objects.uploaded_at DESC, objects.version_id
        ) AS place
    FROM staging.objects AS objects
    JOIN named ON named.source_bucket = objects.source_bucket AND named.key = objects.key
)

SELECT
    ranked.source_bucket,
    ranked.key,
    ranked.version_id,
    ranked.e_tag,
    ranked.storage_class,
    ranked.access_tier,
    ranked.size_bytes,
    device_of(ranked.key) AS device_id,
    ranked.uploaded_at,
    ranked.noncurrent_at,
    buckets.report_at,
    overwritten.key IS NOT NULL AS is_overwritten
FROM ranked
JOIN facts.buckets AS buckets ON buckets.source_bucket = ranked.source_bucket
LEFT JOIN facts.overwritten AS overwritten
    ON
        overwritten.source_bucket = ranked.source_bucket
        AND overwritten.key = ranked.key
        AND overwritten.version_id = ranked.version_id
WHERE NOT ranked.is_latest
  AND NOT ranked.is_delete_marker
  AND ranked.place > $keep
  AND ranked.noncurrent_at < buckets.report_at - to_days($days::INTEGER)
LIMIT $row_limit
