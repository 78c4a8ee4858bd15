-- purpose: What each month's bill was said to be, the newest answer and those that were final before it was restated;
--   one row per month and answer. An estimate and a final amount never share a column; `difference_usd` is against the
--   answer before.
-- columns: month, stated_at, estimated_usd, final_usd, is_current, former_usd, difference_usd
WITH stated AS (
    SELECT
        (period || '-01')::DATE AS month,
        asked_at::TIMESTAMP AS stated_at,
        total_usd::DECIMAL(38, 10) AS total_usd,
        is_estimated,
        true AS is_current
    FROM raw.bills
    WHERE breakdown = 'usage' AND granularity = 'MONTHLY'
    UNION ALL
    SELECT (period || '-01')::DATE, asked_at::TIMESTAMP, total_usd::DECIMAL(38, 10), is_estimated, false
    FROM raw.restated_bills
    WHERE breakdown = 'usage' AND granularity = 'MONTHLY'
),

compared AS (
    SELECT *, lag(total_usd) OVER (PARTITION BY month ORDER BY is_current, stated_at) AS former_usd
    FROM stated
)

SELECT
    month,
    stated_at,
    CASE WHEN is_estimated THEN total_usd END AS estimated_usd,
    CASE WHEN NOT is_estimated THEN total_usd END AS final_usd,
    is_current,
    former_usd,
    total_usd - former_usd AS difference_usd
FROM compared
ORDER BY month, stated_at
