-- purpose: The bill by day, in UTC as it is billed; one row per day, service, usage type and operation.
-- columns: billed_on, service, usage_type, operation, category, storage_class, cost_usd, usage_amount, usage_unit,
--   is_estimated
SELECT start_on AS billed_on, service, usage_type, operation, category, storage_class, sum(cost_usd) AS cost_usd,
    sum(usage_amount) AS usage_amount, usage_unit, bool_or(is_estimated) AS is_estimated
FROM facts.cost_lines
WHERE breakdown = 'usage' AND granularity = 'DAILY'
GROUP BY ALL
ORDER BY billed_on, service, usage_type, operation
