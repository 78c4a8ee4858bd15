-- purpose: Names and labels by device, or with `by_unit` by unit, the worst first and no device last; one row
--   each, over all months. Trends
--   are the shares of the 14 months of capture (else upload) up to `today` that have images, oldest first. A gap is an
--   image not known to be labelled; its share is NULL without a label source.
-- params:  today=NULL, devices=NULL, reasons=NULL, by_unit=NULL
-- columns: device_id, unit_id, image_count, misnamed_count, misnamed_share, misnamed_trend, gap_count, gap_share, gap_trend
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

counted AS (
    SELECT
        device_id,
        unit_id,
        month,
        object_count AS image_count,
        CASE
            WHEN reason <> '' AND ($reasons IS NULL OR list_contains($reasons, reason)) THEN object_count ELSE 0
        END AS misnamed_count,
        0 AS asked_count,
        0 AS gap_count
    FROM marts.quality
    UNION ALL
    SELECT device_id, unit_id, month, 0, 0, image_count, image_count - labelled_count FROM marts.label_coverage
),

months AS (
    SELECT
        device_id,
        CASE WHEN $by_unit::BOOLEAN THEN unit_id ELSE '' END AS unit_id,
        month,
        sum(image_count) AS image_count,
        sum(misnamed_count) AS misnamed_count,
        sum(asked_count) AS asked_count,
        sum(gap_count) AS gap_count
    FROM counted
    WHERE ($devices IS NULL OR list_contains($devices, device_id))
    GROUP BY ALL
)

SELECT
    months.device_id,
    months.unit_id,
    sum(months.image_count)::BIGINT AS image_count,
    sum(months.misnamed_count)::BIGINT AS misnamed_count,
    sum(months.misnamed_count) / nullif(sum(months.image_count), 0) AS misnamed_share,
    coalesce(list(months.misnamed_count / nullif(months.image_count, 0) ORDER BY months.month) FILTER (
        months.month BETWEEN clock.first_month AND clock.today AND months.image_count > 0
    ), []) AS misnamed_trend,
    CASE WHEN sum(months.asked_count) > 0 THEN sum(months.gap_count) END::BIGINT AS gap_count,
    sum(months.gap_count) / nullif(sum(months.asked_count), 0) AS gap_share,
    coalesce(list(months.gap_count / nullif(months.asked_count, 0) ORDER BY months.month) FILTER (
        months.month BETWEEN clock.first_month AND clock.today AND months.asked_count > 0
    ), []) AS gap_trend
FROM months, clock
GROUP BY months.device_id, months.unit_id
ORDER BY
    months.device_id = 'unattributed', months.unit_id = '', misnamed_share DESC NULLS LAST, gap_share DESC NULLS LAST, months.device_id, months.unit_id
