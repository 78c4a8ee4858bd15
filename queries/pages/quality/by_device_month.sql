-- purpose: Names and labels of current images by device and month of capture (else of upload) over the 14 months up to
--   `today`; one row per pair, or with `by_unit` per unit and month. A gap is an image not known to be labelled; its share is
--   NULL without a label source. The ranks put the worst device or unit of all 14
--   months first, and no device last.
-- params:  today=NULL, devices=NULL, reasons=NULL, by_unit=NULL
-- columns: device_id, unit_id, month, image_count, misnamed_count, misnamed_share, labelled_count, gap_count, gap_share,
--   misnamed_rank, gap_rank
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

names AS (
    SELECT
        quality.device_id,
        CASE WHEN $by_unit::BOOLEAN THEN quality.unit_id ELSE '' END AS unit_id,
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
        CASE WHEN $by_unit::BOOLEAN THEN unit_id ELSE '' END AS unit_id,
        month,
        sum(image_count)::BIGINT AS image_count,
        sum(labelled_count)::BIGINT AS labelled_count,
        sum(image_count - labelled_count)::BIGINT AS gap_count,
        sum(image_count - labelled_count) / nullif(sum(image_count), 0) AS gap_share
    FROM marts.label_coverage
    GROUP BY ALL
),

cells AS (
    SELECT
        names.*,
        labels.labelled_count,
        labels.gap_count,
        labels.gap_share,
        sum(names.misnamed_count) OVER place / nullif(sum(names.image_count) OVER place, 0) AS place_misnamed_share,
        sum(labels.gap_count) OVER place / nullif(sum(labels.image_count) OVER place, 0) AS place_gap_share
    FROM names
    LEFT JOIN labels
        ON labels.device_id = names.device_id AND labels.unit_id = names.unit_id AND labels.month = names.month
    WINDOW place AS (PARTITION BY names.device_id, names.unit_id)
)

SELECT
    device_id,
    unit_id,
    month,
    image_count,
    misnamed_count,
    misnamed_count / nullif(image_count, 0) AS misnamed_share,
    labelled_count,
    gap_count,
    gap_share,
    dense_rank() OVER (
        ORDER BY device_id = 'unattributed', unit_id = '', place_misnamed_share DESC NULLS LAST, device_id, unit_id
    ) AS misnamed_rank,
    dense_rank() OVER (
        ORDER BY device_id = 'unattributed', unit_id = '', place_gap_share DESC NULLS LAST, device_id, unit_id
    ) AS gap_rank
FROM cells
ORDER BY device_id, unit_id, month
