-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Name off the rule
-- severity: medium
-- remedy:   Rename the image as proposed, or correct the naming on the device itself.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'pattern_mismatch'
ORDER BY occurred_at DESC
