-- purpose: Counts and bytes of every combination a page can ask for, from one pass over the keys; one row per
--   combination and `cut` (day: by day of upload and capture; size: by size band; hour: by hour of upload). Rows that
--   need their key later (misnamed images, junk) keep it in the day cut and stand alone.
-- columns: cut, report_no, source_bucket, kind, device_id, unit_id, storage_class, access_tier, extension, prefix,
--   size_band, is_small, uploaded_on, uploaded_hour, captured_day, is_name_good, noted_key, noted_version_id,
--   object_count, size_bytes, first_uploaded_at, last_uploaded_at
WITH noted AS (
    SELECT
        *,
        CASE WHEN kind = 'junk' OR (kind = 'image' AND NOT is_name_good) THEN key END AS noted_key,
        CASE WHEN kind = 'junk' OR (kind = 'image' AND NOT is_name_good) THEN version_id END AS noted_version_id,
        uploaded_hour::DATE AS uploaded_on,
        size_bytes < 131072 AS is_small
    FROM facts.objects
)

SELECT
    ['hour', 'size', 'day'][1 + grouping(uploaded_hour) + grouping(uploaded_hour, size_band) // 3] AS cut,
    report_no,
    source_bucket,
    kind,
    device_id,
    unit_id,
    storage_class,
    access_tier,
    extension,
    prefix,
    size_band,
    is_small,
    uploaded_on,
    uploaded_hour,
    captured_day,
    is_name_good,
    noted_key,
    noted_version_id,
    count(*) AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    min(uploaded_at) AS first_uploaded_at,
    max(uploaded_at) AS last_uploaded_at
FROM noted
GROUP BY GROUPING SETS (
    (
        report_no, source_bucket, kind, device_id, unit_id, storage_class, access_tier, extension, prefix,
        is_small, uploaded_on, captured_day, is_name_good, noted_key, noted_version_id
    ),
    (report_no, source_bucket, kind, device_id, unit_id, storage_class, access_tier, extension, prefix, size_band),
    (report_no, source_bucket, kind, device_id, uploaded_hour)
)
