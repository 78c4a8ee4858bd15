-- purpose: The bill by day of the newest month and the one before; one row per UTC day and category.
-- params:  categories=NULL
-- columns: billed_on, category, cost_usd, cost_jpy
SELECT
    billed_on,
    category,
    sum(cost_usd) AS cost_usd,
    (sum(cost_usd) * any_value(jpy_per_usd))::DECIMAL(38, 10) AS cost_jpy
FROM marts.cost_days
LEFT JOIN marts.exchange_rates AS rates ON rates.month = date_trunc('month', billed_on)
WHERE billed_on >= (SELECT date_trunc('month', max(billed_on)) FROM marts.cost_days) - INTERVAL 1 MONTH
  AND ($categories IS NULL OR list_contains($categories, category))
GROUP BY ALL
ORDER BY billed_on, category
