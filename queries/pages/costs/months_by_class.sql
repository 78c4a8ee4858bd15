-- purpose: Monthly cost by storage class; one row per month and class, '' for what is not billed to a class.
-- params:  categories=NULL
-- columns: month, cost_class, cost_usd, is_estimated
SELECT
    month,
    storage_class AS cost_class,
    sum(cost_usd) AS cost_usd,
    bool_or(is_estimated) AS is_estimated
FROM marts.cost_months
WHERE ($categories IS NULL OR list_contains($categories, category))
GROUP BY ALL
ORDER BY month, cost_class
