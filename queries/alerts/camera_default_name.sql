-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Camera's default name
-- severity: high
-- remedy:   Rename the image before the next one overwrites it, and let the upload rename files.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'camera_default_name'
ORDER BY occurred_at DESC
