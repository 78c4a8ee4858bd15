-- purpose: Monthly cost by storage class; one row per month and class, '' for what belongs to no class. Yen are NULL where a
--   month has no rate.
-- params:  categories=NULL
-- columns: month, cost_class, cost_usd, cost_jpy, is_estimated
SELECT
    month,
    storage_class AS cost_class,
    sum(cost_usd) AS cost_usd,
    (sum(cost_usd) * any_value(jpy_per_usd))::DECIMAL(38, 10) AS cost_jpy,
    bool_or(is_estimated) AS is_estimated
FROM marts.cost_months
LEFT JOIN marts.exchange_rates USING (month)
WHERE month > (SELECT max(month) FROM marts.cost_months) - INTERVAL 12 MONTH
  AND ($categories IS NULL OR list_contains($categories, category))
GROUP BY month, cost_class
ORDER BY month, cost_class
