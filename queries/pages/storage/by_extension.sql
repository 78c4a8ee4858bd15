-- purpose: Current images by file extension; one row per extension, '' for none.
-- params:  devices=NULL, storage_classes=NULL, source_buckets=NULL
-- columns: extension, object_count, size_bytes, size_share
SELECT
    extension,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    sum(size_bytes) / nullif(sum(sum(size_bytes)) OVER (), 0) AS size_share
FROM marts.storage
WHERE kind = 'image'
  AND ($devices IS NULL OR list_contains($devices, device_id))
  AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
  AND ($source_buckets IS NULL OR list_contains($source_buckets, source_bucket))
GROUP BY extension
ORDER BY size_bytes DESC, extension
LIMIT 200
