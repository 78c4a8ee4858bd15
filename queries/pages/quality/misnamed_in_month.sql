-- purpose: Misnamed current images of one month, newest first; one row per image. `month` is a first day, or 'other' for
--   everything outside the 14 months up to `today`. Reads the reports themselves, so it is asked only for the list.
-- params:  month, today=NULL, devices=NULL, reasons=NULL, row_limit=50, row_offset=0
-- columns: key, reason, device_id, unit_id, size_bytes, uploaded_at, captured_on, storage_class, source_bucket,
--   total_count
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

-- marts.quality takes the month from the name only where the whole name matches, else from the upload.
dated AS (
    SELECT
        source_bucket,
        key,
        version_id,
        date_trunc('month', coalesce(try_strptime(nullif(captured_day, ''), '%Y%m%d'), uploaded_hour))::DATE AS month
    FROM facts.objects
    WHERE kind = 'image' AND NOT is_name_good
),

listed AS (
    SELECT dated.source_bucket, dated.key, dated.version_id
    FROM dated, clock
    WHERE CASE
        WHEN $month = 'other' THEN NOT coalesce(dated.month BETWEEN clock.first_month AND clock.today, false)
        ELSE dated.month = try_cast($month AS DATE)
    END
)

SELECT
    key,
    reason,
    device_id,
    unit_id,
    size_bytes,
    uploaded_at,
    captured_on,
    storage_class,
    source_bucket,
    count(*) OVER () AS total_count
FROM facts.misnamed AS misnamed
WHERE ($devices IS NULL OR list_contains($devices, device_id))
  AND ($reasons IS NULL OR list_contains($reasons, reason))
  AND (source_bucket, key, version_id) IN (SELECT (source_bucket, key, version_id) FROM listed)
ORDER BY uploaded_at DESC, source_bucket, key, version_id
LIMIT $row_limit OFFSET $row_offset
