-- purpose: Object versions that may have the content of another one; one row per version. A build shows this query only
--   the rows whose ETag and size were seen twice (dashboard/warehouse/same_content.py).
-- kept:    no
-- columns: source_bucket, key, version_id, kind, device_id, unit_id, storage_class, access_tier, extension, size_bytes,
--   e_tag, uploaded_at, captured_day, is_name_good, is_current, is_image, is_comparable, content_id
SELECT
    source_bucket,
    key,
    version_id,
    kind,
    device_id,
    unit_id,
    storage_class,
    access_tier,
    extension,
    size_bytes,
    e_tag,
    uploaded_at,
    captured_day,
    is_name_good,
    kind <> 'noncurrent_version' AS is_current,
    kind = 'image' AS is_image,
    NOT is_multipart AND NOT contains(e_tag, '-') AND encryption_status IN ('SSE-S3', 'NOT-SSE') AS is_comparable,
    md5(e_tag || ' ' || size_bytes::VARCHAR) AS content_id
FROM facts.objects
WHERE size_bytes > 0 AND e_tag <> '' AND kind <> 'delete_marker'
