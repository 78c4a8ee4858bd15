-- purpose: Counts and bytes of every combination a page can ask for, from one pass over the keys; one row per
--   combination and `cut` (day: by size band and day of upload and capture; hour: by hour of upload). Rows that need
--   their key later (misnamed images, junk) keep it in the day cut and stand alone.
-- columns: cut, report_no, source_bucket, kind, device_id, unit_id, storage_class, access_tier, extension, prefix,
--   size_band, is_small, uploaded_on, uploaded_hour, captured_day, is_name_good, is_latest, noted_key, noted_version_id,
--   object_count, size_bytes, first_uploaded_at, last_uploaded_at
--
-- Two cuts and not three: each one hashes every row once more, and size bands add few combinations to the days.
WITH noted AS (
    SELECT
        *,
        CASE WHEN kind = 'junk' OR (kind = 'image' AND NOT is_name_good) THEN key END AS noted_key,
        CASE WHEN kind = 'junk' OR (kind = 'image' AND NOT is_name_good) THEN version_id END AS noted_version_id,
        uploaded_hour::DATE AS uploaded_on
    FROM facts.objects
)

SELECT
    CASE WHEN grouping(uploaded_hour) = 1 THEN 'day' ELSE 'hour' END AS cut,
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
    size_band = 'empty' OR size_band = 'under_128_kib' AS is_small,
    uploaded_on,
    uploaded_hour,
    captured_day,
    is_name_good,
    is_latest,
    noted_key,
    noted_version_id,
    count(*) AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    min(uploaded_at) AS first_uploaded_at,
    max(uploaded_at) AS last_uploaded_at
FROM noted
GROUP BY GROUPING SETS (
    (
        report_no, source_bucket, kind, device_id, unit_id, storage_class, access_tier, extension, prefix, size_band,
        uploaded_on, captured_day, is_name_good, is_latest, noted_key, noted_version_id
    ),
    (report_no, source_bucket, kind, device_id, is_latest, uploaded_hour)
)
