-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Name too long
-- severity: medium
-- remedy:   Shorten the name to at most 1,024 bytes; S3 itself refuses longer ones.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'too_long'
ORDER BY occurred_at DESC
