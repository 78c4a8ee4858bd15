-- purpose: Multipart uploads that were begun and never finished, billed and invisible in every listing; one row each.
-- title:    Unfinished upload
-- severity: low
-- remedy:   Abort the upload, or add a lifecycle rule that aborts incomplete uploads after 7 days.
-- columns:  subject, device_id, size_bytes, occurred_at, reason, stored
SELECT
    -- A key may have been begun more than once.
    CASE
        WHEN count(*) OVER (PARTITION BY key) > 1 THEN source_bucket || '/' || key || '?uploadId=' || upload_id
        ELSE key
    END AS subject,
    device_id,
    size_bytes,
    initiated_at AS occurred_at,
    part_count || ' parts' AS reason,
    -- Until an upload to an archive class is completed, its parts are billed as Standard; none have a smallest size.
    [stored_in(
        CASE WHEN storage_class IN ('GLACIER', 'DEEP_ARCHIVE') THEN 'STANDARD' ELSE storage_class END, '', 0, size_bytes, 0
    )] AS stored
FROM staging.unfinished_uploads
ORDER BY occurred_at DESC
