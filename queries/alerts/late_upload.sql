-- purpose: Images uploaded many days after they were taken; one row per unit and day of upload, with the longest delay.
-- title:    Late upload
-- severity: low
-- remedy:   Look at the device's upload; until it runs, images exist once only, on the device.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
WITH dated AS (
    SELECT
        cells.device_id,
        cells.unit_id,
        cells.uploaded_on,
        cells.uploaded_on - try_strptime(cells.captured_day, '%Y%m%d')::DATE AS late_days,
        cells.storage_class,
        cells.access_tier,
        cells.object_count,
        cells.size_bytes,
        cells.last_uploaded_at
    FROM facts.cells AS cells
    WHERE cells.cut = 'day' AND cells.kind = 'image' AND cells.is_name_good AND cells.captured_day <> ''
),

by_class AS (
    SELECT
        dated.device_id,
        dated.unit_id,
        dated.uploaded_on,
        dated.storage_class,
        dated.access_tier,
        sum(dated.object_count) AS object_count,
        sum(dated.size_bytes) AS size_bytes,
        sum(billed_bytes(dated.storage_class, dated.object_count, dated.size_bytes)) AS billed_bytes,
        max(dated.last_uploaded_at) AS last_uploaded_at,
        max(dated.late_days) AS late_days
    FROM dated
    CROSS JOIN raw.thresholds AS thresholds
    WHERE dated.late_days > thresholds.late_after_days
    GROUP BY ALL
)

SELECT
    device_id || '/' || unit_id || '/' || uploaded_on AS subject,
    device_id,
    nullif(sum(size_bytes)::BIGINT, 0) AS size_bytes,
    max(last_uploaded_at) AS occurred_at,
    max(late_days) || ' days' AS reason,
    list(
        stored_in(storage_class, access_tier, object_count, billed_bytes, 0)
        ORDER BY storage_class, access_tier
    ) AS stored
FROM by_class
GROUP BY device_id, unit_id, uploaded_on
ORDER BY subject
