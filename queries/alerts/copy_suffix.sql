-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Copy of a file
-- severity: low
-- remedy:   Compare the copy with the original and delete it, or rename it as proposed.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'copy_suffix'
ORDER BY occurred_at DESC
