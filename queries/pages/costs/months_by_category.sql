-- purpose: Monthly cost by what the money was spent on; one row per month and category.
-- params:  categories=NULL
-- columns: month, category, cost_usd, is_estimated
SELECT
    month,
    category,
    sum(cost_usd) AS cost_usd,
    bool_or(is_estimated) AS is_estimated
FROM marts.cost_months
WHERE ($categories IS NULL OR list_contains($categories, category))
GROUP BY ALL
ORDER BY month, category
