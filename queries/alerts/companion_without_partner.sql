-- purpose: Files that are not whole without another one that is missing; one row per file.
-- title:    File without its partner
-- severity: medium
-- remedy:   Look on the device for the file of the same name and upload it too.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    CASE WHEN count(*) OVER (PARTITION BY key) > 1 THEN source_bucket || '/' || key ELSE key END AS subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    'companion_without_partner' AS reason,
    stored_object(storage_class, access_tier, size_bytes) AS stored
FROM facts.lone_files
ORDER BY occurred_at DESC
