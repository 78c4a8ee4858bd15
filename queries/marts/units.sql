-- purpose: When each unit last uploaded, units without any image included; one row per device and unit.
-- columns: device_id, unit_id, first_uploaded_at, last_uploaded_at, image_count, size_bytes, image_count_30_days,
--   silent_days, silent_after_days, is_silent
WITH clock AS (SELECT max(report_at) AS report_at FROM staging.reports WHERE is_current),

known AS (
    SELECT device_id, unnest(units) AS unit_id, silent_after_days, in_use_to FROM raw.devices
),

seen AS (
    SELECT
        cells.device_id,
        cells.unit_id,
        min(cells.first_uploaded_at) AS first_uploaded_at,
        max(cells.last_uploaded_at) AS last_uploaded_at,
        sum(cells.object_count)::BIGINT AS image_count,
        sum(cells.size_bytes)::BIGINT AS size_bytes,
        coalesce(
            sum(cells.object_count) FILTER (cells.uploaded_on > to_local(clock.report_at)::DATE - 30), 0
        )::BIGINT AS image_count_30_days
    FROM facts.cells AS cells, clock
    WHERE cells.cut = 'day' AND cells.kind = 'image'
    GROUP BY ALL
)

SELECT
    coalesce(known.device_id, seen.device_id) AS device_id,
    coalesce(known.unit_id, seen.unit_id) AS unit_id,
    seen.first_uploaded_at,
    seen.last_uploaded_at,
    coalesce(seen.image_count, 0) AS image_count,
    coalesce(seen.size_bytes, 0) AS size_bytes,
    coalesce(seen.image_count_30_days, 0) AS image_count_30_days,
    date_diff('day', seen.last_uploaded_at, clock.report_at) AS silent_days,
    known.silent_after_days,
    coalesce(
        (known.in_use_to IS NULL OR known.in_use_to >= clock.report_at::DATE)
        AND coalesce(silent_days >= known.silent_after_days, known.unit_id IS NOT NULL),
        false
    ) AS is_silent
FROM known
FULL JOIN seen ON seen.device_id = known.device_id AND seen.unit_id = known.unit_id
CROSS JOIN clock
ORDER BY device_id, unit_id
