-- purpose: Units that have not uploaded for longer than they are allowed to be silent; one row per unit.
-- title:    Silent device
-- severity: high
-- remedy:   Check the device's upload, its network and its clock; images may still be on the device.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
WITH by_class AS (
    SELECT
        device_id,
        unit_id,
        storage_class,
        access_tier,
        sum(object_count) AS object_count,
        sum(billed_bytes(storage_class, object_count, size_bytes)) AS billed_bytes
    FROM facts.cells
    WHERE cut = 'day' AND kind = 'image' AND (device_id, unit_id) IN (SELECT (device_id, unit_id) FROM marts.units WHERE is_silent)
    GROUP BY ALL
),

stored AS (
    SELECT
        device_id,
        unit_id,
        list(
            stored_in(storage_class, access_tier, object_count, billed_bytes, 0)
            ORDER BY storage_class, access_tier
        ) AS stored
    FROM by_class
    GROUP BY device_id, unit_id
)

SELECT
    units.device_id || '/' || units.unit_id AS subject,
    units.device_id,
    units.size_bytes,
    units.last_uploaded_at AS occurred_at,
    CASE WHEN units.last_uploaded_at IS NULL THEN 'never uploaded' ELSE units.silent_days || ' days' END AS reason,
    stored.stored
FROM marts.units AS units
LEFT JOIN stored ON stored.device_id = units.device_id AND stored.unit_id = units.unit_id
WHERE units.is_silent
ORDER BY subject
