-- purpose: Current images by time of upload and device; one row per device and day of a period of up to 62 days, else
--   per device and month (`first_on` is the first day of it).
-- params:  devices=NULL, from_on=NULL, to_on=NULL
-- columns: first_on, device_id, object_count, size_bytes
SELECT
    CASE
        WHEN $to_on::DATE - $from_on::DATE < 62 THEN uploaded_on
        ELSE date_trunc('month', uploaded_on)::DATE
    END AS first_on,
    device_id,
    sum(object_count)::BIGINT AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes
FROM marts.uploads
WHERE kind = 'image'
  AND uploaded_on IS NOT NULL
  AND ($devices IS NULL OR list_contains($devices, device_id))
  AND ($from_on IS NULL OR uploaded_on >= $from_on::DATE)
  AND ($to_on IS NULL OR uploaded_on <= $to_on::DATE)
GROUP BY ALL
ORDER BY first_on, device_id
