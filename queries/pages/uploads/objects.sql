-- purpose: The images behind a number of the Uploads page, newest first; one row per current image. `unit` is
--   device/unit. Reads the reports themselves, so it is asked only when somebody wants the list.
-- params:  devices=NULL, unit=NULL, from_on=NULL, to_on=NULL, row_limit=50, row_offset=0
-- columns: source_bucket, key, device_id, unit_id, storage_class, size_bytes, uploaded_at, total_count
-- Counted by a scan of its own: a window over every row would hold all their keys at once.
WITH chosen AS NOT MATERIALIZED (
    SELECT *
    FROM facts.objects
    WHERE kind = 'image'
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($unit IS NULL OR device_id || '/' || unit_id = $unit)
      -- Days are the archive's; the bounds in UTC, a day wider, only spare reading what is far off.
      AND ($from_on IS NULL OR uploaded_hour >= $from_on::DATE AND uploaded_at >= $from_on::DATE - 1)
      AND ($to_on IS NULL OR uploaded_hour < $to_on::DATE + 1 AND uploaded_at < $to_on::DATE + 2)
)

SELECT
    source_bucket,
    key,
    device_id,
    unit_id,
    storage_class,
    size_bytes,
    uploaded_at,
    (SELECT count(*) FROM chosen) AS total_count
FROM chosen
ORDER BY uploaded_at DESC, source_bucket, key, version_id
LIMIT $row_limit OFFSET $row_offset
