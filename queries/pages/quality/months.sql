-- purpose: Months to choose a list's images from, newest first: the 14 up to `today` that have images, then 'other' if
--   any image lies outside of them; one row per choice.
-- params:  today=NULL
-- columns: month, object_count
WITH clock AS (
    SELECT
        coalesce($today::DATE, report_at::DATE) AS today,
        date_trunc('month', coalesce($today::DATE, report_at::DATE)) - INTERVAL 13 MONTH AS first_month
    FROM meta.snapshot
),

placed AS (
    SELECT
        CASE
            WHEN quality.month BETWEEN clock.first_month AND clock.today THEN strftime(quality.month, '%Y-%m-%d')
            ELSE 'other'
        END AS month,
        quality.object_count
    FROM marts.quality AS quality, clock
)

SELECT month, sum(object_count)::BIGINT AS object_count
FROM placed
GROUP BY month
ORDER BY nullif(month, 'other') DESC NULLS LAST
