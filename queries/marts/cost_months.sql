-- purpose: The bill by month; one row per month, service, usage type and operation.
-- columns: month, service, usage_type, operation, category, storage_class, cost_usd, usage_amount, usage_unit,
--   is_estimated
SELECT start_on AS month, service, usage_type, operation, category, storage_class, sum(cost_usd) AS cost_usd,
    sum(usage_amount) AS usage_amount, usage_unit, bool_or(is_estimated) AS is_estimated
FROM facts.cost_lines
WHERE breakdown = 'usage' AND granularity = 'MONTHLY'
GROUP BY ALL
ORDER BY month, service, usage_type, operation
