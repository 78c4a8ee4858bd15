-- purpose: The key figures of uploads; exactly one row. Current images only; "30 days" end with `today`, the data's day
--   on the archive's clock, and "before" is the 30 days before those.
-- params:  today=NULL, devices=NULL
-- columns: object_count, object_count_before, size_bytes, size_bytes_before, undated_count, newest_at, newest_days,
--   unit_count, silent_count
WITH clock AS (
    SELECT coalesce($today::DATE, report_at::DATE) AS today FROM meta.snapshot
),

images AS (
    SELECT uploads.uploaded_on, uploads.object_count, uploads.size_bytes, clock.today
    FROM marts.uploads AS uploads, clock
    WHERE uploads.kind = 'image' AND ($devices IS NULL OR list_contains($devices, uploads.device_id))
),

counted AS (
    SELECT
        coalesce(sum(object_count) FILTER (uploaded_on > today - 30), 0)::BIGINT AS object_count,
        coalesce(sum(object_count) FILTER (uploaded_on > today - 60 AND uploaded_on <= today - 30), 0)::BIGINT
            AS object_count_before,
        coalesce(sum(size_bytes) FILTER (uploaded_on > today - 30), 0)::BIGINT AS size_bytes,
        coalesce(sum(size_bytes) FILTER (uploaded_on > today - 60 AND uploaded_on <= today - 30), 0)::BIGINT
            AS size_bytes_before,
        coalesce(sum(object_count) FILTER (uploaded_on IS NULL), 0)::BIGINT AS undated_count
    FROM images
),

units AS (
    SELECT
        max(last_uploaded_at) AS newest_at,
        min(silent_days)::BIGINT AS newest_days,
        count(*) FILTER (silent_after_days IS NOT NULL) AS unit_count,
        count(*) FILTER (is_silent) AS silent_count
    FROM marts.units
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
)

SELECT
    counted.object_count,
    counted.object_count_before,
    counted.size_bytes,
    counted.size_bytes_before,
    counted.undated_count,
    units.newest_at,
    units.newest_days,
    units.unit_count,
    units.silent_count
FROM counted, units
