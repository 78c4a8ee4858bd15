-- purpose: What Cost Explorer says each coming whole month will cost; one row per month, or a single one without a month
--   (`is_available` false) where it has too little to go by.
-- columns: month, mean_usd, low_usd, high_usd, asked_at, is_available
SELECT month, mean_usd, low_usd, high_usd, asked_at, true AS is_available
FROM staging.cost_forecast
UNION ALL
SELECT NULL, NULL, NULL, NULL, asked_at::TIMESTAMP, false
FROM raw.cost_forecast
WHERE NOT is_available
ORDER BY month
