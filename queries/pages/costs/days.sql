-- purpose: The bill by day of the newest month and the one before; one row per UTC day and category.
-- params:  categories=NULL
-- columns: billed_on, category, cost_usd
SELECT
    billed_on,
    category,
    sum(cost_usd) AS cost_usd
FROM marts.cost_days
WHERE billed_on >= (SELECT date_trunc('month', max(billed_on)) FROM marts.cost_days) - INTERVAL 1 MONTH
  AND ($categories IS NULL OR list_contains($categories, category))
GROUP BY ALL
ORDER BY billed_on, category
