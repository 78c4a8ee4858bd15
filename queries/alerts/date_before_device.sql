-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Date before the device was in use
-- severity: high
-- remedy:   Set the clock of the device, or correct in_use_from in the settings; then rename the images.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'date_before_device'
ORDER BY occurred_at DESC
