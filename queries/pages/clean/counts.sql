-- purpose: What there is to undo or to clean, before anything is chosen or refused; one row per action.
-- params:  devices=NULL
-- columns: action, object_count, size_bytes
SELECT 'undelete' AS action, coalesce(sum(object_count), 0)::BIGINT AS object_count, NULL::BIGINT AS size_bytes
FROM marts.hidden_objects
WHERE $devices IS NULL OR list_contains($devices, device_id)
UNION ALL
SELECT 'bring_back', count(*), coalesce(sum(size_bytes), 0)::BIGINT
FROM facts.overwritten
WHERE $devices IS NULL OR list_contains($devices, device_id)
UNION ALL
SELECT 'abort_uploads', coalesce(sum(upload_count), 0)::BIGINT, coalesce(sum(size_bytes), 0)::BIGINT
FROM marts.unfinished_uploads
WHERE $devices IS NULL OR list_contains($devices, device_id)
UNION ALL
SELECT 'remove_versions', coalesce(sum(object_count), 0)::BIGINT, coalesce(sum(size_bytes), 0)::BIGINT
FROM marts.storage
WHERE kind = 'noncurrent_version' AND ($devices IS NULL OR list_contains($devices, device_id))
UNION ALL
SELECT 'remove_duplicates', count(*), coalesce(sum(size_bytes), 0)::BIGINT
FROM facts.spare_copies
WHERE $devices IS NULL OR list_contains($devices, device_id)
UNION ALL
SELECT 'remove_junk', coalesce(sum(object_count), 0)::BIGINT, coalesce(sum(size_bytes), 0)::BIGINT
FROM marts.storage
WHERE kind = 'junk' AND ($devices IS NULL OR list_contains($devices, device_id))
