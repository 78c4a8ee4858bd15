-- purpose: What the running month will come to: what is billed so far, and the mean of its last up to 7 complete days for
--   each day that is left, tax in the same proportion; no row where no month is running. Its last day is still growing.
-- params:  categories=NULL
-- columns: month, to_date_usd, complete_until, days_left, recent_day_usd, month_end_usd
WITH chosen AS (
    SELECT *
    FROM marts.cost_days
    WHERE ($categories IS NULL OR list_contains($categories, category))
),

running AS (
    SELECT max(month) AS month
    FROM marts.cost_months
    HAVING bool_or(is_estimated AND month = (SELECT max(month) FROM marts.cost_months))
),

days AS (
    SELECT
        billed_on,
        coalesce(sum(cost_usd) FILTER (category NOT IN ('tax', 'credit', 'refund')), 0) AS usage_usd,
        coalesce(sum(cost_usd) FILTER (category = 'tax'), 0) AS tax_usd,
        coalesce(sum(cost_usd) FILTER (category IN ('credit', 'refund')), 0) AS once_usd
    FROM chosen
    JOIN running ON chosen.billed_on >= running.month
    GROUP BY billed_on
),

last_day AS (SELECT max(billed_on) AS billed_on FROM days),

recent AS (
    SELECT avg(usage_usd)::DECIMAL(38, 10) AS usage_usd
    FROM (
        SELECT days.usage_usd
        FROM days, last_day
        WHERE days.billed_on < last_day.billed_on
        ORDER BY days.billed_on DESC
        LIMIT 7
    )
),

sums AS (
    SELECT
        sum(usage_usd) AS usage_usd,
        sum(usage_usd) FILTER (days.billed_on < last_day.billed_on) AS complete_usd,
        sum(tax_usd) AS tax_usd,
        sum(once_usd) AS once_usd,
        any_value(last_day.billed_on) - 1 AS complete_until
    FROM days, last_day
)

SELECT
    running.month,
    (sums.usage_usd + sums.tax_usd + sums.once_usd)::DECIMAL(38, 10) AS to_date_usd,
    sums.complete_until,
    last_day(running.month) - sums.complete_until AS days_left,
    recent.usage_usd AS recent_day_usd,
    (
        (sums.complete_usd + recent.usage_usd * (last_day(running.month) - sums.complete_until))
        * (1 + sums.tax_usd / nullif(sums.usage_usd, 0)) + sums.once_usd
    )::DECIMAL(38, 10) AS month_end_usd
FROM running, sums, recent
WHERE recent.usage_usd IS NOT NULL AND sums.complete_until >= running.month
