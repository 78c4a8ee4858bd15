-- purpose: Current images by device and storage class; one row per pair.
-- params:  devices=NULL, storage_classes=NULL, source_buckets=NULL
-- columns: device_id, storage_class, object_count, size_bytes
SELECT device_id, storage_class, sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes
FROM marts.storage
WHERE kind = 'image'
  AND ($devices IS NULL OR list_contains($devices, device_id))
  AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
  AND ($source_buckets IS NULL OR list_contains($source_buckets, source_bucket))
GROUP BY device_id, storage_class
ORDER BY device_id, storage_class
