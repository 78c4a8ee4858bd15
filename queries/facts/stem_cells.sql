-- purpose: The cells of the good names of one report, from its stem rows; one row per combination and `cut`.
-- params:  report_no, source_bucket
-- columns: cut, report_no, source_bucket, kind, device_id, unit_id, storage_class, access_tier, extension, prefix,
--   size_band, is_small, uploaded_on, uploaded_hour, captured_day, is_name_good, is_latest, noted_key, noted_version_id,
--   object_count, size_bytes, first_uploaded_at, last_uploaded_at
WITH noted AS (
    SELECT
        stems.stem_no,
        stems.device_no,
        (CASE WHEN listed.is_delete_marker THEN 2 ELSE 0 END + CASE WHEN listed.is_latest THEN 0 ELSE 1 END)::UTINYINT AS kind_no,
        listed.class_no,
        listed.access_tier_no,
        band_floor(listed.size_bytes) AS band_floor,
        to_local(listed.uploaded_at)::DATE AS uploaded_on,
        date_trunc('hour', to_local(listed.uploaded_at)) AS uploaded_hour,
        listed.size_bytes,
        listed.uploaded_at
    FROM facts.stem_rows AS listed
    JOIN raw.stems AS stems USING (stem_no)
),

-- Numbers for what name, device and size say: hashing the words themselves would cost half as much again.
summed AS (
    SELECT
        CASE WHEN grouping(uploaded_hour) = 1 THEN 'day' ELSE 'hour' END AS cut,
        stem_no,
        device_no,
        kind_no,
        class_no,
        access_tier_no,
        band_floor,
        uploaded_on,
        uploaded_hour,
        count(*) AS object_count,
        coalesce(sum(size_bytes), 0)::BIGINT AS size_bytes,
        min(uploaded_at) AS first_uploaded_at,
        max(uploaded_at) AS last_uploaded_at
    FROM noted
    GROUP BY GROUPING SETS (
        (stem_no, kind_no, class_no, access_tier_no, band_floor, uploaded_on),
        (device_no, kind_no, uploaded_hour)
    )
)

SELECT
    summed.cut,
    $report_no::SMALLINT AS report_no,
    $source_bucket AS source_bucket,
    ['image', 'noncurrent_version', 'delete_marker', 'delete_marker'][1 + summed.kind_no] AS kind,
    coalesce(stems.device_id, devices.device_id) AS device_id,
    stems.unit_id,
    CASE
        WHEN summed.cut = 'day' THEN CASE WHEN summed.kind_no >= 2 THEN '' ELSE class_of(summed.class_no) END
    END AS storage_class,
    CASE WHEN summed.cut = 'day' THEN access_tier_of(summed.access_tier_no) END AS access_tier,
    stems.extension,
    stems.prefix,
    CASE WHEN summed.cut = 'day' THEN size_band(summed.band_floor) END AS size_band,
    CASE WHEN summed.cut = 'day' THEN size_band(summed.band_floor) IN ('empty', 'under_128_kib') END AS is_small,
    summed.uploaded_on,
    summed.uploaded_hour,
    stems.captured_day,
    CASE WHEN stems.stem_no IS NOT NULL THEN true END AS is_name_good,
    summed.kind_no IN (0, 2) AS is_latest,
    NULL::VARCHAR AS noted_key,
    NULL::VARCHAR AS noted_version_id,
    summed.object_count,
    summed.size_bytes,
    summed.first_uploaded_at,
    summed.last_uploaded_at
FROM summed
LEFT JOIN raw.stems AS stems USING (stem_no)
LEFT JOIN (SELECT DISTINCT device_no, device_id FROM raw.stems) AS devices ON devices.device_no = summed.device_no
