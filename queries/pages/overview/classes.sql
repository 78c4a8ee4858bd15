-- purpose: Everything stored by storage class; one row per class.
-- params:  devices=NULL
-- columns: storage_class, object_count, size_bytes, size_share
SELECT
    storage_class,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(size_bytes) / nullif(sum(sum(size_bytes)) OVER (), 0) AS size_share
FROM marts.storage
WHERE storage_class <> ''
  AND ($devices IS NULL OR list_contains($devices, device_id))
GROUP BY storage_class
ORDER BY
    list_position(
        [
            'STANDARD', 'INTELLIGENT_TIERING', 'STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR', 'GLACIER',
            'DEEP_ARCHIVE'
        ],
        storage_class
    ) NULLS LAST,
    storage_class
