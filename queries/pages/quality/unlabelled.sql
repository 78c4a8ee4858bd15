-- purpose: Current images that are not known to be labelled, newest first; one row per image. `label_state` tells an
--   image without a label from one whose tags were not read in its present form. `month` is a first day, or 'other' for
--   everything outside the 14 months up to `today`. Reads the reports themselves, so it is asked only for the list.
-- params:  today=NULL, devices=NULL, units=NULL, month=NULL, row_limit=50, row_offset=0
-- columns: key, label_state, device_id, unit_id, size_bytes, uploaded_at, storage_class, source_bucket, total_count
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

images AS NOT MATERIALIZED (
    SELECT
        *,
        date_trunc('month', coalesce(try_strptime(nullif(captured_day, ''), '%Y%m%d'), uploaded_hour))::DATE AS month
    FROM facts.objects
    WHERE kind = 'image'
      AND ($devices IS NULL OR list_contains($devices, device_id))
      AND ($units IS NULL OR list_contains($units, unit_id))
),

-- Sources that ask each object by itself, the buckets of those whose silence is no answer yet, and whether any other
-- source was read: the same rule as in marts.label_coverage.
readers AS (
    SELECT
        coalesce(list(source_id) FILTER (is_per_object), []) AS source_ids,
        coalesce(list(buckets) FILTER (is_per_object OR NOT is_read), []) AS asked,
        coalesce(bool_or(NOT is_per_object AND is_read), false) AS has_files
    FROM marts.label_sources
),

-- Counted by a scan of its own: a window over every row would hold all their keys at once.
chosen AS NOT MATERIALIZED (
    SELECT
        images.*,
        CASE
            WHEN coalesce(list_has_any(labels.source_ids, readers.source_ids), false) THEN 'unlabelled'
            WHEN NOT readers.has_files THEN 'unread'
            WHEN len(list_filter(
                readers.asked, lambda buckets: buckets = [] OR list_contains(buckets, images.source_bucket)
            )) > 0
                THEN 'unread'
            ELSE 'unlabelled'
        END AS label_state
    FROM images
    CROSS JOIN clock
    CROSS JOIN readers
    LEFT JOIN facts.labels AS labels
        ON
            labels.source_bucket = images.source_bucket
            AND labels.key = images.key
            AND (labels.version_id = '' OR labels.version_id = images.version_id)
            AND (labels.e_tag = '' OR labels.e_tag = images.e_tag OR images.e_tag = '')
    WHERE NOT coalesce(labels.is_labelled, false)
      AND CASE
          WHEN $month IS NULL THEN true
          WHEN $month = 'other' THEN NOT coalesce(images.month BETWEEN clock.first_month AND clock.today, false)
          ELSE images.month = try_cast($month AS DATE)
      END
)

SELECT
    key,
    label_state,
    device_id,
    unit_id,
    size_bytes,
    uploaded_at,
    storage_class,
    source_bucket,
    (SELECT count(*) FROM chosen) AS total_count
FROM chosen
ORDER BY uploaded_at DESC, source_bucket, key, version_id
LIMIT $row_limit OFFSET $row_offset
