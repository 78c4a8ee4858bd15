-- purpose: Current images by folder for the treemap; one row per device and prefix, the 60 largest and the rest of each device.
-- params:  devices=NULL, storage_classes=NULL, source_buckets=NULL
-- columns: device_id, prefix, object_count, size_bytes
WITH sized AS (
    SELECT
        device_id,
        prefix,
        sum(object_count) AS object_count,
        sum(size_bytes) AS size_bytes,
        row_number() OVER (ORDER BY sum(size_bytes) DESC, device_id, prefix) AS place
    FROM marts.storage
    WHERE kind = 'image'
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
      AND ($source_buckets IS NULL OR list_contains($source_buckets, source_bucket))
    GROUP BY device_id, prefix
)

SELECT
    device_id,
    CASE WHEN place <= 60 THEN prefix ELSE '…' END AS prefix,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes
FROM sized
GROUP BY ALL
ORDER BY size_bytes DESC, device_id, prefix
