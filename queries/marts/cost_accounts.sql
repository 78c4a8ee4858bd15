-- purpose: The bill by linked account; one row per month and account.
-- columns: month, account_id, cost_usd, is_estimated
SELECT start_on AS month, account_id, sum(cost_usd) AS cost_usd, bool_or(is_estimated) AS is_estimated
FROM facts.cost_lines
WHERE breakdown = 'account' AND granularity = 'MONTHLY'
GROUP BY ALL
ORDER BY month, account_id
