-- purpose: Objects that are deleted and could be brought back, for a delete marker is their newest version; one row per
--   bucket and device. A marker under another version hides nothing.
-- columns: source_bucket, device_id, object_count
SELECT source_bucket, device_id, sum(object_count)::BIGINT AS object_count
FROM facts.cells
WHERE cut = 'day' AND kind = 'delete_marker' AND is_latest
GROUP BY source_bucket, device_id
