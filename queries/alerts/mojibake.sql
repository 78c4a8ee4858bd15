-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Garbled characters
-- severity: medium
-- remedy:   Rename the image; let the program that made the name write UTF-8.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'mojibake'
ORDER BY occurred_at DESC
