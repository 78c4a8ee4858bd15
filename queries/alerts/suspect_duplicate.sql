-- purpose: Current objects with the ETag and size of another one where that is no proof; one row per such object.
-- title:    Perhaps stored twice
-- severity: low
-- remedy:   Compare checksums (S3 Batch Operations, Compute checksum) before you delete anything.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    source_bucket || '/' || key AS subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    duplicate_case AS reason,
    [stored_in(storage_class, access_tier, 1, billed_bytes, billed_bytes * minimum_days_left)] AS stored
FROM facts.same_content
WHERE confidence = 'suspect' AND kind <> 'noncurrent_version' AND NOT is_kept
ORDER BY occurred_at DESC, subject
