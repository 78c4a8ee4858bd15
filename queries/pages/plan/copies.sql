-- purpose: Exact copies that could go, each with the copy that is to be kept; one row per copy. As facts.spare_copies:
--   certain, current, no junk, and the kept one is not what other savings delete. `version_count` counts the rows of the
--   copy's own key: with more than one an older version would become current.
-- params:  devices=NULL, bucket=NULL, prefix='', keys=NULL, row_limit=NULL
-- columns: source_bucket, key, version_id, e_tag, storage_class, access_tier, size_bytes, device_id, uploaded_at, report_at,
--   duplicate_case, version_count, kept_bucket, kept_key, kept_version_id, kept_class, kept_tier
WITH chosen AS (
    SELECT
        copies.*,
        kept.source_bucket AS kept_bucket,
        kept.key AS kept_key,
        kept.version_id AS kept_version_id,
        kept.storage_class AS kept_class,
        kept.access_tier AS kept_tier
    FROM facts.same_content AS copies
    JOIN facts.same_content AS kept ON kept.content_id = copies.content_id AND kept.is_kept
    WHERE copies.confidence = 'exact'
      AND NOT copies.is_kept
      AND copies.kind NOT IN ('noncurrent_version', 'junk')
      AND kept.kind NOT IN ('noncurrent_version', 'junk')
      AND ($devices IS NULL OR list_contains($devices, copies.device_id))
      AND ($bucket IS NULL OR copies.source_bucket = $bucket)
      AND starts_with(copies.key, $prefix)
      AND ($keys IS NULL OR copies.key IN (SELECT unnest($keys::VARCHAR[])))
),

counted AS (
    SELECT objects.source_bucket, objects.key, count(*) AS version_count
    FROM staging.objects AS objects
    JOIN chosen ON chosen.source_bucket = objects.source_bucket AND chosen.key = objects.key
    GROUP BY ALL
),

reported AS (
    SELECT source_bucket, max(report_at) AS report_at
    FROM marts.reports
    WHERE is_current
    GROUP BY source_bucket
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
    reported.report_at,
    chosen.duplicate_case,
    counted.version_count,
    chosen.kept_bucket,
    chosen.kept_key,
    chosen.kept_version_id,
    chosen.kept_class,
    coalesce(chosen.kept_tier, '') AS kept_tier
FROM chosen
JOIN counted ON counted.source_bucket = chosen.source_bucket AND counted.key = chosen.key
JOIN reported ON reported.source_bucket = chosen.source_bucket
LIMIT $row_limit
