-- purpose: Units that have not uploaded for longer than they are allowed to be silent; one row per unit.
-- title:    Silent device
-- severity: high
-- remedy:   Check the device's upload, its network and its clock; images may still be on the device.
-- columns:  subject, device_id, size_bytes, occurred_at, reason
SELECT
    device_id || '/' || unit_id AS subject,
    device_id,
    size_bytes,
    last_uploaded_at AS occurred_at,
    CASE WHEN last_uploaded_at IS NULL THEN 'never uploaded' ELSE silent_days || ' days' END AS reason
FROM marts.units
WHERE is_silent
ORDER BY subject
