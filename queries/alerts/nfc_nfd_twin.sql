-- purpose: Objects whose name is, in another Unicode form, the name of a second object; one row per object
--   that should give way.
-- title:    Same name in two Unicode forms
-- severity: high
-- remedy:   Keep one of the two objects and rename or delete the other; they look alike everywhere.
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
WHERE twins.code = 'nfc_nfd_twin'
ORDER BY occurred_at DESC
