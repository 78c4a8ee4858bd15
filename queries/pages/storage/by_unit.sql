-- purpose: Current images by device unit; one row per unit, '' for images of no unit.
-- params:  devices=NULL, storage_classes=NULL, source_buckets=NULL
-- columns: device_id, unit_id, object_count, size_bytes, size_share, average_bytes
SELECT
    device_id,
    unit_id,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(size_bytes) / nullif(sum(sum(size_bytes)) OVER (), 0) AS size_share,
    sum(size_bytes) / nullif(sum(object_count), 0) AS average_bytes
FROM marts.storage
WHERE kind = 'image'
  AND ($devices IS NULL OR list_contains($devices, device_id))
  AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
  AND ($source_buckets IS NULL OR list_contains($source_buckets, source_bucket))
GROUP BY device_id, unit_id
ORDER BY size_bytes DESC, device_id, unit_id
