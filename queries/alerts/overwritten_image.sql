-- purpose: Images that another image took the name of within days; one row per old version that can be brought back.
-- title:    Overwritten image
-- severity: high
-- remedy:   Copy the version named here to a name of its own before a lifecycle rule deletes it.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    CASE WHEN count(DISTINCT source_bucket) OVER (PARTITION BY key) > 1 THEN source_bucket || '/' ELSE '' END
    || key || '?versionId=' || version_id AS subject,
    device_id,
    size_bytes,
    overwritten_at AS occurred_at,
    'overwritten_image' AS reason,
    stored_object(storage_class, access_tier, size_bytes) AS stored
FROM facts.overwritten
ORDER BY occurred_at DESC
