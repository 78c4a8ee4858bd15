-- purpose: Months to choose a list's images from, newest first: the 14 up to `today` that have images, then 'other' if
--   any image lies outside of them; one row per choice, `first_on` is NULL for 'other'.
-- params:  today=NULL
-- columns: month, first_on, image_count
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

placed AS (
    SELECT
        CASE WHEN quality.month BETWEEN clock.first_month AND clock.today THEN quality.month END AS first_on,
        quality.object_count
    FROM marts.quality AS quality, clock
)

SELECT
    coalesce(strftime(first_on, '%Y-%m-%d'), 'other') AS month,
    first_on,
    sum(object_count)::BIGINT AS image_count
FROM placed
GROUP BY first_on
ORDER BY first_on DESC NULLS LAST
