-- purpose: Monthly cost by billed service; one row per month and service.
-- params:  categories=NULL
-- columns: month, service, cost_usd, is_estimated
SELECT
    month,
    service,
    sum(cost_usd) AS cost_usd,
    bool_or(is_estimated) AS is_estimated
FROM marts.cost_months
WHERE ($categories IS NULL OR list_contains($categories, category))
GROUP BY ALL
ORDER BY month, service
