-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Dates disagree
-- severity: medium
-- remedy:   Find out which of the two dates is right and rename or move the image.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'date_mismatch'
ORDER BY occurred_at DESC
