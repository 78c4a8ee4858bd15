-- purpose: Monthly cost by what the money was spent on; one row per month and category.
-- params:  categories=NULL
-- columns: month, category, cost_usd, cost_jpy, is_estimated
SELECT
    month,
    category,
    sum(cost_usd) AS cost_usd,
    (sum(cost_usd) * any_value(jpy_per_usd))::DECIMAL(38, 10) AS cost_jpy,
    bool_or(is_estimated) AS is_estimated
FROM marts.cost_months
LEFT JOIN marts.exchange_rates USING (month)
WHERE ($categories IS NULL OR list_contains($categories, category))
GROUP BY ALL
ORDER BY month, category
