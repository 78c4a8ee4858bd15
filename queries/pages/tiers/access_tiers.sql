-- purpose: What lies inside Intelligent-Tiering, hot to cold; one row per access tier, '' where the report does not say.
-- params:  devices=NULL, kinds=NULL
-- columns: access_tier, object_count, size_bytes, size_share
SELECT
    access_tier,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(size_bytes) / nullif(sum(sum(size_bytes)) OVER (), 0) AS size_share
FROM marts.storage
WHERE storage_class = 'INTELLIGENT_TIERING'
  AND ($devices IS NULL OR list_contains($devices, device_id))
  AND ($kinds IS NULL OR list_contains($kinds, kind))
GROUP BY access_tier
ORDER BY
    list_position(['FREQUENT', 'INFREQUENT', 'ARCHIVE_INSTANT_ACCESS', 'ARCHIVE', 'DEEP_ARCHIVE'], access_tier)
        NULLS LAST,
    access_tier
