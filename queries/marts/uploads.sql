-- purpose: Uploads by day in the archive's zone; one row per bucket, device, unit, kind, class and day.
-- columns: source_bucket, device_id, unit_id, kind, storage_class, uploaded_on, object_count, size_bytes
SELECT source_bucket, device_id, unit_id, kind, storage_class, uploaded_on,
    sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes
FROM facts.cells
WHERE cut = 'day'
GROUP BY ALL
ORDER BY uploaded_on
