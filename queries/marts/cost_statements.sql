-- purpose: What each month's bill was said to be, by which source, and what it was before it was restated; one row per
--   month, source and answer. An estimate and a final amount never share a column; `difference_usd` is against the
--   source's answer before. Where a month has an export, that is what counts (`is_current`), and Cost Explorer's stands
--   beside it. An estimate that became final was not restated.
-- columns: month, source, stated_at, estimated_usd, final_usd, is_current, former_usd, difference_usd
WITH stated AS (
    SELECT
        period,
        'cost_explorer' AS source,
        asked_at::TIMESTAMP AS stated_at,
        total_usd::DECIMAL(38, 10) AS total_usd,
        is_estimated,
        period NOT IN (SELECT period FROM staging.cost_exports) AS is_current,
        1 AS turn
    FROM raw.bills
    WHERE breakdown = 'usage' AND granularity = 'MONTHLY'
    UNION ALL
    SELECT period, 'cost_explorer', asked_at::TIMESTAMP, total_usd::DECIMAL(38, 10), is_estimated, false, 0
    FROM raw.restated_bills
    WHERE breakdown = 'usage' AND granularity = 'MONTHLY'
    UNION ALL
    SELECT period, 'export', asked_at, total_usd, is_estimated, is_current, 1
    FROM staging.cost_exports
),

compared AS (
    SELECT *, lag(CASE WHEN NOT is_estimated THEN total_usd END) OVER (PARTITION BY period, source ORDER BY turn, stated_at) AS former_usd
    FROM stated
)

SELECT
    (period || '-01')::DATE AS month,
    source,
    stated_at,
    CASE WHEN is_estimated THEN total_usd END AS estimated_usd,
    CASE WHEN NOT is_estimated THEN total_usd END AS final_usd,
    is_current,
    former_usd,
    total_usd - former_usd AS difference_usd
FROM compared
ORDER BY month, source, stated_at
