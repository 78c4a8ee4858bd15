-- purpose: Cost per day of the last 30 days with a bill; one row per day (UTC).
-- columns: billed_on, cost_usd
SELECT billed_on, sum(cost_usd) AS cost_usd
FROM marts.cost_days
WHERE billed_on > (SELECT max(billed_on) FROM marts.cost_days) - INTERVAL 30 DAY
GROUP BY billed_on
ORDER BY billed_on
