-- purpose: Every row of the trusted reports with the same columns whatever the report had; one row per listed row. A size
--   that no report tells is NULL: such an object may not be taken for an empty file.
-- columns: report_no, source_bucket, key, version_id, is_latest, is_delete_marker, size_bytes, uploaded_at, e_tag,
--   storage_class, access_tier, is_multipart, encryption_status
SELECT
    report_no,
    bucket AS source_bucket,
    key,
    coalesce(version_id, '') AS version_id,
    coalesce(is_latest, true) AS is_latest,
    coalesce(is_delete_marker, false) AS is_delete_marker,
    CASE WHEN coalesce(is_delete_marker, false) THEN coalesce(size, 0) ELSE size END AS size_bytes,
    last_modified_date AS uploaded_at,
    coalesce(e_tag, '') AS e_tag,
    CASE
        WHEN coalesce(is_delete_marker, false) THEN ''
        WHEN storage_class IS NULL OR storage_class = '' THEN 'UNKNOWN'
        ELSE storage_class
    END AS storage_class,
    coalesce(intelligent_tiering_access_tier, '') AS access_tier,
    coalesce(is_multipart_uploaded, false) AS is_multipart,
    coalesce(encryption_status, '') AS encryption_status
FROM raw.objects
