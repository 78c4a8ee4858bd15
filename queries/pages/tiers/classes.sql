-- purpose: Everything stored by storage class, hot to cold, older versions told apart; one row per class, '' for
--   delete markers, which have none.
-- params:  devices=NULL, storage_classes=NULL, kinds=NULL
-- columns: storage_class, object_count, size_bytes, size_share, noncurrent_count, noncurrent_bytes
SELECT
    storage_class,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(size_bytes) / nullif(sum(sum(size_bytes)) OVER (), 0) AS size_share,
    coalesce(sum(object_count) FILTER (kind = 'noncurrent_version'), 0)::BIGINT AS noncurrent_count,
    coalesce(sum(size_bytes) FILTER (kind = 'noncurrent_version'), 0)::BIGINT AS noncurrent_bytes
FROM marts.storage
WHERE ($devices IS NULL OR list_contains($devices, device_id))
  AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
  AND ($kinds IS NULL OR list_contains($kinds, kind))
GROUP BY storage_class
ORDER BY
    storage_class = '',
    list_position(
        [
            'STANDARD', 'INTELLIGENT_TIERING', 'STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR', 'GLACIER',
            'DEEP_ARCHIVE'
        ],
        storage_class
    ) NULLS LAST,
    storage_class
