-- purpose: Objects whose name differs from a second object's by upper and lower case only; one row per object
--   that should give way.
-- title:    Same name but for upper and lower case
-- severity: high
-- remedy:   Keep one of the two objects; on Windows and macOS one would replace the other.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    misnamed.subject,
    misnamed.device_id,
    misnamed.size_bytes,
    misnamed.uploaded_at AS occurred_at,
    twins.code AS reason,
    replaced_object(misnamed.storage_class, misnamed.access_tier, misnamed.size_bytes, misnamed.uploaded_at) AS stored
FROM facts.twins AS twins
JOIN facts.misnamed AS misnamed ON misnamed.source_bucket = twins.source_bucket AND misnamed.key = twins.key
WHERE twins.code = 'case_only_twin'
ORDER BY occurred_at DESC
