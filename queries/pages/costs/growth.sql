-- purpose: What each month but the running one was billed, cut into the series that a forecast carries on: storage by class, everything
--   else by kind. Credits and refunds come once and are in none; a series without a line in a month has 0; one row per
--   month and series, oldest first.
-- params:  categories=NULL
-- columns: month, series, cost_usd
WITH billed AS (
    SELECT
        month,
        CASE WHEN category = 'storage' AND storage_class <> '' THEN storage_class ELSE category END AS series,
        sum(cost_usd) AS cost_usd
    FROM marts.cost_months
    WHERE
        category NOT IN ('credit', 'refund')
        AND ($categories IS NULL OR list_contains($categories, category))
        AND month NOT IN (
            SELECT month FROM marts.cost_months WHERE is_estimated AND month = (SELECT max(month) FROM marts.cost_months)
        )
    GROUP BY ALL
)

SELECT months.month, series.series, coalesce(billed.cost_usd, 0)::DECIMAL(38, 10) AS cost_usd
FROM (SELECT DISTINCT month FROM billed) AS months
CROSS JOIN (SELECT DISTINCT series FROM billed) AS series
LEFT JOIN billed ON billed.month = months.month AND billed.series = series.series
ORDER BY months.month, series.series
