-- purpose: Monthly cost by the device whose images caused it, tax and everything else that no device caused; one row per
--   month and device or rest.
-- params:  categories=NULL
-- columns: month, cost_owner, cost_usd, cost_jpy, is_estimated
SELECT
    month,
    CASE WHEN part = 'device' THEN device_id WHEN part = 'tax' THEN 'part:tax' ELSE 'part:rest' END AS cost_owner,
    sum(cost_usd) AS cost_usd,
    (sum(cost_usd) * any_value(jpy_per_usd))::DECIMAL(38, 10) AS cost_jpy,
    bool_or(is_estimated) AS is_estimated
FROM marts.cost_shares
LEFT JOIN marts.exchange_rates USING (month)
WHERE ($categories IS NULL OR list_contains($categories, category))
GROUP BY ALL
ORDER BY month, cost_owner
