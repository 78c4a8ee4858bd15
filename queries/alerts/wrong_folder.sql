-- purpose: Images whose name is bad for this reason first of all; one row per image.
-- title:    Image in a wrong folder
-- severity: medium
-- remedy:   Move the image into the folder that its name says; look whether the upload uses the wrong folder.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    reason,
    replaced_object(storage_class, access_tier, size_bytes, uploaded_at) AS stored
FROM facts.misnamed
WHERE reason = 'wrong_folder'
ORDER BY occurred_at DESC
