-- purpose: Current images whose name breaks the grammar, newest first; one row per image.
-- params:  devices=NULL, reasons=NULL, row_limit=50, row_offset=0
-- columns: key, reason, device_id, unit_id, size_bytes, uploaded_at, captured_on, storage_class, source_bucket,
--   total_count
SELECT
    key,
    reason,
    device_id,
    unit_id,
    size_bytes,
    uploaded_at,
    captured_on,
    storage_class,
    source_bucket,
    count(*) OVER () AS total_count
FROM facts.misnamed
WHERE ($devices IS NULL OR list_contains($devices, device_id))
  AND ($reasons IS NULL OR list_contains($reasons, reason))
ORDER BY uploaded_at DESC, source_bucket, key, version_id
LIMIT $row_limit OFFSET $row_offset
