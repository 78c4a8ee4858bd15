-- purpose: Cost per day of the last 30 days with a bill; one row per day (UTC). Yen are NULL where a month has no rate.
-- params:  categories=NULL
-- columns: billed_on, cost_usd, cost_jpy
SELECT billed_on, sum(cost_usd) AS cost_usd, (sum(cost_usd) * any_value(jpy_per_usd))::DECIMAL(38, 10) AS cost_jpy
FROM marts.cost_days
LEFT JOIN marts.exchange_rates ON month = date_trunc('month', billed_on)
WHERE billed_on > (SELECT max(billed_on) FROM marts.cost_days) - INTERVAL 30 DAY
  AND ($categories IS NULL OR list_contains($categories, category))
GROUP BY billed_on
ORDER BY billed_on
