-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Name looks like a patient's
-- severity: critical
-- remedy:   Rename the image at once without what says who the patient is, and delete the old versions.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'patient_identifier'
ORDER BY occurred_at DESC
