-- purpose: Everything that is stored, images or not; one row per kind, unfinished uploads as a row of their own.
-- params:  devices=NULL, storage_classes=NULL, source_buckets=NULL
-- columns: kind, object_count, size_bytes, size_share
WITH kinds AS (
    SELECT kind, sum(object_count) AS object_count, sum(size_bytes) AS size_bytes
    FROM marts.storage
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
      AND ($source_buckets IS NULL OR list_contains($source_buckets, source_bucket))
    GROUP BY kind
    UNION ALL
    SELECT 'unfinished_upload', count(*), sum(size_bytes)
    FROM staging.unfinished_uploads
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
      AND ($storage_classes IS NULL OR list_contains($storage_classes, storage_class))
      AND ($source_buckets IS NULL OR list_contains($source_buckets, source_bucket))
    HAVING count(*) > 0
)

SELECT
    kind,
    object_count::BIGINT AS object_count,
    size_bytes::BIGINT AS size_bytes,
    size_bytes / nullif(sum(size_bytes) OVER (), 0) AS size_share
FROM kinds
ORDER BY size_bytes DESC, kind
