-- purpose: Every listed row with what its key, size and date say about it; one row per listed row.
-- columns: report_no, source_bucket, key, version_id, kind, device_id, unit_id, storage_class, access_tier, extension,
--   size_bytes, size_band, prefix, e_tag, is_multipart, encryption_status, uploaded_at, uploaded_hour, captured_day,
--   is_name_good, is_latest
--
-- Only keys without a stem are taken apart with their device's regular expression, which would cost four times as much
-- for every key.
WITH parsed AS (
    SELECT
        *,
        stem_no IS NOT NULL AS is_listed,
        CASE WHEN stem_no IS NOT NULL THEN stem_device_id ELSE device_of(key) END AS device_id,
        CASE WHEN stem_no IS NULL THEN parse_key(key) END AS parts
    FROM facts.stemmed
),

-- The join keeps DuckDB from writing the whole of parse_key into each of the many places below that name `parts`.
parsed_once AS (SELECT parsed.* FROM parsed CROSS JOIN (SELECT 1 AS one) AS barrier),

dated AS (
    SELECT
        *,
        CASE WHEN is_listed THEN true ELSE coalesce(parts.ext, '') <> '' END AS is_match,
        CASE WHEN is_listed THEN stem_day ELSE captured_day_of(device_id, parts) END AS day
    FROM parsed_once
)

SELECT
    report_no,
    source_bucket,
    key,
    version_id,
    CASE
        WHEN is_delete_marker THEN 'delete_marker'
        WHEN NOT is_latest THEN 'noncurrent_version'
        WHEN is_match AND size_bytes IS DISTINCT FROM 0 THEN 'image'
        WHEN ends_with(key, '/') THEN 'folder_marker'
        WHEN size_bytes = 0 OR is_junk(key) THEN 'junk'
        WHEN is_companion(key) THEN 'companion'
        WHEN is_derivative(key) THEN 'derivative'
        ELSE 'image'
    END AS kind,
    device_id,
    CASE WHEN is_listed THEN stem_unit_id WHEN is_match THEN parts.unit_1 ELSE loose_unit(key) END AS unit_id,
    storage_class,
    access_tier,
    CASE WHEN is_listed THEN stem_extension WHEN is_match THEN parts.ext ELSE loose_extension(key) END AS extension,
    coalesce(size_bytes, 0) AS size_bytes,
    size_band(size_bytes) AS size_band,
    CASE WHEN is_listed THEN stem_prefix WHEN is_match THEN parts.prefix ELSE loose_prefix(key) END AS prefix,
    e_tag,
    is_multipart,
    encryption_status,
    uploaded_at,
    date_trunc('hour', to_local(uploaded_at)) AS uploaded_hour,
    CASE WHEN is_match THEN day ELSE '' END AS captured_day,
    -- CASE looks at no row twice; OR and AND would compute both sides for all rows.
    CASE WHEN is_listed THEN true WHEN is_match THEN is_consistent(device_id, parts, day) ELSE false END AS is_name_good,
    is_latest
FROM dated
