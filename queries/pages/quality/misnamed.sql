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
)

SELECT
    misnamed.key,
    misnamed.reason,
    misnamed.device_id,
    misnamed.unit_id,
    misnamed.size_bytes,
    misnamed.uploaded_at,
    misnamed.captured_on,
    misnamed.storage_class,
    misnamed.source_bucket,
    count(*) OVER () AS total_count
FROM facts.misnamed AS misnamed, clock
WHERE ($devices IS NULL OR list_contains($devices, misnamed.device_id))
  AND ($reasons IS NULL OR list_contains($reasons, misnamed.reason))
  AND CASE
      WHEN $month IS NULL THEN true
      WHEN $month = 'other' THEN NOT coalesce(misnamed.month BETWEEN clock.first_month AND clock.today, false)
      ELSE misnamed.month = try_cast($month AS DATE)
  END
ORDER BY misnamed.uploaded_at DESC, misnamed.source_bucket, misnamed.key, misnamed.version_id
LIMIT $row_limit OFFSET $row_offset
