-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Extension not allowed
-- severity: medium
-- remedy:   Save the image in a format the device may have, or add the extension to the settings.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'extension_not_allowed'
ORDER BY occurred_at DESC
