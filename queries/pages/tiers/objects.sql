-- purpose: The objects behind a figure, largest first; one row per listed object or version. Ages count as in
--   marts.tier_ages: whole days from upload to the bucket's newest report, on the archive's clock.
-- params:  devices=NULL, storage_classes=NULL, kinds=NULL, access_tiers=NULL, age_bands=NULL, row_limit=50, row_offset=0
-- columns: source_bucket, key, version_id, device_id, kind, storage_class, access_tier, size_bytes, uploaded_at,
--   total_count
WITH reports AS (
    SELECT
        reports.source_bucket,
        (max(reports.report_at) AT TIME ZONE 'UTC' AT TIME ZONE any_value(snapshot.timezone))::DATE AS reported_on
    FROM marts.reports AS reports, meta.snapshot AS snapshot
    WHERE reports.is_current
    GROUP BY reports.source_bucket
),

objects AS NOT MATERIALIZED (
    SELECT listed.*, reports.reported_on - listed.uploaded_hour::DATE AS age_days
    FROM facts.objects AS listed
    LEFT JOIN reports USING (source_bucket)
    WHERE ($devices IS NULL OR list_contains($devices, listed.device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, listed.storage_class))
      AND ($kinds IS NULL OR list_contains($kinds, listed.kind))
      AND ($access_tiers IS NULL OR list_contains($access_tiers, listed.access_tier))
),

chosen AS NOT MATERIALIZED (
    SELECT *
    FROM objects
    WHERE $age_bands IS NULL
       OR list_contains(
           $age_bands,
           CASE
               WHEN age_days IS NULL THEN 'unknown'
               WHEN age_days < 30 THEN 'under_30_days'
               WHEN age_days < 90 THEN 'from_30_days'
               WHEN age_days < 180 THEN 'from_90_days'
               WHEN age_days < 365 THEN 'from_180_days'
               ELSE 'from_365_days'
           END
       )
)

-- Counted by a scan of its own: a window would hold every chosen key in memory.
SELECT
    source_bucket,
    key,
    version_id,
    device_id,
    kind,
    storage_class,
    access_tier,
    size_bytes,
    uploaded_at,
    (SELECT count(*) FROM chosen) AS total_count
FROM chosen
ORDER BY size_bytes DESC NULLS LAST, source_bucket, key, version_id
LIMIT $row_limit OFFSET $row_offset
