-- purpose: The bill by month, newest first; one row per month with a bill.
-- columns: month, month_code, cost_usd, is_estimated
SELECT
    month,
    strftime(month, '%Y-%m') AS month_code,
    sum(cost_usd) AS cost_usd,
    bool_or(is_estimated) AS is_estimated
FROM marts.cost_months
GROUP BY month
ORDER BY month DESC
