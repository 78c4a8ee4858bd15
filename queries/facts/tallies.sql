-- purpose: Rows of a report counted by stem and by what S3 says of them, from one pass over the keys; one row per
--   combination and `cut` (day, hour). An object without a stem, or without bytes, stands alone in the day cut, with its key.
-- columns: cut, report_no, stem_no, device_id, is_latest, is_delete_marker, storage_class, access_tier, band_floor,
--   uploaded_on, uploaded_hour, key, version_id, object_count, size_bytes, first_uploaded_at, last_uploaded_at
--
-- Numbers for what name and size say and flags for the kind: hashing the words themselves would cost half as much again.
WITH marked AS (
    SELECT *, stem_no IS NULL OR (size_bytes = 0 AND is_latest AND NOT is_delete_marker) AS is_alone
    FROM facts.stemmed
),

noted AS (
    SELECT
        report_no,
        CASE WHEN NOT is_alone THEN stem_no END AS stem_no,
        CASE WHEN NOT is_alone THEN stem_device_id END AS device_id,
        is_latest,
        is_delete_marker,
        storage_class,
        access_tier,
        band_floor(size_bytes) AS band_floor,
        to_local(uploaded_at)::DATE AS uploaded_on,
        date_trunc('hour', to_local(uploaded_at)) AS uploaded_hour,
        CASE WHEN is_alone THEN key END AS noted_key,
        CASE WHEN is_alone THEN version_id END AS noted_version_id,
        size_bytes,
        uploaded_at
    FROM marked
)

SELECT
    CASE WHEN grouping(uploaded_hour) = 1 THEN 'day' ELSE 'hour' END AS cut,
    report_no,
    stem_no,
    device_id,
    is_latest,
    is_delete_marker,
    storage_class,
    access_tier,
    band_floor,
    uploaded_on,
    uploaded_hour,
    noted_key AS key,
    noted_version_id AS version_id,
    count(*) AS object_count,
    sum(size_bytes)::BIGINT AS size_bytes,
    min(uploaded_at) AS first_uploaded_at,
    max(uploaded_at) AS last_uploaded_at
FROM noted
GROUP BY GROUPING SETS (
    (
        report_no, stem_no, is_latest, is_delete_marker, storage_class, access_tier, band_floor, uploaded_on, noted_key,
        noted_version_id
    ),
    (report_no, device_id, is_latest, is_delete_marker, uploaded_hour)
)
