-- purpose: Current images by weekday (1 = Monday) and hour of upload on the archive's clock, in every month that the
--   period touches; one row per weekday and hour, empty ones included, and none where the period holds nothing.
-- params:  devices=NULL, from_on=NULL, to_on=NULL
-- columns: weekday, hour, object_count, size_bytes
WITH cells AS (
    SELECT weekdays.weekday, hours.hour
    FROM (SELECT unnest(range(1, 8)) AS weekday) AS weekdays, (SELECT unnest(range(24)) AS hour) AS hours
)

SELECT
    cells.weekday,
    cells.hour,
    coalesce(sum(uploads.object_count), 0)::BIGINT AS object_count,
    coalesce(sum(uploads.size_bytes), 0)::BIGINT AS size_bytes
FROM cells
LEFT JOIN marts.upload_hours AS uploads
    ON
        uploads.weekday = cells.weekday
        AND uploads.hour = cells.hour
        AND ($devices IS NULL OR list_contains($devices, uploads.device_id))
        AND ($from_on IS NULL OR uploads.uploaded_month >= date_trunc('month', $from_on::DATE))
        AND ($to_on IS NULL OR uploads.uploaded_month <= $to_on::DATE)
GROUP BY cells.weekday, cells.hour
QUALIFY sum(count(uploads.object_count)) OVER () > 0
ORDER BY cells.weekday, cells.hour
