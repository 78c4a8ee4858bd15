-- purpose: Current images whose name breaks the grammar, newest first; one row per image. `month` is a first day, or
--   'other' for everything outside the 14 months up to `today`.
-- params:  today=NULL, devices=NULL, reasons=NULL, month=NULL, row_limit=50, row_offset=0
-- columns: key, reason, device_id, unit_id, size_bytes, uploaded_at, captured_on, storage_class, source_bucket,
--   total_count
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

-- Counted apart: a window over every row would carry all their keys along to show a page of them.
chosen AS NOT MATERIALIZED (
    SELECT misnamed.*
    FROM facts.misnamed AS misnamed, clock
    WHERE ($devices IS NULL OR list_contains($devices, misnamed.device_id))
      AND ($reasons IS NULL OR list_contains($reasons, misnamed.reason))
      AND CASE
          WHEN $month IS NULL THEN true
          WHEN $month = 'other' THEN NOT coalesce(misnamed.month BETWEEN clock.first_month AND clock.today, false)
          ELSE misnamed.month = try_cast($month AS DATE)
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
    (SELECT count(*) FROM chosen) AS total_count
FROM chosen
ORDER BY uploaded_at DESC, source_bucket, key, version_id
LIMIT $row_limit OFFSET $row_offset
