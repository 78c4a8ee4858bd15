-- purpose: Current images by day of upload over the 53 weeks up to `today`; one row per day of the archive's zone,
--   days without an upload included.
-- params:  today=NULL, devices=NULL
-- columns: uploaded_on, object_count, size_bytes
WITH clock AS (
    SELECT coalesce($today::DATE, report_at::DATE) AS today FROM meta.snapshot
),

days AS (
    SELECT unnest(generate_series(today - INTERVAL 370 DAY, today::TIMESTAMP, INTERVAL 1 DAY))::DATE AS uploaded_on
    FROM clock
)

SELECT
    days.uploaded_on,
    coalesce(sum(uploads.object_count), 0)::BIGINT AS object_count,
    coalesce(sum(uploads.size_bytes), 0)::BIGINT AS size_bytes
FROM days
LEFT JOIN marts.uploads AS uploads
    ON
        uploads.uploaded_on = days.uploaded_on
        AND uploads.kind = 'image'
        AND ($devices IS NULL OR list_contains($devices, uploads.device_id))
GROUP BY days.uploaded_on
ORDER BY days.uploaded_on
