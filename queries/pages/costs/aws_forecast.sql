-- purpose: What Cost Explorer itself says the coming months will cost; one row per month, one without a month if it cannot.
-- columns: month, mean_usd, low_usd, high_usd, asked_at, is_available
SELECT month, mean_usd, low_usd, high_usd, asked_at, is_available
FROM marts.cost_forecast
ORDER BY month
