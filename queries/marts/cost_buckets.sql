-- purpose: The bill by bucket, for the months that have an export; one row per month and bucket ('' = of no bucket, such
--   as tax).
-- columns: month, bucket, cost_usd, is_estimated
SELECT date_trunc('month', start_on)::DATE AS month, bucket, sum(cost_usd) AS cost_usd,
    bool_or(is_estimated) AS is_estimated
FROM facts.cost_lines
WHERE
    breakdown = 'usage' AND granularity = 'MONTHLY'
    AND strftime(start_on, '%Y-%m') IN (SELECT period FROM staging.cost_exports)
GROUP BY ALL
ORDER BY month, bucket
