-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Full-width characters
-- severity: low
-- remedy:   Rename the image as proposed; switch the keyboard to half-width before naming files.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'full_width'
ORDER BY occurred_at DESC
