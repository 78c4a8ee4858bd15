-- purpose: Names and labels of current images by device and month of capture (else of upload) over the 14 months up to
--   `today`; one row per pair. A gap is an image not known to be labelled; its share is NULL without a label source.
-- params:  today=NULL, devices=NULL, reasons=NULL
-- columns: device_id, month, image_count, misnamed_count, misnamed_share, labelled_count, gap_count, gap_share
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

names AS (
    SELECT
        quality.device_id,
        quality.month,
        sum(quality.object_count)::BIGINT AS image_count,
        coalesce(sum(quality.object_count) FILTER (
            quality.reason <> '' AND ($reasons IS NULL OR list_contains($reasons, quality.reason))
        ), 0)::BIGINT AS misnamed_count
    FROM marts.quality AS quality, clock
    WHERE quality.month BETWEEN clock.first_month AND clock.today
      AND ($devices IS NULL OR list_contains($devices, quality.device_id))
    GROUP BY ALL
),

labels AS (
    SELECT
        device_id,
        month,
        sum(labelled_count)::BIGINT AS labelled_count,
        sum(image_count - labelled_count)::BIGINT AS gap_count,
        sum(image_count - labelled_count) / nullif(sum(image_count), 0) AS gap_share
    FROM marts.label_coverage
    GROUP BY ALL
)

SELECT
    names.device_id,
    names.month,
    names.image_count,
    names.misnamed_count,
    names.misnamed_count / nullif(names.image_count, 0) AS misnamed_share,
    labels.labelled_count,
    labels.gap_count,
    labels.gap_share
FROM names
LEFT JOIN labels ON labels.device_id = names.device_id AND labels.month = names.month
ORDER BY names.device_id, names.month
