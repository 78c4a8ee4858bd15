-- purpose: Images uploaded many days after they were taken; one row per unit and day of upload, with the longest delay.
-- title:    Late upload
-- severity: low
-- remedy:   Look at the device's upload; until it runs, images exist once only, on the device.
-- columns:  subject, device_id, size_bytes, occurred_at, reason
WITH dated AS (
    SELECT
        cells.device_id,
        cells.unit_id,
        cells.uploaded_on,
        cells.uploaded_on - try_strptime(cells.captured_day, '%Y%m%d')::DATE AS late_days,
        cells.size_bytes,
        cells.last_uploaded_at
    FROM facts.cells AS cells
    WHERE cells.cut = 'day' AND cells.kind = 'image' AND cells.is_name_good AND cells.captured_day <> ''
)

SELECT
    dated.device_id || '/' || dated.unit_id || '/' || dated.uploaded_on AS subject,
    dated.device_id,
    sum(dated.size_bytes)::BIGINT AS size_bytes,
    max(dated.last_uploaded_at) AS occurred_at,
    max(dated.late_days) || ' days' AS reason
FROM dated
CROSS JOIN raw.thresholds AS thresholds
WHERE dated.late_days > thresholds.late_after_days
GROUP BY dated.device_id, dated.unit_id, dated.uploaded_on
ORDER BY subject
