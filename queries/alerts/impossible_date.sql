-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Impossible date
-- severity: medium
-- remedy:   Find out when the image was taken and rename it; correct the program that writes the date.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'impossible_date'
ORDER BY occurred_at DESC
