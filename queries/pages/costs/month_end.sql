-- purpose: What the running month will come to: what is billed so far, and the mean of its last up to 7 complete days for
--   each day that is left, tax in the same proportion; no row where no month is running. Its last day is still growing.
-- params:  categories=NULL
-- columns: month, to_date_usd, complete_until, days_left, recent_day_usd, month_end_usd
WITH running AS (
    SELECT max(month) AS month
    FROM marts.cost_months
    HAVING max(month) = max(month) FILTER (is_estimated)
),

days AS (
    SELECT
        running.month,
        billed_on,
        coalesce(sum(cost_usd) FILTER (category NOT IN ('tax', 'credit', 'refund')), 0) AS usage_usd,
        coalesce(sum(cost_usd) FILTER (category = 'tax'), 0) AS tax_usd,
        coalesce(sum(cost_usd) FILTER (category IN ('credit', 'refund')), 0) AS once_usd,
        row_number() OVER (ORDER BY billed_on DESC) AS place
    FROM marts.cost_days
    JOIN running ON billed_on >= running.month
    WHERE ($categories IS NULL OR list_contains($categories, category))
    GROUP BY running.month, billed_on
),

sums AS (
    SELECT
        month,
        sum(usage_usd) AS usage_usd,
        sum(usage_usd) FILTER (place > 1) AS complete_usd,
        sum(tax_usd) AS tax_usd,
        sum(once_usd) AS once_usd,
        max(billed_on) - 1 AS complete_until,
        last_day(month) - max(billed_on) + 1 AS days_left,
        (avg(usage_usd) FILTER (place BETWEEN 2 AND 8))::DECIMAL(38, 10) AS recent_usd
    FROM days
    GROUP BY month
)

SELECT
    month,
    (usage_usd + tax_usd + once_usd)::DECIMAL(38, 10) AS to_date_usd,
    complete_until,
    days_left,
    recent_usd AS recent_day_usd,
    (
        (complete_usd + recent_usd * days_left) * (1 + tax_usd / nullif(usage_usd, 0)) + once_usd
    )::DECIMAL(38, 10) AS month_end_usd
FROM sums
WHERE recent_usd IS NOT NULL AND complete_until >= month
