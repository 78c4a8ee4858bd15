-- purpose: Misnamed current images by their main reason, most frequent first; one row per reason.
-- params:  devices=NULL
-- columns: reason, object_count, size_bytes
SELECT reason, sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes
FROM marts.quality
WHERE reason <> ''
  AND ($devices IS NULL OR list_contains($devices, device_id))
GROUP BY reason
ORDER BY object_count DESC, reason
