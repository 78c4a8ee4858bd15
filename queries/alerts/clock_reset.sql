-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Device clock was reset
-- severity: high
-- remedy:   Set the clock of the device and replace its battery; then rename the images taken since.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'clock_reset'
ORDER BY occurred_at DESC
