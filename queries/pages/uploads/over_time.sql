-- purpose: Current images by time of upload and device; one row per device and day of a period of up to 62 days, else
--   per device and month, empty ones included. A click leads to the filter `link_name` = `link_code`, which names
--   no day outside the period.
-- params:  today=NULL, devices=NULL, from_on=NULL, to_on=NULL
-- columns: first_on, device_id, object_count, size_bytes, link_name, link_code
WITH images AS (
    SELECT uploads.device_id, uploads.uploaded_on, uploads.object_count, uploads.size_bytes
    FROM marts.uploads AS uploads
    WHERE uploads.kind = 'image'
      AND uploads.uploaded_on IS NOT NULL
      AND ($devices IS NULL OR list_contains($devices, uploads.device_id))
      AND ($from_on IS NULL OR uploads.uploaded_on >= $from_on::DATE)
      AND ($to_on IS NULL OR uploads.uploaded_on <= $to_on::DATE)
),

bounds AS (
    SELECT
        coalesce($from_on::DATE, (SELECT min(uploaded_on) FROM images)) AS from_on,
        coalesce($to_on::DATE, $today::DATE, (SELECT max(uploaded_on) FROM images)) AS to_on,
        CASE WHEN $to_on::DATE - $from_on::DATE < 62 THEN 'day' ELSE 'month' END AS grain
),

-- Every day of the period, so that a day or month without an upload has its place.
days AS (
    SELECT
        unnest(generate_series(from_on::TIMESTAMP, to_on::TIMESTAMP, INTERVAL 1 DAY))::DATE AS uploaded_on, grain,
        from_on, to_on
    FROM bounds
),

placed AS (
    SELECT
        CASE grain WHEN 'day' THEN uploaded_on ELSE date_trunc('month', uploaded_on)::DATE END AS first_on,
        uploaded_on,
        CASE grain WHEN 'day' THEN 'day' ELSE 'period' END AS link_name,
        CASE grain
            WHEN 'day' THEN strftime(uploaded_on, '%Y-%m-%d')
            ELSE
                strftime(greatest(date_trunc('month', uploaded_on)::DATE, from_on), '%Y-%m-%d') || '..'
                || strftime(least(last_day(uploaded_on), to_on), '%Y-%m-%d')
        END AS link_code
    FROM days
),

devices AS (
    SELECT DISTINCT device_id FROM images
)

SELECT
    placed.first_on,
    devices.device_id,
    coalesce(sum(images.object_count), 0)::BIGINT AS object_count,
    coalesce(sum(images.size_bytes), 0)::BIGINT AS size_bytes,
    placed.link_name,
    placed.link_code
FROM placed
CROSS JOIN devices
LEFT JOIN images ON images.uploaded_on = placed.uploaded_on AND images.device_id = devices.device_id
GROUP BY placed.first_on, devices.device_id, placed.link_name, placed.link_code
ORDER BY placed.first_on, devices.device_id
