-- purpose: Monthly cost by billed service; one row per month and service.
-- params:  categories=NULL
-- columns: month, service, cost_usd, cost_jpy, is_estimated
SELECT
    month,
    service,
    sum(cost_usd) AS cost_usd,
    (sum(cost_usd) * any_value(jpy_per_usd))::DECIMAL(38, 10) AS cost_jpy,
    bool_or(is_estimated) AS is_estimated
FROM marts.cost_months
LEFT JOIN marts.exchange_rates USING (month)
WHERE ($categories IS NULL OR list_contains($categories, category))
GROUP BY ALL
ORDER BY month, service
