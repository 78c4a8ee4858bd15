-- purpose: Files that are no images but are stored and billed; one row per file.
-- title:    Junk file
-- severity: low
-- remedy:   Delete the file and stop the device or person from uploading it again.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    CASE WHEN count(*) OVER (PARTITION BY noted_key) > 1 THEN source_bucket || '/' || noted_key ELSE noted_key END AS subject,
    device_id,
    known_size(size_bytes, size_band) AS size_bytes,
    first_uploaded_at AS occurred_at,
    CASE WHEN size_band = 'empty' THEN 'empty file' ELSE 'junk file name' END AS reason,
    replaced_object(storage_class, access_tier, known_size(size_bytes, size_band), first_uploaded_at) AS stored
FROM facts.cells
WHERE cut = 'day' AND kind = 'junk'
ORDER BY occurred_at DESC
