-- purpose: Images uploaded per day over the last 53 weeks; one row per day of the archive's zone.
-- params:  devices=NULL
-- columns: uploaded_on, object_count, size_bytes
SELECT uploaded_on, sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes
FROM marts.uploads
WHERE kind = 'image'
  AND ($devices IS NULL OR list_contains($devices, device_id))
  AND uploaded_on > (SELECT max(uploaded_on) FROM marts.uploads) - INTERVAL 371 DAY
GROUP BY uploaded_on
ORDER BY uploaded_on
