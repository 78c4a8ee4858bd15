-- purpose: Monthly cost by storage class; one row per month and class, '' for what belongs to no class.
-- columns: month, cost_class, cost_usd, is_estimated
SELECT
    month,
    storage_class AS cost_class,
    sum(cost_usd) AS cost_usd,
    bool_or(is_estimated) AS is_estimated
FROM marts.cost_months
WHERE month > (SELECT max(month) FROM marts.cost_months) - INTERVAL 12 MONTH
GROUP BY month, cost_class
ORDER BY month, cost_class
