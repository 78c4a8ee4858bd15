-- purpose: The copies of facts.spare_copies, each with the copy that is to be kept; one row per copy. `version_count`
--   counts the rows of the copy's own key: with more than one an older version would become current.
-- params:  devices=NULL, bucket=NULL, prefix='', keys=NULL, row_limit=NULL
-- columns: source_bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes, device_id, uploaded_at, report_at,
--   duplicate_case, version_count, kept_bucket, kept_key, kept_version_id, kept_class, kept_tier
WITH chosen AS (
    SELECT *
    FROM facts.spare_copies
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($bucket IS NULL OR source_bucket = $bucket)
      AND starts_with(key, $prefix)
      AND ($keys IS NULL OR key IN (SELECT unnest($keys::VARCHAR[])))
),

counted AS (
    SELECT objects.source_bucket, objects.key, count(*) AS version_count
    FROM staging.objects AS objects
    JOIN chosen ON chosen.source_bucket = objects.source_bucket AND chosen.key = objects.key
    GROUP BY ALL
)

SELECT
    chosen.source_bucket,
    chosen.key,
    chosen.version_id,
    chosen.e_tag,
    chosen.storage_class,
    coalesce(chosen.access_tier, '') AS access_tier,
    chosen.size_bytes,
    chosen.device_id,
    chosen.uploaded_at,
    buckets.report_at,
    chosen.duplicate_case,
    counted.version_count,
    chosen.kept_bucket,
    chosen.kept_key,
    chosen.kept_version_id,
    chosen.kept_class,
    coalesce(chosen.kept_tier, '') AS kept_tier
FROM chosen
JOIN counted ON counted.source_bucket = chosen.source_bucket AND counted.key = chosen.key
JOIN facts.buckets AS buckets ON buckets.source_bucket = chosen.source_bucket
LIMIT $row_limit
