-- purpose: Days on which a unit's counter skipped, repeated or began again, for the devices whose settings say how it
--   runs; one row per device, unit and day with such a fault. The files of one stem (a raw image and its JPEG) share
--   their number and count once.
-- columns: device_id, unit_id, taken_on, missing_count, repeated_count, is_wrap, last_taken_at
WITH good AS (
    SELECT counted_device(key) AS device_id, key
    FROM staging.objects
    WHERE counted_device(key) <> '' AND is_latest AND NOT is_delete_marker AND size_bytes IS DISTINCT FROM 0
),

parsed AS (
    SELECT device_id, key, counted_parts(device_id, key) AS counted, parse_key(key) AS parts FROM good
),

parsed_once AS (SELECT parsed.* FROM parsed CROSS JOIN (SELECT 1 AS one) AS barrier),

-- Behind the time of day there may be something else before the number: FC1_20261120_101500_右眼_0007.JPG.
told AS (
    SELECT
        image_no,
        right_device_id AS device_id,
        name_unit_id,
        name_time,
        CASE
            WHEN ends_in_number(right_device_id) AND length(last_number_text) = number_width(right_device_id)
                THEN last_number_text
            ELSE number_text
        END AS number_text
    FROM facts.proposals
),

-- An image whose name is off the rule for another reason still has its number.
numbered AS (
    SELECT DISTINCT
        device_id,
        counted.unit_id AS unit_id,
        counted_time(device_id, counted.taken) AS taken_at,
        try_cast(counted.number AS BIGINT) AS number
    FROM parsed_once
    WHERE coalesce(counted.number, '') <> '' AND is_consistent(device_id, parts, captured_day_of(device_id, parts))
    UNION
    SELECT told.device_id, told.name_unit_id, told.name_time, try_cast(told.number_text AS BIGINT)
    FROM told
    JOIN raw.devices AS devices ON devices.device_id = told.device_id
    JOIN facts.unjudged AS unjudged USING (image_no)
    WHERE
        devices.sequence <> 'none'
        AND told.name_unit_id <> ''
        AND length(told.number_text) = number_width(told.device_id)
        AND told.name_time::DATE BETWEEN devices.in_use_from
        AND least(coalesce(devices.in_use_to, unjudged.reported_on + 1), unjudged.reported_on + 1)
),

followed AS (
    SELECT
        numbered.*,
        numbered.taken_at::DATE AS taken_on,
        devices.sequence,
        devices.sequence_last AS last_number,
        numbered.number - lag(numbered.number) OVER (
            PARTITION BY numbered.device_id, CASE WHEN devices.sequence = 'running' THEN '' ELSE numbered.unit_id END
            ORDER BY numbered.taken_at, numbered.number
        ) AS step
    FROM numbered
    JOIN raw.devices AS devices ON devices.device_id = numbered.device_id
    WHERE numbered.number IS NOT NULL
),

-- A counter that falls by more than half of its numbers has begun again, with 0 or with 1.
judged AS (
    SELECT
        *,
        coalesce(sequence <> 'per_day' AND step < -(last_number + 1) // 2, false) AS is_wrap,
        last_number - (number - step) + greatest(number - 1, 0) AS wrap_gap
    FROM followed
),

-- A running counter that moves on by more than a hundred was set anew; what lies between was never taken.
daily AS (
    SELECT
        device_id,
        unit_id,
        taken_on,
        max(taken_at) AS last_taken_at,
        CASE
            WHEN sequence = 'per_day' THEN max(number) - count(DISTINCT number) FILTER (number > 0)
            ELSE coalesce(sum(step - 1) FILTER (step BETWEEN 2 AND 100), 0)
                + coalesce(sum(wrap_gap) FILTER (is_wrap AND wrap_gap BETWEEN 1 AND 99), 0)
        END::BIGINT AS missing_count,
        CASE
            WHEN sequence = 'per_day' THEN count(*) - count(DISTINCT number)
            ELSE count(*) FILTER (step = 0)
        END::BIGINT AS repeated_count,
        bool_or(is_wrap) AS is_wrap
    FROM judged
    GROUP BY device_id, unit_id, taken_on, sequence
)

SELECT device_id, unit_id, taken_on, missing_count, repeated_count, is_wrap, last_taken_at
FROM daily
WHERE missing_count > 0 OR repeated_count > 0 OR is_wrap
