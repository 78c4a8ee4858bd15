-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Image of an unknown unit
-- severity: medium
-- remedy:   Add the unit to the settings, or rename the image for the unit that took it.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'unknown_unit'
ORDER BY occurred_at DESC
