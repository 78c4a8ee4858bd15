-- purpose: When each unit last uploaded, units without any image included; one row per device and unit. A unit is silent
--   `silent_after_days` days after its last upload: a fixed number from the settings, else by its own rhythm, longer than
--   99 of 100 pauses it ever made, in working days.
-- columns: device_id, unit_id, last_uploaded_at, image_count, size_bytes, image_count_30_days,
--   silent_days, silent_after_days, is_silent
WITH clock AS (
    SELECT max(report_at) AS report_at, to_local(max(report_at))::DATE AS today FROM staging.reports WHERE is_current
),

known AS (
    SELECT device_id, unnest(units) AS unit_id, silent_after_days AS fixed_days, in_use_to FROM raw.devices
),

active AS (
    SELECT
        cells.device_id,
        cells.unit_id,
        cells.uploaded_on,
        max(cells.last_uploaded_at) AS last_uploaded_at,
        sum(cells.object_count)::BIGINT AS image_count,
        sum(cells.size_bytes)::BIGINT AS size_bytes
    FROM facts.cells AS cells
    WHERE cells.cut = 'day' AND cells.kind = 'image'
    GROUP BY ALL
),

seen AS (
    SELECT
        active.device_id,
        active.unit_id,
        max(active.last_uploaded_at) AS last_uploaded_at,
        max(active.uploaded_on) AS last_on,
        sum(active.image_count)::BIGINT AS image_count,
        sum(active.size_bytes)::BIGINT AS size_bytes,
        coalesce(sum(active.image_count) FILTER (active.uploaded_on > clock.today - 30), 0)::BIGINT
            AS image_count_30_days
    FROM active, clock
    GROUP BY ALL
),

pauses AS (
    SELECT
        active.device_id,
        active.unit_id,
        calendar.open_no - lag(calendar.open_no) OVER (
            PARTITION BY active.device_id, active.unit_id ORDER BY active.uploaded_on
        ) - 1 AS missed_days
    FROM active
    JOIN facts.calendar AS calendar ON calendar.day = active.uploaded_on
),

-- Of a unit that has worked on few days nothing usual is known. One missed day is nothing yet.
rhythms AS (
    SELECT device_id, unit_id, greatest(quantile_disc(missed_days, 0.99), 1)::INTEGER AS usual_days
    FROM pauses
    WHERE missed_days IS NOT NULL
    GROUP BY device_id, unit_id
    HAVING count(*) >= 20
),

-- The day after the first working day too many.
limits AS (
    SELECT seen.device_id, seen.unit_id, min(too_late.day) - seen.last_on + 1 AS silent_after_days
    FROM seen
    JOIN rhythms ON rhythms.device_id = seen.device_id AND rhythms.unit_id = seen.unit_id
    JOIN facts.calendar AS calendar ON calendar.day = seen.last_on
    JOIN facts.calendar AS too_late
        ON too_late.open_no = calendar.open_no + rhythms.usual_days + 1 AND too_late.is_open
    GROUP BY seen.device_id, seen.unit_id, seen.last_on
),

-- Where no report says when a unit's images came, nobody can say that it is silent. A day that the report is ahead of
-- (it lists what came while it was made) is no day of silence.
watched AS (
    SELECT
        coalesce(known.device_id, seen.device_id) AS device_id,
        coalesce(known.unit_id, seen.unit_id) AS unit_id,
        seen.* EXCLUDE (device_id, unit_id),
        CASE WHEN seen.last_on IS NOT NULL THEN greatest(clock.today - seen.last_on, 0) END::BIGINT AS silent_days,
        known.in_use_to IS NULL OR known.in_use_to >= clock.today AS is_in_use,
        CASE
            WHEN known.unit_id IS NOT NULL AND (seen.unit_id IS NULL OR seen.last_on IS NOT NULL)
                THEN coalesce(known.fixed_days, limits.silent_after_days, 4)
        END::INTEGER AS silent_after_days
    FROM known
    FULL JOIN seen ON seen.device_id = known.device_id AND seen.unit_id = known.unit_id
    LEFT JOIN limits ON limits.device_id = seen.device_id AND limits.unit_id = seen.unit_id
    CROSS JOIN clock
)

SELECT
    device_id,
    unit_id,
    last_uploaded_at,
    coalesce(image_count, 0) AS image_count,
    coalesce(size_bytes, 0) AS size_bytes,
    coalesce(image_count_30_days, 0) AS image_count_30_days,
    silent_days,
    silent_after_days,
    silent_after_days IS NOT NULL AND is_in_use AND coalesce(silent_days >= silent_after_days, true) AS is_silent
FROM watched
ORDER BY device_id, unit_id
