-- purpose: Every listed row with what its key, size and date say about it; one row per listed row.
-- columns: report_no, source_bucket, key, version_id, kind, device_id, unit_id, storage_class, access_tier, extension,
--   size_bytes, size_band, prefix, e_tag, is_multipart, encryption_status, uploaded_at, uploaded_hour, captured_day,
--   is_name_good
WITH parsed AS (
    SELECT *, device_of(key) AS device_id, parse_key(key) AS parts
    FROM staging.objects
),

dated AS (
    SELECT *, parts.ext IS NOT NULL AND parts.ext <> '' AS is_match, captured_day_of(device_id, parts) AS day
    FROM parsed
),

judged AS (
    SELECT *, is_match AND is_consistent(device_id, parts, day) AS is_name_good
    FROM dated
)

SELECT
    report_no,
    source_bucket,
    key,
    version_id,
    CASE
        WHEN is_delete_marker THEN 'delete_marker'
        WHEN NOT is_latest THEN 'noncurrent_version'
        WHEN is_match AND size_bytes > 0 THEN 'image'
        WHEN ends_with(key, '/') THEN 'folder_marker'
        WHEN size_bytes = 0 OR is_junk(key) THEN 'junk'
        ELSE 'image'
    END AS kind,
    device_id,
    CASE WHEN is_match THEN parts.unit_1 ELSE loose_unit(key) END AS unit_id,
    storage_class,
    access_tier,
    CASE WHEN is_match THEN parts.ext ELSE loose_extension(key) END AS extension,
    size_bytes,
    size_band(size_bytes) AS size_band,
    CASE WHEN is_match THEN parts.prefix ELSE loose_prefix(key) END AS prefix,
    e_tag,
    is_multipart,
    encryption_status,
    uploaded_at,
    date_trunc('hour', to_local(uploaded_at)) AS uploaded_hour,
    CASE WHEN is_match THEN day ELSE '' END AS captured_day,
    is_name_good
FROM judged
