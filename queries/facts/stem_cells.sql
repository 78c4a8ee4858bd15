-- purpose: The cells of the good names of one report, from its tallies; one row per combination and `cut`.
-- params:  source_bucket
-- columns: cut, report_no, source_bucket, kind, device_id, unit_id, storage_class, access_tier, extension, prefix,
--   size_band, is_small, uploaded_on, uploaded_hour, captured_day, is_name_good, noted_key, noted_version_id,
--   object_count, size_bytes, first_uploaded_at, last_uploaded_at
WITH summed AS (
    SELECT
        cut,
        report_no,
        stem_no,
        device_id,
        CASE
            WHEN is_delete_marker THEN 'delete_marker'
            WHEN NOT is_latest THEN 'noncurrent_version'
            ELSE 'image'
        END AS kind,
        storage_class,
        access_tier,
        CASE WHEN cut = 'day' THEN size_band(band_floor) END AS size_band,
        uploaded_on,
        uploaded_hour,
        sum(object_count)::BIGINT AS object_count,
        sum(size_bytes)::BIGINT AS size_bytes,
        min(first_uploaded_at) AS first_uploaded_at,
        max(last_uploaded_at) AS last_uploaded_at
    FROM facts.tallies
    WHERE stem_no IS NOT NULL OR (cut = 'hour' AND device_id IS NOT NULL)
    GROUP BY ALL
)

SELECT
    summed.cut,
    summed.report_no,
    $source_bucket AS source_bucket,
    summed.kind,
    coalesce(summed.device_id, stems.device_id) AS device_id,
    stems.unit_id,
    summed.storage_class,
    summed.access_tier,
    stems.extension,
    stems.prefix,
    summed.size_band,
    summed.size_band IN ('empty', 'under_128_kib') AS is_small,
    summed.uploaded_on,
    summed.uploaded_hour,
    stems.captured_day,
    CASE WHEN stems.stem_no IS NOT NULL THEN true END AS is_name_good,
    NULL::VARCHAR AS noted_key,
    NULL::VARCHAR AS noted_version_id,
    summed.object_count,
    summed.size_bytes,
    summed.first_uploaded_at,
    summed.last_uploaded_at
FROM summed
LEFT JOIN raw.stems AS stems USING (stem_no)
