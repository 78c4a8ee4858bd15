-- purpose: Uploads of current images by weekday and hour in the archive's zone; one row per device, month, weekday
--   (1 = Monday) and hour.
-- columns: device_id, uploaded_month, weekday, hour, object_count, size_bytes
SELECT device_id, date_trunc('month', uploaded_hour)::DATE AS uploaded_month, isodow(uploaded_hour) AS weekday,
    hour(uploaded_hour) AS hour, sum(object_count)::BIGINT AS object_count, sum(size_bytes)::BIGINT AS size_bytes
FROM facts.cells
WHERE cut = 'hour' AND kind = 'image' AND uploaded_hour IS NOT NULL
GROUP BY ALL
