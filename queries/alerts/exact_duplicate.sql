-- purpose: Current objects whose content is stored a second time for certain; one row per copy that could go.
-- title:    Stored twice
-- severity: medium
-- remedy:   Keep the copy that "Duplicates" names and delete this one; until then datasets leave it out.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    source_bucket || '/' || key AS subject,
    device_id,
    size_bytes,
    uploaded_at AS occurred_at,
    duplicate_case AS reason,
    [stored_in(storage_class, access_tier, 1, billed_bytes, billed_bytes * minimum_days_left)] AS stored
FROM facts.same_content
WHERE confidence = 'exact' AND kind <> 'noncurrent_version' AND NOT is_kept
ORDER BY occurred_at DESC, subject
