-- purpose: Current images by size; one row per size band and storage class, smallest band first.
-- params:  devices=NULL, storage_classes=NULL, source_buckets=NULL
-- columns: size_band, storage_class, object_count, size_bytes
SELECT size_band, storage_class, sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes
FROM marts.storage
WHERE kind = 'image'
  AND ($devices IS NULL OR list_contains($devices, device_id))
  AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
  AND ($source_buckets IS NULL OR list_contains($source_buckets, source_bucket))
GROUP BY size_band, storage_class
ORDER BY
    list_position(
        [
            'empty', 'under_128_kib', 'under_1_mib', 'under_10_mib', 'under_100_mib', 'under_1_gib',
            'from_1_gib', 'unknown'
        ],
        size_band
    ),
    storage_class
